/** Base64 over buffers, in windows: payloads never become one long string. Padding is always there (RFC 4648 sections 4 and 5). */

export type Alphabet = 'base64' | 'base64url'

/** Characters worked on at a time: whole quanta of four. */
const WINDOW = 64 * 1024
const FOREIGN = { base64: ['-', '_'], base64url: ['+', '/'] } as const

/** @returns how many characters `length` bytes take */
export function encodedLength(length: number): number {
  return Math.ceil(length / 3) * 4
}

/** @returns the bytes as text in that alphabet; meant for what is short */
export function encode(bytes: Buffer, alphabet: Alphabet): string {
  return bytes.toString(alphabet).padEnd(encodedLength(bytes.length), '=')
}

/** Writes base64url into `out` while the bytes come in pieces of any length. */
export class Base64urlWriter {
  readonly #out: Buffer
  #rest = Buffer.alloc(0)
  #at = 0

  constructor(out: Buffer) {
    this.#out = out
  }

  write(part: Buffer): void {
    const bytes = this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part])
    const whole = bytes.length - (bytes.length % 3)
    this.#at += this.#out.write(bytes.toString('base64url', 0, whole), this.#at, 'latin1')
    this.#rest = Buffer.from(bytes.subarray(whole))
  }

  end(): void {
    this.#at += this.#out.write(encode(this.#rest, 'base64url'), this.#at, 'latin1')
  }
}

/**
 * Decodes strictly: each sequence of bytes has one text only, so that not a bit of a record can change unnoticed.
 * (Node's decoder passes over what it does not know, takes either alphabet, and ignores the bits behind the end.)
 *
 * @param text ASCII; it is overwritten
 * @returns the bytes, lying in `text`'s memory; `undefined` where the text is not base64 in that alphabet
 */
export function decodeInPlace(text: Buffer, alphabet: Alphabet): Buffer | undefined {
  if (text.length % 4 !== 0 || FOREIGN[alphabet].some((char) => text.includes(char))) return undefined
  if (!endsCanonically(text, alphabet)) return undefined
  const expected = decodedLength(text)
  let length = 0
  for (let at = 0; at < text.length; at += WINDOW) {
    length += text.write(text.toString('latin1', at, at + WINDOW), length, alphabet)
  }
  return length === expected ? text.subarray(0, length) : undefined
}

function decodedLength(text: Buffer): number {
  const padding = text.at(-1) !== 0x3d ? 0 : text.at(-2) !== 0x3d ? 1 : 2
  return (text.length / 4) * 3 - padding
}

/** The last quantum must be what encoding its own bytes gives: padding in place, no bits left over. */
function endsCanonically(text: Buffer, alphabet: Alphabet): boolean {
  const last = text.toString('latin1', Math.max(0, text.length - 4))
  return encode(Buffer.from(last, alphabet), alphabet) === last
}
