import { createDecipheriv } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { startKms, type KmsOptions, type KmsSeed, type KmsServer, type KeyState } from '../support/aws/kms.js'
import { TEST_CREDENTIALS, type Credentials } from '../support/aws/sigv4.js'
import { decrypt, encrypt, kmsOf, refusalOf, type Kms } from './kms-client.js'

const VECTORS = new URL('../vectors/python/', import.meta.url)
const PLAINTEXT = Buffer.from('plaintext')
const RECORDS = readdirSync(VECTORS).filter((file) => file.endsWith('.record.json') && !file.startsWith('null-key'))

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** A stand-in and a client for it, both ended with the test. */
async function start(options: KmsOptions = {}): Promise<{ server: KmsServer; kms: Kms }> {
  const server = await startKms(options)
  open.push(() => server.close())
  return { server, kms: clientOf(server, options.credentials?.[0], options.region) }
}

function clientOf(server: KmsServer, credentials: Credentials = TEST_CREDENTIALS, region = 'us-east-1'): Kms {
  const target = { name: 'own', endpoint: server.url, region, credentials, deviations: {}, close: () => server.close() }
  const kms = kmsOf(target)
  open.push(() => {
    kms.client.destroy()
  })
  return kms
}

function vector(file: string): string {
  return readFileSync(new URL(file, VECTORS), 'utf8')
}

const seed = () => JSON.parse(vector('kms-seed.json')) as KmsSeed

describe('the KMS stand-in, seeded', () => {
  it.each(RECORDS)('opens the wrapped key of %s, which Python LazyCred 0.2.3 wrote', async (file) => {
    const { kms } = await start({ seed: seed() })
    const record = JSON.parse(vector(file)) as { key: string }
    const dataKey = (await decrypt(kms, { CiphertextBlob: Buffer.from(record.key, 'base64') })).toString('latin1')
    expect(dataKey).toMatch(/^[A-Za-z0-9_-]{43}=$/)
  })

  it('encrypts under the keys and aliases of the seed, as its layout says', async () => {
    const { kms } = await start({ seed: seed() })
    const blob = Buffer.from(await encrypt(kms, { KeyId: 'alias/lazycred-test', Plaintext: PLAINTEXT }))
    const { account, region, keys } = seed()
    const [{ keyId, backingKeys }] = keys as [KmsSeed['keys'][number]]
    const arn = `arn:aws:kms:${region}:${account}:key/${keyId}`
    const head = Buffer.concat([Buffer.of(arn.length), Buffer.from(arn), Buffer.alloc(4)])
    expect(blob.subarray(0, head.length)).toEqual(head)
    const rest = blob.subarray(head.length)
    const backingKey = Buffer.from(backingKeys[0] ?? expect.fail(), 'hex')
    const decipher = createDecipheriv('aes-256-gcm', backingKey, rest.subarray(0, 12)).setAuthTag(rest.subarray(-16))
    expect(Buffer.concat([decipher.update(rest.subarray(12, -16)), decipher.final()])).toEqual(PLAINTEXT)
  })
})

describe('the KMS stand-in, over its direct access', () => {
  it('opens older blobs after a rotation, and encrypts with the new backing key', async () => {
    const { server, kms } = await start()
    const { keyId } = server.createKey()
    const older = Buffer.from(await encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT }))
    server.rotate(keyId)
    const newer = Buffer.from(await encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT }))
    const indexOf = (blob: Buffer) => blob.readUInt32LE(1 + (blob[0] ?? 0))
    expect([indexOf(older), indexOf(newer)]).toEqual([0, 1])
    for (const blob of [older, newer]) expect(await decrypt(kms, { CiphertextBlob: blob })).toEqual(PLAINTEXT)
  })

  it('makes and moves aliases', async () => {
    const { server, kms } = await start()
    server.createKey({ alias: 'alias/moved' })
    const before = await encrypt(kms, { KeyId: 'alias/moved', Plaintext: PLAINTEXT })
    const { keyId, arn } = server.createKey()
    server.setAlias('alias/moved', keyId)
    const after = Buffer.from(await encrypt(kms, { KeyId: 'alias/moved', Plaintext: PLAINTEXT }))
    expect(after.toString('latin1')).toContain(arn)
    for (const blob of [before, after]) expect(await decrypt(kms, { CiphertextBlob: blob })).toEqual(PLAINTEXT)
  })

  it.each([
    ['Disabled', 'DisabledException', 'is disabled.'],
    ['PendingDeletion', 'KMSInvalidStateException', 'is pending deletion.'],
    ['PendingImport', 'KMSInvalidStateException', 'is pending import.'],
    ['Unavailable', 'KMSInvalidStateException', 'is unavailable.'],
  ] as [KeyState, string, string][])('does nothing with a key in state %s: %s', async (state, code, trouble) => {
    const { server, kms } = await start()
    const { keyId, arn } = server.createKey()
    const blob = await encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT })
    server.setState(keyId, state)
    const expected = { code, message: `${arn} ${trouble}`, status: 400 }
    expect(await refusalOf(encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT }))).toEqual(expected)
    expect(await refusalOf(decrypt(kms, { CiphertextBlob: blob }))).toEqual(expected)
    server.setState(keyId, 'Enabled')
    expect(await decrypt(kms, { CiphertextBlob: blob })).toEqual(PLAINTEXT)
  })
})

describe('the KMS stand-in, asked from elsewhere', () => {
  const UNREACHABLE = {
    code: 'AccessDeniedException',
    message:
      'The ciphertext refers to a customer master key that does not exist, does not exist in this region, ' +
      'or you are not allowed to access.',
    status: 400,
  }

  it.each<[where: string, options: { region?: string; account?: string }]>([
    ['another KMS of the same region', {}],
    ['another region', { region: 'eu-west-1' }],
    ['another account', { account: '111122223333' }],
  ])('does not open a blob of %s: AccessDeniedException', async (_where, options) => {
    const elsewhere = await start({ ...options, credentials: [{ ...TEST_CREDENTIALS, ...options }] })
    const { keyId } = elsewhere.server.createKey()
    const blob = await encrypt(elsewhere.kms, { KeyId: keyId, Plaintext: PLAINTEXT })
    const { kms } = await start()
    expect(await refusalOf(decrypt(kms, { CiphertextBlob: blob }))).toEqual(UNREACHABLE)
  })

  it('lets no other account at its keys', async () => {
    const stranger: Credentials = { ...TEST_CREDENTIALS, accessKeyId: 'AKIDSTRANGER', account: '999999999999' }
    const { server, kms } = await start({ credentials: [TEST_CREDENTIALS, stranger] })
    const { keyId, arn } = server.createKey({ alias: 'alias/own' })
    const blob = await encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT })
    const strange = clientOf(server, stranger)
    expect(await refusalOf(decrypt(strange, { CiphertextBlob: blob }))).toEqual(UNREACHABLE)
    const codes = []
    for (const KeyId of [keyId, 'alias/own', arn]) {
      codes.push((await refusalOf(encrypt(strange, { KeyId, Plaintext: PLAINTEXT }))).code)
    }
    expect(codes).toEqual(['NotFoundException', 'NotFoundException', 'AccessDeniedException'])
  })

  it('refuses credentials that ran out: ExpiredTokenException', async () => {
    const credentials = [{ ...TEST_CREDENTIALS, sessionToken: 'token', expired: true }]
    const { server, kms } = await start({ credentials })
    const { keyId } = server.createKey()
    const refusal = await refusalOf(encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT }))
    expect(refusal).toMatchObject({ code: 'ExpiredTokenException', status: 400 })
  })
})

describe('the KMS stand-in, made to fail', () => {
  it.each([
    ['ThrottlingException', 400],
    ['KMSInternalException', 500],
    ['AccessDeniedException', 400],
  ])('answers %s for one operation alone', async (code, status) => {
    const { server, kms } = await start()
    const { keyId } = server.createKey()
    server.inject({ kind: 'error', status, code, message: 'as told' }, { operation: 'Decrypt' })
    const blob = await encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT })
    expect(await refusalOf(decrypt(kms, { CiphertextBlob: blob }))).toEqual({ code, message: 'as told', status })
    server.clearFaults()
    expect(await decrypt(kms, { CiphertextBlob: blob })).toEqual(PLAINTEXT)
  })

  it('logs what it was asked', async () => {
    const { server, kms } = await start()
    const { keyId } = server.createKey()
    await refusalOf(
      decrypt(kms, { CiphertextBlob: await encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT }), KeyId: '-' }),
    )
    expect(server.requests.map(({ operation, status }) => [operation, status])).toEqual([
      ['Encrypt', 200],
      ['Decrypt', 400],
    ])
  })
})
