/**
 * Fernet, bytes in and bytes out, after the spec (https://github.com/fernet/spec/blob/master/Spec.md):
 *
 *     0x80 | time, 64-bit big-endian seconds | IV, 16 bytes | AES-128-CBC ciphertext, PKCS7 | HMAC-SHA256, 32 bytes
 *
 * all of it in base64url with padding. No time-to-live is checked: secrets do not expire.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { Base64urlWriter, decodeInPlace, encode, encodedLength } from './base64.js'
import { LazyCredError } from './errors.js'

const VERSION = 0x80
const BLOCK = 16
const HEADER = 1 + 8 + BLOCK
const MAC = 32
/** Of whole blocks, and of whole quanta of base64. */
const WINDOW = 48 * 1024
/** Shorter, so that with the header before it, it too is whole quanta, and no later window is one byte off. */
const FIRST_WINDOW = WINDOW - BLOCK
const DATA_KEY_LENGTH = 44

/** @returns a fresh data key: 32 random bytes as 44 characters of base64url, in ASCII */
export function generateDataKey(): Buffer {
  const random = randomBytes(2 * BLOCK)
  const dataKey = Buffer.from(encode(random, 'base64url'), 'latin1')
  random.fill(0)
  return dataKey
}

/** @returns how many bytes the token of a value of `valueLength` bytes has */
export function tokenLength(valueLength: number): number {
  const ciphertext = (Math.floor(valueLength / BLOCK) + 1) * BLOCK
  return encodedLength(HEADER + ciphertext + MAC)
}

/**
 * Encrypts a value.
 *
 * @param dataKey 44 ASCII bytes, as `generateDataKey` gives them
 * @param token where the token is written, base64url in ASCII: exactly `tokenLength(value.length)` bytes
 * @param time seconds since 1970; like `iv` (16 bytes) a parameter for the sake of the published vectors
 */
export function encrypt(
  dataKey: Buffer,
  value: Uint8Array,
  token: Buffer,
  time = now(),
  iv: Buffer = randomBytes(BLOCK),
): void {
  const halves = splitDataKey(dataKey)
  const cipher = createCipheriv('aes-128-cbc', halves.encryption, iv)
  const hmac = createHmac('sha256', halves.signing)
  halves.wipe()
  const writer = new Base64urlWriter(token)
  const emit = (part: Buffer): void => {
    hmac.update(part)
    writer.write(part)
  }
  emit(header(time, iv))
  for (let at = 0, end = FIRST_WINDOW; at < value.length; at = end, end += WINDOW) {
    emit(cipher.update(value.subarray(at, end)))
  }
  emit(cipher.final())
  writer.write(hmac.digest())
  writer.end()
}

function now(): number {
  return Math.floor(Date.now() / 1000)
}

function header(time: number, iv: Buffer): Buffer {
  const bytes = Buffer.alloc(HEADER)
  bytes.writeUInt8(VERSION)
  bytes.writeBigUInt64BE(BigInt(time), 1)
  iv.copy(bytes, HEADER - BLOCK)
  return bytes
}

/**
 * Verifies a token and decrypts it. The code is compared in constant time, before anything is decrypted.
 *
 * @param dataKey 44 ASCII bytes
 * @param token base64url in ASCII; it is overwritten, since everything is done in place
 * @returns the value, lying in `token`'s memory
 * @throws LazyCredError `RECORD_DAMAGED`, which says nothing of the content
 */
export function decrypt(dataKey: Buffer, token: Buffer): Buffer {
  const halves = splitDataKey(dataKey)
  try {
    const bytes = decodeInPlace(token, 'base64url')
    if (bytes === undefined) throw damaged('its token is not base64url')
    if (!hasTokenShape(bytes)) throw damaged('its token does not have the shape of a Fernet token')
    if (!isAuthentic(bytes, halves.signing)) throw damaged('its token does not verify under its data key')
    return decipherInPlace(bytes, halves.encryption)
  } finally {
    halves.wipe()
  }
}

function hasTokenShape(bytes: Buffer): boolean {
  const ciphertext = bytes.length - HEADER - MAC
  return bytes[0] === VERSION && ciphertext >= BLOCK && ciphertext % BLOCK === 0
}

function isAuthentic(bytes: Buffer, signing: Buffer): boolean {
  const expected = createHmac('sha256', signing).update(bytes.subarray(0, -MAC)).digest()
  return timingSafeEqual(expected, bytes.subarray(-MAC))
}

function decipherInPlace(bytes: Buffer, encryption: Buffer): Buffer {
  const decipher = createDecipheriv('aes-128-cbc', encryption, bytes.subarray(HEADER - BLOCK, HEADER))
  const ciphertext = bytes.subarray(HEADER, -MAC)
  let length = 0
  const keep = (part: Buffer): void => {
    length += part.copy(ciphertext, length)
    part.fill(0)
  }
  for (let at = 0; at < ciphertext.length; at += WINDOW) keep(decipher.update(ciphertext.subarray(at, at + WINDOW)))
  try {
    keep(decipher.final())
  } catch {
    ciphertext.fill(0)
    throw damaged('the padding inside its token is wrong')
  }
  return ciphertext.subarray(0, length)
}

interface Halves {
  readonly signing: Buffer
  readonly encryption: Buffer
  wipe(): void
}

function splitDataKey(dataKey: Buffer): Halves {
  // Behind the bytes the end of the text is still there, so that all of it is to be wiped.
  const text = Buffer.from(dataKey)
  const bytes = text.length === DATA_KEY_LENGTH ? decodeInPlace(text, 'base64url') : undefined
  if (bytes?.length !== 2 * BLOCK) {
    text.fill(0)
    throw damaged('what its wrapped key holds is not a Fernet key')
  }
  return { signing: bytes.subarray(0, BLOCK), encryption: bytes.subarray(BLOCK), wipe: () => text.fill(0) }
}

function damaged(reason: string): LazyCredError {
  return new LazyCredError('RECORD_DAMAGED', `the record cannot be opened: ${reason}`)
}
