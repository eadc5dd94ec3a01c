import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { LazyCredError, printable } from '../errors.js'
import { sameContext, type EncryptionContext } from '../context.js'
import type { KeyWrapper } from '../ports.js'
import { addMasterKey, makeMasterKeys, masterKeyId, readMasterKeys, wipe } from './master-key.js'

/** Nothing that KMS gives begins so. */
const FORM = Buffer.from('lazycred\x01')
const ID = 8
const NONCE = 12
const TAG = 16
const HEADER = FORM.length + ID + NONCE

/**
 * Data keys wrapped by AES-256-GCM under a master key in a file:
 *
 *     lazycred, 0x01 | id of the master key, 8 bytes | nonce, 12 bytes | ciphertext | tag, 16 bytes
 *
 * What comes before the ciphertext and the encryption context are authenticated with it.
 */
export class LocalKeyWrapper implements KeyWrapper {
  readonly #masterKeyFile: string
  readonly #records: string

  /** @param records the folder of the records: where there are any, a master key that is missing is not replaced by a new one */
  constructor(masterKeyFile: string, records: string) {
    this.#masterKeyFile = masterKeyFile
    this.#records = records
  }

  async wrap(dataKey: Buffer, context: EncryptionContext): Promise<Buffer> {
    const masterKeys = await makeMasterKeys(this.#masterKeyFile, this.#records)
    return withKeys(masterKeys, () => encryptUnder(currentOf(masterKeys), dataKey, context))
  }

  async unwrap(wrappedKey: Buffer, context: EncryptionContext): Promise<Buffer> {
    assertLocal(wrappedKey)
    const masterKeys = await readMasterKeys(this.#masterKeyFile)
    return withKeys(masterKeys, () => decryptUnder(this.#ownerOf(wrappedKey, masterKeys), wrappedKey, context))
  }

  async rewrap(wrappedKey: Buffer, from: EncryptionContext, to: EncryptionContext): Promise<Buffer | null> {
    assertLocal(wrappedKey)
    const masterKeys = await readMasterKeys(this.#masterKeyFile)
    return withKeys(masterKeys, () => {
      const owner = this.#ownerOf(wrappedKey, masterKeys)
      const dataKey = decryptUnder(owner, wrappedKey, from)
      const isRight = owner === currentOf(masterKeys) && sameContext(from, to)
      const rewrapped = isRight ? null : encryptUnder(currentOf(masterKeys), dataKey, to)
      dataKey.fill(0)
      return rewrapped
    })
  }

  /** A new master key, under which everything is wrapped from then on. */
  renew(): Promise<void> {
    return addMasterKey(this.#masterKeyFile, this.#records)
  }

  #ownerOf(wrappedKey: Buffer, masterKeys: readonly Buffer[]): Buffer {
    const id = wrappedKey.subarray(FORM.length, FORM.length + ID)
    const owner = masterKeys.find((masterKey) => masterKeyId(masterKey).equals(id))
    if (owner === undefined) throw otherMasterKey(this.#masterKeyFile)
    return owner
  }
}

function assertLocal(wrappedKey: Buffer): void {
  if (!wrappedKey.subarray(0, FORM.length).equals(FORM)) throw notLocal()
  if (wrappedKey.length <= HEADER + TAG) throw altered()
}

function withKeys<Result>(masterKeys: readonly Buffer[], use: () => Result): Result {
  try {
    return use()
  } finally {
    wipe(masterKeys)
  }
}

function currentOf(masterKeys: readonly Buffer[]): Buffer {
  const current = masterKeys.at(-1)
  if (current === undefined) throw new RangeError('no master key')
  return current
}

function encryptUnder(masterKey: Buffer, dataKey: Buffer, context: EncryptionContext): Buffer {
  const nonce = randomBytes(NONCE)
  const header = Buffer.concat([FORM, masterKeyId(masterKey), nonce])
  const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(associatedData(header, context))
  return Buffer.concat([header, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()])
}

function decryptUnder(masterKey: Buffer, wrappedKey: Buffer, context: EncryptionContext): Buffer {
  const header = wrappedKey.subarray(0, HEADER)
  const options = { authTagLength: TAG }
  const decipher = createDecipheriv('aes-256-gcm', masterKey, header.subarray(-NONCE), options)
  decipher.setAAD(associatedData(header, context)).setAuthTag(wrappedKey.subarray(-TAG))
  const dataKey = decipher.update(wrappedKey.subarray(HEADER, -TAG))
  try {
    decipher.final()
    return dataKey
  } catch {
    dataKey.fill(0)
    throw altered()
  }
}

/** JSON of the sorted pairs: one text for each context, whatever the order its pairs come in. */
function associatedData(header: Buffer, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.concat([header, Buffer.from(JSON.stringify(pairs))])
}

function notLocal(): LazyCredError {
  return new LazyCredError('WRONG_KMS_KEY', 'its data key was not wrapped by the local backend', {
    hint: 'The record may come from AWS; then it opens with the configuration that it was put with.',
  })
}

function otherMasterKey(file: string): LazyCredError {
  return new LazyCredError('WRONG_KMS_KEY', `its data key was wrapped by another master key than ${printable(file)}`, {
    hint: 'Bring back the one that the record was put with.',
  })
}

function altered(): LazyCredError {
  return new LazyCredError('CONTEXT_MISMATCH', 'its wrapped key was altered, or wrapped under another context')
}
