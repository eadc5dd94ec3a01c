import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { Secret, Token } from 'fernet'
import { describe, expect, it } from 'vitest'
import { generateDataKey } from '../../src/fernet.js'
import { open, RUNS, seal, sealByTheSpec, signByTheSpec } from '../support/fernet.js'

interface Vector {
  readonly desc?: string
  readonly token: string
  readonly now: string
  readonly src?: string
  readonly iv?: number[]
  readonly secret: string
}

function vectors(file: string): Vector[] {
  return JSON.parse(readFileSync(new URL(`../vectors/fernet/${file}`, import.meta.url), 'utf8')) as Vector[]
}

/** About time, which is not checked: secrets do not expire. Nothing else is wrong with the two: they hold an empty value. */
const ABOUT_TIME = ['far-future TS (unacceptable clock skew)', 'expired TTL']

describe('the vectors of the Fernet spec', () => {
  it.each(vectors('generate.json'))('generate: $src', ({ token, now, iv, src, secret }) => {
    const time = Date.parse(now) / 1000
    expect(seal(secret, Buffer.from(src ?? ''), time, Buffer.from(iv ?? []))).toBe(token)
  })

  it.each(vectors('verify.json'))('verify: $src', ({ token, src, secret }) => {
    expect(open(secret, token).toString()).toBe(src)
  })

  const invalid = vectors('invalid.json')
  it.each(invalid.filter(({ desc = '' }) => !ABOUT_TIME.includes(desc)))('invalid: $desc', ({ token, secret }) => {
    expect(() => open(secret, token)).toThrow(expect.objectContaining({ code: 'RECORD_DAMAGED' }) as Error)
  })

  it.each(invalid.filter(({ desc = '' }) => ABOUT_TIME.includes(desc)))('not applied: $desc', ({ token, secret }) => {
    expect(open(secret, token)).toHaveLength(0)
  })

  it('are all there, the two about time among them', () => {
    expect([vectors('generate.json').length, vectors('verify.json').length, invalid.length]).toEqual([1, 1, 8])
    expect(invalid.map(({ desc }) => desc)).toEqual(expect.arrayContaining(ABOUT_TIME))
  })
})

const dataKeys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes))
const text = (dataKey: Buffer): string => `${dataKey.toString('base64url')}=`
/** Around the edges of blocks, of base64 quanta and of the windows that the work is done in. */
const edges = [0, 16, 48, 48 * 1024, 64 * 1024, 96 * 1024]
  .flatMap((edge) => [edge - 1, edge, edge + 1])
  .filter((n) => n >= 0)
const lengths = fc.oneof({ weight: 3, arbitrary: fc.nat(200) }, { weight: 1, arbitrary: fc.constantFrom(...edges) })
const values = fc.tuple(lengths, fc.nat(255)).map(([length, fill]) => Buffer.alloc(length, Buffer.of(fill, length, 7)))

describe('Fernet', () => {
  it('agrees with the spec written out once more, on any key, time, IV and length', () => {
    const ivs = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes))
    const times = fc.nat({ max: 2 ** 40 })
    const agrees = (dataKey: Buffer, value: Buffer, time: number, iv: Buffer): void => {
      const token = sealByTheSpec(dataKey, value, BigInt(time), iv)
      expect(seal(text(dataKey), value, time, iv)).toBe(token)
      expect(open(text(dataKey), token).equals(value)).toBe(true)
    }
    fc.assert(fc.property(dataKeys, values, times, ivs, agrees), { numRuns: RUNS })
  })

  it('agrees both ways with the package fernet, on text that it can carry', () => {
    const agrees = (dataKey: Buffer, message: string): void => {
      const secret = new Secret(text(dataKey))
      const theirs = new Token({ secret, ttl: 0 }).encode(message)
      expect(open(text(dataKey), theirs).toString()).toBe(message)
      const ours = seal(text(dataKey), Buffer.from(message))
      expect(new Token({ secret, token: ours, ttl: 0 }).decode()).toBe(message)
    }
    fc.assert(fc.property(dataKeys, fc.string({ unit: 'grapheme', minLength: 1 }), agrees), { numRuns: RUNS })
  })

  it('brings any bytes back, and leaves what it was given as it was', () => {
    const roundTrip = (dataKey: Buffer, bytes: Uint8Array): void => {
      const value = Buffer.from(bytes)
      const token = seal(text(dataKey), bytes)
      expect(value.equals(bytes)).toBe(true)
      expect(open(text(dataKey), token).equals(value)).toBe(true)
    }
    fc.assert(fc.property(dataKeys, fc.uint8Array({ maxLength: 1000 }), roundTrip), { numRuns: RUNS })
  })

  it.each([15, 16, 17])('refuses every change of one byte, cut and addition, for a value of %i bytes', (length) => {
    const dataKey = text(Buffer.alloc(32, 1))
    const token = Buffer.from(seal(dataKey, Buffer.alloc(length, 'v')))
    for (let at = 0; at < token.length; at++) {
      expectRefusal(() => open(dataKey, token.toString('latin1', 0, at)))
      for (const char of 'A_-z=+/ \n\0\xff'.replace(String.fromCharCode(token[at] ?? 0), '')) {
        const changed = Buffer.from(token)
        changed.write(char, at, 'latin1')
        expectRefusal(() => open(dataKey, changed.toString('latin1')))
      }
    }
    for (const more of ['=', '==', '\n', ' ', 'AAAA', '\0', token.toString()]) {
      expectRefusal(() => open(dataKey, token.toString() + more))
      expectRefusal(() => open(dataKey, more + token.toString()))
    }
  })

  it('refuses what is signed as it should be and is still no token', () => {
    const dataKey = Buffer.alloc(32, 1)
    const good = Buffer.from(sealByTheSpec(dataKey, Buffer.from('value'), 7n, Buffer.alloc(16, 2)), 'base64url')
    const unsigned = good.subarray(0, -32)
    expect(open(text(dataKey), signByTheSpec(dataKey, unsigned)).toString()).toBe('value')
    const otherVersions = [0, 0x7f, 0x81, 0xff].map((version) =>
      Buffer.concat([Buffer.of(version), unsigned.subarray(1)]),
    )
    const otherLengths = [0, 1, 24, 25, 26, 40].map((length) => unsigned.subarray(0, length))
    const longer = Buffer.concat([unsigned, Buffer.alloc(8)])
    const badPadding = Buffer.from(unsigned).fill(0x80, 24, 25)
    for (const bytes of [...otherVersions, ...otherLengths, longer, badPadding]) {
      expectRefusal(() => open(text(dataKey), signByTheSpec(dataKey, bytes)))
    }
  })

  it('refuses a token of which any bit was changed', () => {
    const changed = (dataKey: Buffer, value: Buffer, where: number): void => {
      const token = Buffer.from(seal(text(dataKey), value))
      const bit = where % (token.length * 8)
      token[bit >> 3] = (token[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expectRefusal(() => open(text(dataKey), token.toString('latin1')))
    }
    fc.assert(fc.property(dataKeys, values, fc.nat(), changed), { numRuns: RUNS })
  })

  it('refuses a token that was cut, lengthened or spliced', () => {
    const damaged = (dataKey: Buffer, value: Buffer, where: number, more: string): void => {
      const token = seal(text(dataKey), value)
      const cut = where % token.length
      expectRefusal(() => open(text(dataKey), token.slice(0, cut)))
      expectRefusal(() => open(text(dataKey), token + more))
      const other = seal(text(dataKey), value)
      expectRefusal(() => open(text(dataKey), token.slice(0, 44) + other.slice(44)))
    }
    fc.assert(fc.property(dataKeys, values, fc.nat(), fc.string({ minLength: 1 }), damaged), { numRuns: RUNS })
  })

  it('refuses a token under another data key, or under what is no data key', () => {
    const token = seal(text(Buffer.alloc(32, 1)), Buffer.from('value'))
    const halves = [1, 2].map((byte) => Buffer.alloc(16, byte))
    const halfWrong = text(Buffer.concat(halves.reverse()))
    const otherLengths = [0, 16, 31, 33, 64].map((length) => Buffer.alloc(length, 1).toString('base64url'))
    const raw = Buffer.alloc(32, 1).toString('latin1')
    const others = [
      text(Buffer.alloc(32, 2)),
      halfWrong,
      'short',
      raw,
      `${text(Buffer.alloc(32, 1))}\n`,
      ...otherLengths,
    ]
    for (const other of others) expectRefusal(() => open(other, token))
    expectRefusal(() => open(text(Buffer.alloc(32, 1)).replace('=', '%'), token))
  })

  it('makes data keys of 32 random bytes, as 44 characters of base64url', () => {
    const made = Array.from({ length: 50 }, () => generateDataKey().toString())
    expect(made.every((dataKey) => /^[A-Za-z0-9_-]{43}=$/.test(dataKey))).toBe(true)
    expect(new Set(made).size).toBe(50)
  })

  it('stamps tokens with the time of day and an IV of their own', () => {
    const dataKey = text(Buffer.alloc(32, 1))
    const before = Math.floor(Date.now() / 1000)
    const [one, two] = [1, 2].map(() => Buffer.from(seal(dataKey, Buffer.of()), 'base64url')) as [Buffer, Buffer]
    expect(Number(one.readBigUInt64BE(1))).toBeGreaterThanOrEqual(before)
    expect(Number(one.readBigUInt64BE(1))).toBeLessThanOrEqual(Math.floor(Date.now() / 1000))
    expect(one.subarray(9, 25).equals(two.subarray(9, 25))).toBe(false)
  })
})

function expectRefusal(attempt: () => unknown): void {
  expect(attempt).toThrow(expect.objectContaining({ code: 'RECORD_DAMAGED' }) as Error)
}
