import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startStandIns } from '../support/stand-ins.js'
import { makeSandbox } from '../support/sandbox.js'

describe('lazycred config', () => {
  it('shows what stands in the file that is in force, and which it is', async () => {
    const sandbox = await makeSandbox({ LAZYCRED_S3_PATH: 'not-this/' })
    const fields = { s3_path: 'bucket/', key_alias: 'lazy', region: 'us-east-1', bind_names: true }
    const source = await sandbox.write('.lazycred', JSON.stringify(fields))
    const { status, stdout, stderr } = await sandbox.lazycred(['config'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(JSON.parse(stdout.toString())).toEqual({ source, ...fields })
  })

  it('shows what the variables say, and nothing of credentials', async () => {
    const { s3, kms, sandbox } = await startStandIns()
    const { status, stdout } = await sandbox.lazycred(['config'], { env: { LAZYCRED_TRUSTED_KEYS: 'lazy, old' } })
    expect(status).toBe(0)
    expect(JSON.parse(stdout.toString())).toEqual({
      source: 'the environment',
      s3_path: 'vault/team/',
      key_alias: 'lazy',
      region: 'us-east-1',
      trusted_keys: ['lazy', 'old'],
    })
    expect([...s3.requests, ...kms.requests]).toEqual([])
  })

  it('shows what would hide, turn round or steer a terminal, and reads back the same', async () => {
    const sandbox = await makeSandbox()
    const odd = 'a\u202eb\u200bc\u2028d\ufeffe\u{e0041}f'
    const fields = {
      s3_path: `bucket/${odd}`,
      key_alias: 'lazy',
      region: 'us-east-1',
      encryption_context: { [odd]: odd },
    }
    const source = await sandbox.write('.lazycred', JSON.stringify(fields))
    const stdout = (await sandbox.lazycred(['config'])).stdout.toString()
    expect(stdout).toMatch(/^[\n -~]+$/)
    expect(JSON.parse(stdout)).toEqual({ source, ...fields })
  })

  it('tells of one that is missing, or named and wrong, with status 4', async () => {
    const sandbox = await makeSandbox()
    expect(await sandbox.lazycred(['config'])).toMatchObject({ status: 4, stdout: Buffer.alloc(0) })
    const { status, stderr } = await sandbox.lazycred(['--config', 'nowhere', 'config'])
    expect({ status, told: stderr.includes(join(sandbox.cwd, 'nowhere')) }).toEqual({ status: 4, told: true })
  })
})

describe('the fields that bind and pin, as variables', () => {
  it('are said to count for nothing beside a file that does not have them', async () => {
    const sandbox = await makeSandbox({ LAZYCRED_BIND_NAMES: 'true', LAZYCRED_BUCKET_OWNER: '1' })
    const file = await sandbox.write('.lazycred', '{"local": "vault", "bind_names": false}')
    const stderr = `WARNING:LazyCredLogger:${file} is the whole configuration: LAZYCRED_BUCKET_OWNER counts for nothing\n`
    expect(await sandbox.lazycred(['put', 'db'], { input: 'value' })).toMatchObject({ status: 0, stderr })
    expect(await sandbox.lazycred(['config'])).toMatchObject({ status: 0, stderr })
  })

  it.each([
    ['LAZYCRED_BIND_NAMES', 'perhaps', 'LAZYCRED_BIND_NAMES must be true or false'],
    ['LAZYCRED_ENCRYPTION_CONTEXT', 'app=web', 'LAZYCRED_ENCRYPTION_CONTEXT must be JSON'],
    ['LAZYCRED_ENCRYPTION_CONTEXT', '{"lazycred": "x"}', 'may not have the name "lazycred"'],
    ['LAZYCRED_ENCRYPTION_CONTEXT', '{"app": 7}', 'LAZYCRED_ENCRYPTION_CONTEXT must be text, not a number'],
    ['LAZYCRED_ENCRYPTION_CONTEXT', '{"a\u009b2J": "x"}', 'LAZYCRED_ENCRYPTION_CONTEXT holds control characters'],
    [
      'LAZYCRED_ENCRYPTION_CONTEXT',
      '{"\\ud800": "x"}',
      'LAZYCRED_ENCRYPTION_CONTEXT holds control characters or broken',
    ],
    ['LAZYCRED_ENCRYPTION_CONTEXT', '{"": "x"}', 'LAZYCRED_ENCRYPTION_CONTEXT is empty'],
    ['LAZYCRED_TRUSTED_KEYS', 'lazy,,old', 'LAZYCRED_TRUSTED_KEYS is empty'],
    ['LAZYCRED_BUCKET_OWNER', '12345', 'LAZYCRED_BUCKET_OWNER must be the 12 digits of an account'],
  ])('are checked: %s=%s', async (name, value, told) => {
    const { sandbox } = await startStandIns()
    const { status, stderr } = await sandbox.lazycred(['get', 'db'], { env: { [name]: value } })
    expect(status).toBe(4)
    expect(stderr).toContain(told)
  })

  it.each(['true', 'TRUE', '1'])('bind when told to: %s', async (value) => {
    const { kms, sandbox } = await startStandIns()
    const env = { LAZYCRED_BIND_NAMES: value, LAZYCRED_ENCRYPTION_CONTEXT: '{"app": "web"}' }
    expect(await sandbox.lazycred(['put', 'db'], { input: 'value', env })).toMatchObject({ status: 0, stderr: '' })
    const { EncryptionContext } = JSON.parse(String(kms.requests.at(-1)?.request.body)) as { EncryptionContext: object }
    expect(EncryptionContext).toEqual({ app: 'web', lazycred: 'vault/team/db' })
  })
})
