/** A value as bytes, and back. */
import { types } from 'node:util'
import { assertFits } from './envelope.js'
import { LazyCredError } from './errors.js'
import { decodeUtf8 } from './utf8.js'

/**
 * @returns text as UTF-8, in memory of its own; of bytes the very same memory
 * @throws LazyCredError `VALUE_INVALID`, `VALUE_TOO_LARGE`
 */
export function bytesOf(value: unknown): Buffer {
  if (types.isUint8Array(value)) return fitting(plain(value))
  if (typeof value !== 'string')
    throw new LazyCredError('VALUE_INVALID', `a value is text or bytes, not ${typeof value}`)
  if (!value.isWellFormed()) throw new LazyCredError('VALUE_INVALID', 'the text is not well-formed Unicode')
  assertFits(Buffer.byteLength(value))
  return Buffer.from(value)
}

function fitting(bytes: Buffer): Buffer {
  assertFits(bytes.length)
  return bytes
}

/** The very bytes, whatever a subclass makes of the methods of its arrays. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  try {
    return Buffer.from(buffer, byteOffset, byteLength)
  } catch {
    throw new LazyCredError('VALUE_INVALID', 'the bytes are no longer there: their memory was given to somebody else')
  }
}

/**
 * @param bytes wiped afterwards
 * @throws LazyCredError `NOT_TEXT`
 */
export function decodeText(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes)
  bytes.fill(0)
  if (text !== undefined) return text
  throw new LazyCredError('NOT_TEXT', 'the secret is not UTF-8 text', { hint: 'In code, read it with getBytes.' })
}
