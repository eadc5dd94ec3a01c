import { openBlob, parseBlob, sealBlob, type EncryptionContext } from './kms-blob.js'
import { incorrectKey, KmsError, unreachableCiphertext } from './kms-errors.js'
import type { Input } from './kms-input.js'
import { requireUsable, type KeyStore, type KmsKey } from './kms-keys.js'
import { resolveKey, type Caller } from './kms-resolve.js'

/** What an operation answers, as JSON will have it. */
export type Output = Record<string, unknown>
export type Operation = (store: KeyStore, input: Input, caller: Caller) => Output

const SYMMETRIC = 'SYMMETRIC_DEFAULT'
const ALGORITHMS = [SYMMETRIC, 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE'] as const
const KEY_ID = { min: 1, max: 2048 }
const PLAINTEXT = { min: 1, max: 4096 }
const CIPHERTEXT = { min: 1, max: 6144 }

export function encrypt(store: KeyStore, input: Input, caller: Caller): Output {
  const keyId = input.requiredText('KeyId', KEY_ID)
  const plaintext = input.requiredBytes('Plaintext', PLAINTEXT)
  const context = input.map('EncryptionContext')
  const algorithm = input.text('EncryptionAlgorithm', { oneOf: ALGORITHMS })
  input.check()
  const kmsKey = resolveKey(store, keyId, caller)
  requireSymmetric(kmsKey, algorithm, caller)
  requireUsable(kmsKey)
  const blob = sealBlob(kmsKey, plaintext, context)
  return { CiphertextBlob: blob.toString('base64'), KeyId: kmsKey.arn, EncryptionAlgorithm: SYMMETRIC }
}

export function decrypt(store: KeyStore, input: Input, caller: Caller): Output {
  const blob = input.requiredBytes('CiphertextBlob', CIPHERTEXT)
  const keyId = input.text('KeyId', KEY_ID)
  const context = input.map('EncryptionContext')
  const algorithm = input.text('EncryptionAlgorithm', { oneOf: ALGORITHMS })
  input.check()
  const opened = open(store, { blob, keyId, context, algorithm }, caller)
  return { KeyId: opened.kmsKey.arn, Plaintext: opened.plaintext.toString('base64'), EncryptionAlgorithm: SYMMETRIC }
}

export function reEncrypt(store: KeyStore, input: Input, caller: Caller): Output {
  const source = {
    blob: input.requiredBytes('CiphertextBlob', CIPHERTEXT),
    keyId: input.text('SourceKeyId', KEY_ID),
    context: input.map('SourceEncryptionContext'),
    algorithm: input.text('SourceEncryptionAlgorithm', { oneOf: ALGORITHMS }),
  }
  const destinationId = input.requiredText('DestinationKeyId', KEY_ID)
  const context = input.map('DestinationEncryptionContext')
  const algorithm = input.text('DestinationEncryptionAlgorithm', { oneOf: ALGORITHMS })
  input.check()
  const opened = open(store, source, { ...caller, action: 'ReEncryptFrom' })
  const to = { ...caller, action: 'ReEncryptTo' }
  const destination = resolveKey(store, destinationId, to)
  requireSymmetric(destination, algorithm, to)
  requireUsable(destination)
  return {
    CiphertextBlob: sealBlob(destination, opened.plaintext, context).toString('base64'),
    SourceKeyId: opened.kmsKey.arn,
    KeyId: destination.arn,
    SourceEncryptionAlgorithm: SYMMETRIC,
    DestinationEncryptionAlgorithm: SYMMETRIC,
  }
}

interface Sealed {
  blob: Buffer
  keyId: string | undefined
  context: EncryptionContext
  algorithm: string | undefined
}

/** The blob says which key it wants; a key that is named besides can only agree. */
function open(store: KeyStore, sealed: Sealed, caller: Caller): { kmsKey: KmsKey; plaintext: Buffer } {
  const named = sealed.keyId === undefined ? undefined : resolveKey(store, sealed.keyId, caller)
  const blob = parseBlob(sealed.blob)
  if (named !== undefined && named.arn !== blob.keyArn) throw incorrectKey()
  const kmsKey = findByArn(store, blob.keyArn, caller)
  requireSymmetric(kmsKey, sealed.algorithm, caller)
  requireUsable(kmsKey)
  return { kmsKey, plaintext: openBlob(kmsKey, blob, sealed.context) }
}

function findByArn(store: KeyStore, arn: string, caller: Caller): KmsKey {
  const kmsKey = store.find(arn.slice(arn.lastIndexOf('/') + 1))
  if (kmsKey?.arn !== arn || caller.account !== store.account) throw unreachableCiphertext()
  return kmsKey
}

function requireSymmetric(kmsKey: KmsKey, algorithm: string | undefined, caller: Caller): void {
  if (algorithm === undefined || algorithm === SYMMETRIC) return
  const message = `${kmsKey.arn} key spec is ${SYMMETRIC} which is not valid for ${caller.action} with ${algorithm}.`
  throw new KmsError('InvalidKeyUsageException', message)
}
