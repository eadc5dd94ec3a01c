import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Base64urlWriter, decodeInPlace, encode, encodedLength, type Alphabet } from '../../src/base64.js'
import { RUNS } from '../support/fernet.js'

const alphabets: Alphabet[] = ['base64', 'base64url']

function decode(text: Buffer | string, alphabet: Alphabet): Buffer | undefined {
  return decodeInPlace(Buffer.from(text), alphabet)
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const DIGITS = { base64: `${LETTERS}+/`, base64url: `${LETTERS}-_` }

/** Digit by digit, after section 4 of RFC 4648, and as strict as its section 3.5 allows. */
function decodeByTheRfc(text: string, alphabet: Alphabet): Buffer | undefined {
  const digits = text.replace(/={1,2}$/, '')
  const values = Array.from(digits, (digit) => DIGITS[alphabet].indexOf(digit))
  if (text.length % 4 !== 0 || digits.length % 4 === 1 || values.includes(-1)) return undefined
  const bits = values.map((value) => value.toString(2).padStart(6, '0')).join('')
  const whole = bits.length - (bits.length % 8)
  if (bits.slice(whole).includes('1')) return undefined
  return Buffer.from((bits.slice(0, whole).match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)))
}

describe.each(alphabets)('%s', (alphabet) => {
  it('decodes what encoding gives', () => {
    const roundTrip = (bytes: Uint8Array): void => {
      const text = encode(Buffer.from(bytes), alphabet)
      expect(text).toHaveLength(encodedLength(bytes.length))
      expect(decode(text, alphabet)).toEqual(Buffer.from(bytes))
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), roundTrip), { numRuns: RUNS })
  })

  it('has one text only for each sequence of bytes: any text that decodes is what encoding gives', () => {
    const unit = fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '+', '/', '-', '_', '=', 'w', '\n', ' ', 'é', '\0')
    const strict = (text: string): void => {
      const bytes = decode(text, alphabet)
      if (bytes !== undefined) expect(encode(bytes, alphabet)).toBe(text)
    }
    fc.assert(fc.property(fc.string({ unit, maxLength: 12 }), strict), { numRuns: RUNS * 10 })
  })

  it('takes, at every place of every kind of last quantum, what RFC 4648 takes and no other byte', () => {
    for (const length of [1, 2, 3, 4, 5, 6]) {
      const text = Buffer.from(encode(Buffer.alloc(length, 0xb7), alphabet))
      for (let at = 0; at < text.length; at++) {
        for (let byte = 0; byte < 256; byte++) {
          const changed = Buffer.from(text)
          changed[at] = byte
          expect(decode(changed, alphabet)).toEqual(decodeByTheRfc(changed.toString('latin1'), alphabet))
        }
      }
    }
  })

  it('knows every byte at every place of a text, in the middle of a window and at its edges', () => {
    const text = encode(Buffer.alloc(48 * 1024 + 30, 0xa5), alphabet)
    for (const at of [0, 1, 2, 3, 64 * 1024 - 1, 64 * 1024, text.length - 4, text.length - 1]) {
      for (let byte = 0; byte < 256; byte++) {
        const changed = Buffer.from(text)
        changed[at] = byte
        const bytes = decode(changed, alphabet)
        if (bytes !== undefined) expect(encode(bytes, alphabet) === changed.toString('latin1')).toBe(true)
        else expect(byte === text.charCodeAt(at)).toBe(false)
      }
    }
  })

  it.each([
    'A',
    'AA',
    'AAA',
    'AA=',
    'AAA==',
    'AAAA=',
    '====',
    'A===',
    '=AAA',
    'AB==',
    'AAB=',
    'AA==AAAA',
    'AA\n=',
    ' AAA',
  ])('refuses %j', (text) => {
    expect(decode(text, alphabet)).toBeUndefined()
  })

  it('refuses the other alphabet', () => {
    const other = alphabet === 'base64' ? 'base64url' : 'base64'
    const text = encode(Buffer.of(0xfb, 0xff, 0xfe), other)
    expect(decode(text, other)).toEqual(Buffer.of(0xfb, 0xff, 0xfe))
    expect(decode(text, alphabet)).toBeUndefined()
  })
})

describe('Base64urlWriter', () => {
  it('writes the same in pieces as at once', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)))
    const same = (parts: Buffer[]): void => {
      const whole = Buffer.concat(parts)
      const out = Buffer.alloc(encodedLength(whole.length))
      const writer = new Base64urlWriter(out)
      for (const part of parts) writer.write(part)
      writer.end()
      expect(out.toString('latin1')).toBe(encode(whole, 'base64url'))
    }
    fc.assert(fc.property(pieces, same), { numRuns: RUNS })
  })
})
