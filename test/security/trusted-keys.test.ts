/** SECURITY.md: who has another KMS key, or another bucket of that name, cannot slip records in where these are pinned. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startStandIns, type StandIns } from '../support/stand-ins.js'

const BOUND = { LAZYCRED_BIND_NAMES: 'true' }

async function putUnder({ kms, sandbox }: StandIns, alias: string): Promise<string> {
  const { arn } = kms.createKey({ alias: `alias/${alias}` })
  const env = { LAZYCRED_KEY_ALIAS: alias }
  expect(await sandbox.lazycred(['put', 'db'], { input: 'value', env })).toMatchObject({ status: 0, stderr: '' })
  return arn
}

describe('trusted_keys', () => {
  it('pins Decrypt to the KMS keys that it lists, tried in order, old ones behind', async () => {
    const servers = await startStandIns()
    const arn = await putUnder(servers, 'old')
    const env = { LAZYCRED_TRUSTED_KEYS: `lazy, ${arn}` }
    const { status, stdout } = await servers.sandbox.lazycred(['get', 'db'], { env })
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: 'value' })
    const asked = servers.kms.requests.filter(({ operation }) => operation === 'Decrypt')
    const pins = asked.map(({ request }) => (JSON.parse(request.body.toString()) as { KeyId?: string }).KeyId)
    expect(pins).toEqual(['alias/lazy', arn])
  })

  it('refuses a record under any other KMS key, and says under which it is', async () => {
    const servers = await startStandIns()
    const arn = await putUnder(servers, 'stranger')
    const env = { LAZYCRED_TRUSTED_KEYS: 'alias/lazy' }
    const { status, stdout, stderr } = await servers.sandbox.lazycred(['get', 'db'], { env })
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain(`WRONG_KMS_KEY: the record is under ${arn}, which is not one of "trusted_keys"`)
  })

  it('says so too where one of the listed keys is gone, and of a record that is not bound yet', async () => {
    const servers = await startStandIns()
    const arn = await putUnder(servers, 'stranger')
    for (const env of [{ LAZYCRED_TRUSTED_KEYS: 'lazy,gone' }, { LAZYCRED_TRUSTED_KEYS: 'lazy', ...BOUND }]) {
      for (const verb of ['get', 'rewrap']) {
        const { status, stderr } = await servers.sandbox.lazycred([verb, 'db'], { env })
        expect({ status, told: stderr.includes(`WRONG_KMS_KEY: the record is under ${arn},`) }, stderr).toEqual({
          status: 1,
          told: true,
        })
      }
    }
  })

  it('says so too where KMS does not let anybody use that key, and names it', async () => {
    const servers = await startStandIns()
    const arn = await putUnder(servers, 'stranger')
    servers.kms.setState(arn.slice(arn.indexOf('/') + 1), 'Disabled')
    const env = { LAZYCRED_TRUSTED_KEYS: 'alias/lazy' }
    expect((await servers.sandbox.lazycred(['get', 'db'], { env })).stderr).toContain(`the record is under ${arn},`)
    for (const [verb, operation, action] of [
      ['get', 'Decrypt', 'Decrypt'],
      ['rewrap', 'ReEncrypt', 'ReEncryptFrom'],
    ] as const) {
      const message = `User: arn:aws:iam::000000000000:user/me is not authorized to perform: kms:${action} on resource: ${arn} because no identity-based policy allows the kms:${action} action`
      servers.kms.inject({ kind: 'error', status: 400, code: 'IncorrectKeyException' }, { operation, times: 1 })
      servers.kms.inject(
        { kind: 'error', status: 400, code: 'AccessDeniedException', message },
        { operation, times: 1 },
      )
      const { stderr } = await servers.sandbox.lazycred([verb, 'db'], { env })
      expect(stderr).toContain(`WRONG_KMS_KEY: the record is under ${arn}, which is not one of "trusted_keys"`)
    }
  })

  it('tells of a listed key that is out of use where the record is under that one', async () => {
    const servers = await startStandIns()
    const arn = await putUnder(servers, 'old')
    servers.kms.setState(arn.slice(arn.indexOf('/') + 1), 'PendingDeletion')
    const env = { LAZYCRED_TRUSTED_KEYS: `lazy,${arn}` }
    expect((await servers.sandbox.lazycred(['get', 'db'], { env })).stderr).toContain('KMS_KEY_UNUSABLE: ')
  })

  it('hints at the list where KMS knows no such alias as one in it', async () => {
    const { sandbox, kms } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'value' })
    kms.inject({ kind: 'error', status: 400, code: 'NotFoundException', message: 'Alias is not found.' })
    const env = { LAZYCRED_TRUSTED_KEYS: 'gone' }
    for (const [verb, fields] of [
      ['get', '"trusted_keys" and "region"'],
      ['rewrap', '"trusted_keys", "key_alias" and "region"'],
      ['put', '"key_alias" and "region"'],
    ] as const) {
      const { status, stderr } = await sandbox.lazycred([verb, 'db'], { input: 'value', env })
      expect({ status, told: stderr.includes('KMS_KEY_NOT_FOUND: ') }).toEqual({ status: 1, told: true })
      expect(stderr).toContain(`\nCheck ${fields}: an alias belongs to one region and one account.`)
    }
  })

  it('shows no control characters that KMS, or who answers in its place, gives for a name', async () => {
    const servers = await startStandIns()
    await putUnder(servers, 'stranger')
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        const isPinned = body.includes('"KeyId"')
        response.writeHead(isPinned ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
        const told = isPinned ? { __type: 'IncorrectKeyException' } : { KeyId: 'arn\n\u001b[2J', Plaintext: 'AAAA' }
        response.end(JSON.stringify(told))
      })
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const env = { LAZYCRED_TRUSTED_KEYS: 'lazy', AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${port}` }
    const { status, stderr } = await servers.sandbox.lazycred(['get', 'db'], { env })
    expect(status).toBe(1)
    expect(stderr).toContain('WRONG_KMS_KEY: the record is under arn\\u{a}\\u{1b}[2J, which is not one of')
  })

  it('holds for rewrap as well, which moves a record from a listed key to the alias', async () => {
    const servers = await startStandIns()
    const arn = await putUnder(servers, 'old')
    const refused = await servers.sandbox.lazycred(['rewrap', 'db'], { env: { LAZYCRED_TRUSTED_KEYS: 'lazy' } })
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain(`WRONG_KMS_KEY: the record is under ${arn}`)
    const moved = await servers.sandbox.lazycred(['rewrap', 'db'], { env: { LAZYCRED_TRUSTED_KEYS: `lazy,${arn}` } })
    expect(moved).toMatchObject({ status: 0, stderr: 'moved 1, already right 0, failed 0\n' })
    const { stdout } = await servers.sandbox.lazycred(['get', 'db'], { env: { LAZYCRED_TRUSTED_KEYS: 'lazy' } })
    expect(stdout.toString()).toBe('value')
  })
})

describe('bucket_owner', () => {
  it('goes with every request to S3, and a bucket of another account is refused', async () => {
    const { s3, sandbox } = await startStandIns()
    const env = { LAZYCRED_BUCKET_OWNER: '000000000000' }
    await sandbox.lazycred(['put', 'db'], { input: 'value', env })
    await sandbox.lazycred(['get', 'db'], { env })
    await sandbox.lazycred(['rewrap', '--all'], { env })
    const asked = s3.requests.map(({ request }) => request.headers['x-amz-expected-bucket-owner'])
    expect(new Set(asked)).toEqual(new Set(['000000000000']))
    for (const args of [
      ['get', 'db'],
      ['put', 'db'],
      ['rewrap', 'db'],
      ['rewrap', '--all'],
    ]) {
      const stranger = { env: { LAZYCRED_BUCKET_OWNER: '999999999999' } }
      const { status, stderr } = await sandbox.lazycred(args, stranger)
      expect({ status, denied: stderr.includes('ACCESS_DENIED') }).toEqual({ status: 1, denied: true })
    }
  })
})
