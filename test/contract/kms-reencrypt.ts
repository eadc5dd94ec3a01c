import { DisableKeyCommand, ReEncryptCommand, type ReEncryptCommandInput } from '@aws-sdk/client-kms'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { createKey, createNamedKey, decrypt, encrypt, refusalOf, type Kms } from './kms-client.js'

const PLAINTEXT = Buffer.from('plaintext')
const BEFORE = { purpose: 'before' }
const AFTER = { purpose: 'after' }

/** ReEncrypt: from one key and context to another, the plaintext never leaving KMS. */
export function reEncryptChecks(kms: Kms, check: Check): void {
  const reEncrypt = (input: ReEncryptCommandInput) => kms.client.send(new ReEncryptCommand(input))
  const prepare = async () => {
    const [source, destination] = [await createNamedKey(kms), await createNamedKey(kms)]
    const blob = await encrypt(kms, { KeyId: source.keyId, Plaintext: PLAINTEXT, EncryptionContext: BEFORE })
    return { source, destination, blob }
  }

  check('re-encrypts to another key and another context', async () => {
    const { source, destination, blob } = await prepare()
    const answer = await reEncrypt({
      CiphertextBlob: blob,
      SourceKeyId: source.alias,
      SourceEncryptionContext: BEFORE,
      DestinationKeyId: destination.alias,
      DestinationEncryptionContext: AFTER,
    })
    expect(answer).toMatchObject({ SourceKeyId: source.arn, KeyId: destination.arn })
    const opened = { CiphertextBlob: answer.CiphertextBlob, KeyId: destination.keyId }
    expect(await decrypt(kms, { ...opened, EncryptionContext: AFTER })).toEqual(PLAINTEXT)
    const refusal = await refusalOf(decrypt(kms, { ...opened, EncryptionContext: BEFORE }))
    expect(refusal.code).toBe('InvalidCiphertextException')
  })

  check('re-encrypts only under the context of the source: InvalidCiphertextException', async () => {
    const { destination, blob } = await prepare()
    const input = { CiphertextBlob: blob, DestinationKeyId: destination.keyId, SourceEncryptionContext: AFTER }
    expect(await refusalOf(reEncrypt(input))).toMatchObject({ code: 'InvalidCiphertextException', status: 400 })
  })

  check('re-encrypts only from the key that is named: IncorrectKeyException', async () => {
    const { destination, blob } = await prepare()
    const other = await createKey(kms)
    const refusal = await refusalOf(
      reEncrypt({
        CiphertextBlob: blob,
        SourceKeyId: other.keyId,
        SourceEncryptionContext: BEFORE,
        DestinationKeyId: destination.keyId,
      }),
    )
    expect(refusal).toMatchObject({ code: 'IncorrectKeyException', status: 400 })
  })

  check('re-encrypts to no disabled key: DisabledException', async () => {
    const { destination, blob } = await prepare()
    await kms.client.send(new DisableKeyCommand({ KeyId: destination.keyId }))
    const input = { CiphertextBlob: blob, DestinationKeyId: destination.keyId, SourceEncryptionContext: BEFORE }
    expect(await refusalOf(reEncrypt(input))).toMatchObject({ code: 'DisabledException', status: 400 })
  })
}
