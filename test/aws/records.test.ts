import { createDecipheriv } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import type { KmsSeed } from '../support/aws/kms.js'
import { TEST_CREDENTIALS } from '../support/aws/sigv4.js'
import { startStandIns } from '../support/stand-ins.js'

const vector = (file: string): Buffer => readFileSync(new URL(`../vectors/python/${file}`, import.meta.url))
const seed = JSON.parse(vector('kms-seed.json').toString()) as KmsSeed

describe('records of the Python tool', () => {
  it.each(['ascii', 'utf8-multiline'])('open: %s', async (name) => {
    const { s3, sandbox } = await startStandIns({ kms: { seed } })
    s3.writeObject('vault', 'team/db', vector(`${name}.record.json`))
    const { status, stdout, stderr } = await sandbox.lazycred(['get', 'db'])
    expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: '', stdout: vector(`${name}.plaintext`) })
  })

  it('that were stored when KMS failed are told as what they are', async () => {
    const { s3, kms, sandbox } = await startStandIns({ kms: { seed } })
    s3.writeObject('vault', 'team/db', vector('null-key-after-kms-failure.record.json'))
    const { status, stdout, stderr } = await sandbox.lazycred(['get', 'db'])
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/RECORD_DAMAGED: .*"key" is null.*\n.*when KMS fails/)
    expect(kms.requests).toEqual([])
  })
})

describe('a record that was put', () => {
  it('opens by hand: base64 -d the key, KMS Decrypt it, Fernet-decrypt the data', async () => {
    const { s3, kms, sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'The gold is at the post office.' })
    const text = s3.readObject('vault', 'team/db')?.toString() ?? ''
    expect(text).toMatch(/^\{"data": "gAAAAA[A-Za-z0-9_-]+={0,2}", "key": "[A-Za-z0-9+/]+={0,2}"\}$/)
    const record = JSON.parse(text) as { data: string; key: string }
    const client = new KMSClient({ endpoint: kms.url, region: 'us-east-1', credentials: TEST_CREDENTIALS })
    const { Plaintext } = await client.send(new DecryptCommand({ CiphertextBlob: Buffer.from(record.key, 'base64') }))
    const dataKey = Buffer.from(Plaintext ?? []).toString()
    expect(dataKey).toMatch(/^[A-Za-z0-9_-]{43}=$/)
    expect(decryptByHand(dataKey, record.data)).toBe('The gold is at the post office.')
  })

  it('opens after the alias was moved, the KMS key rotated and the old alias target left behind', async () => {
    const { kms, keyId, sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'value' })
    kms.rotate(keyId)
    kms.setAlias('alias/lazy', kms.createKey().keyId)
    const { status, stdout } = await sandbox.lazycred(['get', 'db'])
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: 'value' })
  })

  it('has a data key of its own each time', async () => {
    const { s3, sandbox } = await startStandIns()
    const records = []
    for (const input of ['same', 'same']) {
      await sandbox.lazycred(['put', 'db'], { input })
      records.push(JSON.parse(s3.readObject('vault', 'team/db')?.toString() ?? '') as { data: string; key: string })
    }
    expect(records[0]?.data).not.toBe(records[1]?.data)
    expect(records[0]?.key).not.toBe(records[1]?.key)
  })
})

/** After the Fernet spec, with nothing of ours. */
function decryptByHand(dataKey: string, data: string): string {
  const token = Buffer.from(data, 'base64url')
  const encryptionHalf = Buffer.from(dataKey, 'base64url').subarray(16)
  const decipher = createDecipheriv('aes-128-cbc', encryptionHalf, token.subarray(9, 25))
  return Buffer.concat([decipher.update(token.subarray(25, -32)), decipher.final()]).toString()
}

describe('an alias', () => {
  it.each([
    ['without alias/', (_arn: string) => 'lazy'],
    ['with alias/', (_arn: string) => 'alias/lazy'],
    ['as its ARN', (arn: string) => arn.replace(/key\/.*/, 'alias/lazy')],
    ['or the ARN of a KMS key', (arn: string) => arn],
  ])('may be given %s', async (_how, aliasFor) => {
    const { kms, sandbox } = await startStandIns()
    const { arn } = kms.createKey({ alias: 'alias/lazy' })
    const env = { LAZYCRED_KEY_ALIAS: aliasFor(arn) }
    expect(await sandbox.lazycred(['put', 'db'], { input: 'value', env })).toMatchObject({ status: 0, stderr: '' })
    expect((await sandbox.lazycred(['get', 'db'])).stdout.toString()).toBe('value')
  })

  it('that does not exist is told with its region', async () => {
    const { s3, sandbox } = await startStandIns()
    const { status, stderr } = await sandbox.lazycred(['put', 'db'], {
      input: 'value',
      env: { LAZYCRED_KEY_ALIAS: 'lazyy' },
    })
    expect(status).toBe(1)
    expect(stderr).toContain('KMS_KEY_NOT_FOUND: KMS Encrypt on alias/lazyy in region us-east-1: ')
    expect(s3.listObjects('vault')).toEqual([])
  })
})
