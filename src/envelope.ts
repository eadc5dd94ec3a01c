/** Envelope encryption: a value under a fresh data key, the data key under a KMS key, both in one record. */
import { LazyCredError } from './errors.js'
import { decrypt, encrypt, generateDataKey, tokenLength } from './fernet.js'
import type { EncryptionContext } from './context.js'
import type { KeyWrapper } from './ports.js'
import { layOut, parse } from './record.js'

/** 256 MiB. */
export const MAX_VALUE_BYTES = 256 * 1024 * 1024

/** What KMS takes for a ciphertext blob (AWS page "Decrypt" of the KMS API Reference). */
const MAX_WRAPPED_KEY_BYTES = 6144

/** The longest record that can hold such a value, with room to spare for its fields and its wrapped key. */
export const MAX_RECORD_BYTES = tokenLength(MAX_VALUE_BYTES) + 64 * 1024

/**
 * @param value any bytes, none included; not changed
 * @returns the bytes of the record
 * @throws LazyCredError `VALUE_TOO_LARGE` before anything is wrapped, `VALUE_INVALID` where the value's memory was transferred
 * meanwhile, and what the wrapper throws
 */
export async function seal(
  value: Uint8Array,
  wrapper: Pick<KeyWrapper, 'wrap'>,
  context: EncryptionContext,
): Promise<Buffer> {
  const { length } = value
  assertFits(length)
  const dataKey = generateDataKey()
  try {
    const wrappedKey = await wrapper.wrap(dataKey, context)
    assertWrapped(wrappedKey)
    if (value.length !== length) throw new LazyCredError('VALUE_INVALID', 'the bytes went away while they were stored')
    const { record, token } = layOut(tokenLength(length), wrappedKey)
    encrypt(dataKey, value, token)
    return record
  } finally {
    dataKey.fill(0)
  }
}

/**
 * @param record the bytes of a record; they are overwritten
 * @returns the value, lying in `record`'s memory
 * @throws LazyCredError `RECORD_DAMAGED`, and what the wrapper throws
 */
export async function open(
  record: Buffer,
  wrapper: Pick<KeyWrapper, 'unwrap'>,
  context: EncryptionContext,
): Promise<Buffer> {
  const { token, wrappedKey } = parse(record)
  const dataKey = await wrapper.unwrap(wrappedKey, context)
  try {
    return decrypt(dataKey, token)
  } finally {
    dataKey.fill(0)
  }
}

/** A record without its key is lost, and the one that it would replace with it. */
function assertWrapped(wrappedKey: Buffer): void {
  if (wrappedKey.length >= 1 && wrappedKey.length <= MAX_WRAPPED_KEY_BYTES) return
  throw new LazyCredError(
    'SERVICE_ERROR',
    `the data key was wrapped into ${wrappedKey.length} bytes, which cannot be right`,
  )
}

/** @throws LazyCredError `VALUE_TOO_LARGE` where `size` bytes are too many for one secret */
export function assertFits(size: number): void {
  if (size <= MAX_VALUE_BYTES) return
  throw new LazyCredError('VALUE_TOO_LARGE', `the value has ${size} bytes; the limit is ${MAX_VALUE_BYTES} (256 MiB)`)
}
