import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { createKey, createNamedKey, decrypt, encrypt, refusalOf, type Kms } from './kms-client.js'

const PLAINTEXT = Buffer.from('plaintext')

/** What Decrypt makes of a blob that is damaged, or of a key that is named besides. */
export function decryptChecks(kms: Kms, check: Check): void {
  const sealed = async (keyId: string) => Buffer.from(await encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT }))

  check('refuses to open with another key than the one of the blob: IncorrectKeyException', async () => {
    const [one, other] = [await createNamedKey(kms), await createNamedKey(kms)]
    const blob = await sealed(one.keyId)
    for (const KeyId of [other.keyId, other.arn, other.alias, other.aliasArn]) {
      const refusal = await refusalOf(decrypt(kms, { KeyId, CiphertextBlob: blob }))
      expect(refusal).toMatchObject({ code: 'IncorrectKeyException', status: 400 })
      expect(refusal.message).toBe('The key ID in the request does not identify a CMK that can perform this operation.')
    }
  })

  check('refuses to open with a key that does not exist: NotFoundException', async () => {
    const blob = await sealed((await createKey(kms)).keyId)
    const refusal = await refusalOf(decrypt(kms, { KeyId: randomUUID(), CiphertextBlob: blob }))
    expect(refusal).toMatchObject({ code: 'NotFoundException', status: 400 })
  })

  check('refuses a blob damaged in its last byte: InvalidCiphertextException', async () => {
    const blob = await sealed((await createKey(kms)).keyId)
    blob[blob.length - 1] = (blob.at(-1) ?? 0) ^ 1
    expect(await refusalOf(decrypt(kms, { CiphertextBlob: blob }))).toMatchObject(INVALID)
  })

  check('refuses a blob that is damaged anywhere', async () => {
    const whole = await sealed((await createKey(kms)).keyId)
    for (let at = 0; at < whole.length; at += 1) {
      const blob = Buffer.from(whole)
      blob[at] = (blob[at] ?? 0) ^ 1
      const { code } = await refusalOf(decrypt(kms, { CiphertextBlob: blob }))
      expect(['InvalidCiphertextException', 'AccessDeniedException'], `byte ${at}`).toContain(code)
    }
  })

  check('refuses a blob cut short: InvalidCiphertextException', async () => {
    const blob = await sealed((await createKey(kms)).keyId)
    for (const length of [1, Math.floor(blob.length / 2), blob.length - 1]) {
      expect(await refusalOf(decrypt(kms, { CiphertextBlob: blob.subarray(0, length) }))).toMatchObject(INVALID)
    }
  })

  check('refuses a blob with a byte too many: InvalidCiphertextException', async () => {
    const blob = Buffer.concat([await sealed((await createKey(kms)).keyId), Buffer.of(0)])
    expect(await refusalOf(decrypt(kms, { CiphertextBlob: blob }))).toMatchObject(INVALID)
  })

  check('refuses bytes that are no blob at all: InvalidCiphertextException', async () => {
    for (const text of ['x', 'no blob', 'x'.repeat(200), '\0'.repeat(6144)]) {
      expect(await refusalOf(decrypt(kms, { CiphertextBlob: Buffer.from(text) }))).toMatchObject(INVALID)
    }
  })

  check('refuses InvalidCiphertextException without a word', async () => {
    // The JavaScript SDK says `UnknownError` where an answer has no message.
    const { message } = await refusalOf(decrypt(kms, { CiphertextBlob: Buffer.from('no blob') }))
    expect(message).toBe('UnknownError')
  })
}

const INVALID = { code: 'InvalidCiphertextException', status: 400 }
