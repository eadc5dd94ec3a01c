import { EncryptCommand } from '@aws-sdk/client-kms'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { createKey, encrypt, decrypt, rawRequest, refusalOf, type Kms } from './kms-client.js'

/** AWS JSON 1.1 as KMS speaks it: bounds, wrong types, what is no JSON, what is no operation. */
export function protocolChecks(kms: Kms, check: Check): void {
  boundsChecks(kms, check)
  typeChecks(kms, check)

  check('gives each answer a request id', async () => {
    const { keyId } = await createKey(kms)
    const { $metadata } = await kms.client.send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('x') }))
    expect($metadata.requestId).toMatch(/\S/)
  })

  check('gives each refusal a request id', async () => {
    const answer = await rawRequest(kms.target, 'Encrypt', '{}')
    expect(answer.headers['x-amzn-requestid']).toMatch(/\S/)
  })

  check('answers in AWS JSON', async () => {
    const answer = await rawRequest(kms.target, 'ListAliases', '{}')
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' } })
  })

  check('does not know an operation: UnknownOperationException', async () => {
    const answer = await rawRequest(kms.target, 'MakeCoffee', '{}')
    expect(answer).toMatchObject({ status: 400, body: { __type: 'UnknownOperationException' } })
  })

  check('wants its own content type: UnknownOperationException', async () => {
    const changes = { headers: { 'content-type': 'text/plain' } }
    const answer = await rawRequest(kms.target, 'ListAliases', '{}', changes)
    expect(answer).toMatchObject({ status: 400, body: { __type: 'UnknownOperationException' } })
  })
}

function boundsChecks(kms: Kms, check: Check): void {
  const refused = (what: string, constraint: string) => ({
    code: 'ValidationException',
    message: `1 validation error detected: Value ${what} failed to satisfy constraint: Member must ${constraint}`,
    status: 400,
  })

  check('encrypts nothing of 0 bytes, nor of more than 4,096: ValidationException', async () => {
    const KeyId = (await createKey(kms)).keyId
    expect(await refusalOf(encrypt(kms, { KeyId, Plaintext: Buffer.alloc(0) }))).toEqual(
      refused("at 'plaintext'", 'have length greater than or equal to 1'),
    )
    expect(await refusalOf(encrypt(kms, { KeyId, Plaintext: Buffer.alloc(4097) }))).toEqual(
      refused("at 'plaintext'", 'have length less than or equal to 4096'),
    )
  })

  check('opens nothing of 0 bytes: ValidationException', async () => {
    expect(await refusalOf(decrypt(kms, { CiphertextBlob: Buffer.alloc(0) }))).toEqual(
      refused("at 'ciphertextBlob'", 'have length greater than or equal to 1'),
    )
  })

  check('opens nothing of more than 6,144 bytes: ValidationException', async () => {
    expect(await refusalOf(decrypt(kms, { CiphertextBlob: Buffer.alloc(6145) }))).toEqual(
      refused("at 'ciphertextBlob'", 'have length less than or equal to 6144'),
    )
  })

  check('wants a key id to encrypt: ValidationException', async () => {
    const Plaintext = Buffer.from('x')
    expect(await refusalOf(encrypt(kms, { KeyId: '', Plaintext }))).toEqual(
      refused("'' at 'keyId'", 'have length greater than or equal to 1'),
    )
    expect(await refusalOf(encrypt(kms, { KeyId: undefined, Plaintext }))).toEqual(
      refused("null at 'keyId'", 'not be null'),
    )
  })

  check('says everything that is wrong at once: ValidationException', async () => {
    const answer = await rawRequest(kms.target, 'Encrypt', '{}')
    expect(answer).toMatchObject({ status: 400, body: { __type: 'ValidationException' } })
    expect(answer.body['message']).toMatch(/^2 validation errors detected: /)
    for (const member of ['keyId', 'plaintext']) expect(answer.body['message']).toContain(`at '${member}' failed`)
  })
}

function typeChecks(kms: Kms, check: Check): void {
  const wrong: [what: string, body: string | Buffer][] = [
    ['nothing', ''],
    ['what is no JSON', '{"KeyId":'],
    ['a list', '[]'],
    ['text', '"text"'],
    ['null', 'null'],
    ['bytes that are no UTF-8', Buffer.from('7b224b65794964223a22ff227d', 'hex')],
    ['a number as key id', '{"KeyId":1,"Plaintext":"eA=="}'],
    ['a list as key id', '{"KeyId":[],"Plaintext":"eA=="}'],
    ['a plaintext that is no base64', '{"KeyId":"alias/x","Plaintext":"*"}'],
    ['a number in the context', '{"KeyId":"alias/x","Plaintext":"eA==","EncryptionContext":{"a":1}}'],
    ['a list as context', '{"KeyId":"alias/x","Plaintext":"eA==","EncryptionContext":[]}'],
  ]
  for (const [what, body] of wrong) {
    check(`does not read ${what}: SerializationException`, async () => {
      const answer = await rawRequest(kms.target, 'Encrypt', body)
      expect(answer).toMatchObject({ status: 400, body: { __type: 'SerializationException' } })
    })
  }
}
