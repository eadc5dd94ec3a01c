/**
 * The record, as the Python tool writes it: `{"data": "<Fernet token>", "key": "<base64 of the wrapped key>"}`.
 * The token may be hundreds of megabytes, so it is never made a string and never goes through JSON.
 */
import { randomBytes } from 'node:crypto'
import { decodeInPlace, encode, encodedLength } from './base64.js'
import { LazyCredError } from './errors.js'
import { decodeUtf8 } from './utf8.js'

/** Everything in a record but its token: far more than two field names and a wrapped key of 6,144 bytes need. */
const MAX_REST = 64 * 1024
/** KMS's limit on a ciphertext blob, in bytes (AWS page "Decrypt" of the KMS API). */
const MAX_WRAPPED_KEY = 6144
const MAX_STRINGS = 1024
/** Longer than any field name, shorter than any token. */
const WORTH_LIFTING = 64
const QUOTE = 0x22
const BACKSLASH = 0x5c

export interface RecordParts {
  /** A Fernet token, base64url in ASCII. */
  readonly token: Buffer
  readonly wrappedKey: Buffer
}

/** @returns the bytes of a record whose token is still to be written, `tokenLength` bytes long, to where `token` lies in them */
export function layOut(tokenLength: number, wrappedKey: Buffer): { record: Buffer; token: Buffer } {
  const before = '{"data": "'
  const after = `", "key": "${encode(wrappedKey, 'base64')}"}`
  const record = Buffer.alloc(before.length + tokenLength + after.length)
  record.write(before, 'latin1')
  record.write(after, before.length + tokenLength, 'latin1')
  return { record, token: record.subarray(before.length, before.length + tokenLength) }
}

/**
 * Reads a record: JSON in UTF-8, fields in any order, others ignored.
 *
 * @returns its parts; `token` lies in the memory of `bytes`
 * @throws LazyCredError `RECORD_DAMAGED`, quoting nothing of the content
 */
export function parse(bytes: Buffer): RecordParts {
  const fields = parseFields(bytes)
  if (fields['key'] === null) throw withoutKey()
  const token = fields['data']
  const wrappedText = fields['key']
  if (!Buffer.isBuffer(token)) throw damaged('it has no text under "data"')
  if (!Buffer.isBuffer(wrappedText)) throw damaged('it has no text under "key"')
  if (wrappedText.length > encodedLength(MAX_WRAPPED_KEY))
    throw damaged('what is under "key" is longer than any wrapped key')
  const wrappedKey = decodeInPlace(Buffer.from(wrappedText), 'base64')
  if (wrappedKey === undefined || wrappedKey.length === 0) throw damaged('what is under "key" is not base64')
  return { token, wrappedKey }
}

/** @returns the fields of the object in `bytes`, text as buffers */
function parseFields(bytes: Buffer): Readonly<Record<string, unknown>> {
  if (bytes.length === 0) throw damaged('it is empty')
  const long = longestString(bytes)
  if (bytes.length - lengthOf(long) > MAX_REST) throw damaged('it is not of the form {"data": …, "key": …}')
  const marker = randomBytes(16).toString('hex')
  const fields = parseJson(long === undefined ? bytes : replaceSpan(bytes, long, marker))
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) throw damaged('it is not a JSON object')
  const asBuffer = (value: unknown): unknown => {
    if (long !== undefined && value === marker) return bytes.subarray(long.start, long.end)
    return typeof value === 'string' ? Buffer.from(value) : value
  }
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, asBuffer(value)]))
}

function parseJson(bytes: Buffer): unknown {
  try {
    // What is not UTF-8 is no text, and no text is not JSON either.
    return JSON.parse(decodeUtf8(bytes) ?? '')
  } catch {
    throw damaged('it is not JSON')
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

function lengthOf(span: Span | undefined): number {
  return span === undefined ? 0 : span.end - span.start
}

function replaceSpan(bytes: Buffer, { start, end }: Span, text: string): Buffer {
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(text), bytes.subarray(end)])
}

/** Finds the longest JSON string without escapes, quotes not counted, where there is one worth lifting out. */
function longestString(bytes: Buffer): Span | undefined {
  let longest: Span | undefined
  let start = bytes.indexOf(QUOTE) + 1
  for (let strings = 0; start > 0 && strings < MAX_STRINGS; strings++) {
    const end = endOfString(bytes, start)
    const isLonger = end - start > Math.max(lengthOf(longest), WORTH_LIFTING)
    if (isLonger && !bytes.subarray(start, end).includes(BACKSLASH)) longest = { start, end }
    start = bytes.indexOf(QUOTE, end + 1) + 1
  }
  return longest
}

/**
 * @returns where the closing quote of the string that starts at `start` is, or the end of `bytes`: also for a string
 * with escapes that is longer than a record without its token
 */
function endOfString(bytes: Buffer, start: number): number {
  let quote = bytes.indexOf(QUOTE, start)
  while (quote !== -1 && isEscaped(bytes, start, quote)) {
    if (quote - start > MAX_REST) return bytes.length
    quote = bytes.indexOf(QUOTE, quote + 1)
  }
  return quote === -1 ? bytes.length : quote
}

function isEscaped(bytes: Buffer, start: number, at: number): boolean {
  let backslashes = 0
  while (at - backslashes > start && bytes[at - backslashes - 1] === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}

function damaged(reason: string): LazyCredError {
  return new LazyCredError('RECORD_DAMAGED', `what is stored there is not a record: ${reason}`)
}

function withoutKey(): LazyCredError {
  return new LazyCredError(
    'RECORD_DAMAGED',
    'the record was stored without its data key ("key" is null), so nothing can open it',
    {
      hint: 'The Python tool writes such a record when KMS fails. Put the secret again, or restore an older version of the object.',
    },
  )
}
