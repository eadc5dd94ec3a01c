import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { invalidCiphertext } from './kms-errors.js'
import type { KmsKey } from './kms-keys.js'

/*
 * The ciphertext blob, which AWS leaves undocumented, as nsmithuk/local-kms v3 lays it out:
 *   one byte length of the key ARN | key ARN, ASCII | 32-bit little-endian index of the backing key |
 *   12-byte nonce | AES-256-GCM ciphertext | 16-byte tag
 */
const NONCE_LENGTH = 12
const TAG_LENGTH = 16
const KEY_ARN = /^arn:aws:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-f-]{36}$/

export type EncryptionContext = Readonly<Record<string, string>>

/** A blob taken apart; nothing of it is proven genuine yet. */
export interface ParsedBlob {
  keyArn: string
  backingIndex: number
  nonce: Buffer
  ciphertext: Buffer
  tag: Buffer
}

/** Encrypts under the newest backing key; the context is authenticated, not stored. */
export function sealBlob(kmsKey: KmsKey, plaintext: Buffer, context: EncryptionContext): Buffer {
  const backingIndex = kmsKey.backingKeys.length - 1
  const nonce = randomBytes(NONCE_LENGTH)
  const cipher = createCipheriv('aes-256-gcm', backingKeyOf(kmsKey, backingIndex), nonce).setAAD(
    associatedData(context),
  )
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const index = Buffer.alloc(4)
  index.writeUInt32LE(backingIndex)
  const arn = Buffer.from(kmsKey.arn, 'ascii')
  return Buffer.concat([Buffer.of(arn.length), arn, index, nonce, ciphertext, cipher.getAuthTag()])
}

/** Throws InvalidCiphertextException where the bytes are no blob. */
export function parseBlob(blob: Buffer): ParsedBlob {
  const arnEnd = 1 + (blob[0] ?? 0)
  const nonceAt = arnEnd + 4
  const ciphertextAt = nonceAt + NONCE_LENGTH
  const tagAt = blob.length - TAG_LENGTH
  // KMS encrypts at least one byte.
  if (tagAt <= ciphertextAt) throw invalidCiphertext()
  const keyArn = blob.toString('latin1', 1, arnEnd)
  if (!KEY_ARN.test(keyArn)) throw invalidCiphertext()
  return {
    keyArn,
    backingIndex: blob.readUInt32LE(arnEnd),
    nonce: blob.subarray(nonceAt, ciphertextAt),
    ciphertext: blob.subarray(ciphertextAt, tagAt),
    tag: blob.subarray(tagAt),
  }
}

/** Throws InvalidCiphertextException where the blob is damaged or was made under another context. */
export function openBlob(kmsKey: KmsKey, blob: ParsedBlob, context: EncryptionContext): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', backingKeyOf(kmsKey, blob.backingIndex), blob.nonce)
    decipher.setAAD(associatedData(context)).setAuthTag(blob.tag)
    return Buffer.concat([decipher.update(blob.ciphertext), decipher.final()])
  } catch {
    throw invalidCiphertext()
  }
}

/** Sorted, so that order does not count, and quoted, so that no two contexts give the same bytes; none gives no bytes. */
export function associatedData(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1))
  return Buffer.from(pairs.length === 0 ? '' : JSON.stringify(pairs))
}

function backingKeyOf(kmsKey: KmsKey, index: number): Buffer {
  const backingKey = kmsKey.backingKeys[index]
  if (backingKey === undefined) throw invalidCiphertext()
  return backingKey
}
