import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Base64urlWriter, decodeInPlace, encode, encodedLength, type Alphabet } from '../../src/base64.js'
import { RUNS } from '../support/fernet.js'

const alphabets: Alphabet[] = ['base64', 'base64url']

function decode(text: Buffer | string, alphabet: Alphabet): Buffer | undefined {
  return decodeInPlace(Buffer.from(text), alphabet)
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
