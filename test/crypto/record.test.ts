import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LazyCredError } from '../../src/errors.js'
import { layOut, parse } from '../../src/record.js'
import { RUNS } from '../support/fernet.js'

const TOKEN = `gAAAAA${'x'.repeat(94)}`
const WRAPPED = Buffer.from('the wrapped key').toString('base64')

function read(text: string | Buffer): { token: string; wrappedKey: string } {
  const { token, wrappedKey } = parse(Buffer.from(text))
  return { token: token.toString('latin1'), wrappedKey: wrappedKey.toString() }
}

function refusal(bytes: Buffer): LazyCredError {
  try {
    parse(bytes)
  } catch (error) {
    if (error instanceof LazyCredError) return error
    throw error
  }
  throw new Error('it was taken for a record')
}

describe('a record', () => {
  it('is laid out as the Python tool does, to the byte', () => {
    const { record, token } = layOut(TOKEN.length, Buffer.from('the wrapped key'))
    token.write(TOKEN)
    expect(record.toString()).toBe(`{"data": "${TOKEN}", "key": "${WRAPPED}"}`)
    expect(read(record)).toEqual({ token: TOKEN, wrappedKey: 'the wrapped key' })
  })

  it.each(['ascii', 'utf8-multiline'])('of the Python tool is read: %s', (name) => {
    const bytes = readFileSync(new URL(`../vectors/python/${name}.record.json`, import.meta.url))
    const { data, key: wrapped } = JSON.parse(bytes.toString()) as { data: string; key: string }
    const { token, wrappedKey } = parse(bytes)
    expect(token.toString()).toBe(data)
    expect(wrappedKey).toEqual(Buffer.from(wrapped, 'base64'))
  })

  it.each([
    ['fields the other way round', `{"key": "${WRAPPED}", "data": "${TOKEN}"}`],
    ['white space', ` \n{\t"data"\r\n:"${TOKEN}" , "key":\n"${WRAPPED}"}\n`],
    ['other fields', `{"x": {"data": 1}, "data": "${TOKEN}", "key": "${WRAPPED}", "y": ["${'z'.repeat(50)}"]}`],
    ['another field that is longer', `{"data": "${TOKEN}", "key": "${WRAPPED}", "y": "${'z'.repeat(500)}"}`],
    ['escapes in the names', `{"d\\u0061ta": "${TOKEN}", "k\\u0065y": "${WRAPPED}"}`],
    ['escapes in the values', `{"data": "\\u0067${TOKEN.slice(1)}", "key": "${WRAPPED.replaceAll('=', '\\u003d')}"}`],
    ['fields twice, the last counting', `{"data": "no", "key": null, "data": "${TOKEN}", "key": "${WRAPPED}"}`],
    ['a backslash and quotes before them', `{"a": "\\\\", "b": "\\"", "data": "${TOKEN}", "key": "${WRAPPED}"}`],
  ])('is read with %s', (_what, text) => {
    expect(read(text)).toEqual({ token: TOKEN, wrappedKey: 'the wrapped key' })
  })

  it('whose key is the longer of its texts is read', () => {
    const wrapped = Buffer.alloc(600, 7).toString('base64')
    expect(read(`{"data": "${TOKEN}", "key": "${wrapped}"}`).token).toBe(TOKEN)
    expect(parse(Buffer.from(`{"data": "${TOKEN}", "key": "${wrapped}"}`)).wrappedKey).toEqual(Buffer.alloc(600, 7))
  })
})

describe('a token of a megabyte', () => {
  const long = `gAAAAA${'x'.repeat(1_000_000)}`
  const others = Array.from({ length: 200 }, (_, index) => `"other ${index}": "\\"${'y'.repeat(70 + index)}"`).join(
    ', ',
  )
  it.each([
    ['first', `{"data": "${long}", "key": "${WRAPPED}", ${others}}`],
    ['last', `{${others}, "key": "${WRAPPED}", "data": "${long}"}`],
    ['twice, the last counting', `{"data": "${TOKEN}", "key": "${WRAPPED}", ${others}, "data": "${long}"}`],
  ])('is read among 200 other fields: %s', (_where, text) => {
    expect(read(text)).toEqual({ token: long, wrappedKey: 'the wrapped key' })
  })

  it('does not count where a short one comes after it', () => {
    expect(read(`{"data": "${long}", "key": "${WRAPPED}", "data": "${TOKEN}"}`).token).toBe(TOKEN)
  })

  it('with an escape is refused, as is a second one: no more than one text may be long', () => {
    expect(refusal(Buffer.from(`{"data": "\\u0067${long.slice(1)}", "key": "${WRAPPED}"}`)).code).toBe('RECORD_DAMAGED')
    expect(refusal(Buffer.from(`{"data": "${long}", "key": "${WRAPPED}", "x": "${long}"}`)).code).toBe('RECORD_DAMAGED')
  })
})

describe('what is not a record is refused', () => {
  it.each([
    ['nothing', '', /empty/],
    ['text', 'hello', /not JSON/],
    ['a list', '[]', /not a JSON object/],
    ['a number', '7', /not a JSON object/],
    ['null', 'null', /not a JSON object/],
    ['no fields', '{}', /"data"/],
    ['no key', `{"data": "${TOKEN}"}`, /"key"/],
    ['no data', `{"key": "${WRAPPED}"}`, /"data"/],
    ['a number for data', `{"data": 7, "key": "${WRAPPED}"}`, /"data"/],
    ['a list for key', `{"data": "${TOKEN}", "key": ["${WRAPPED}"]}`, /"key"/],
    ['an empty key', `{"data": "${TOKEN}", "key": ""}`, /"key" is not base64/],
    ['a key that is not base64', `{"data": "${TOKEN}", "key": "%%%%"}`, /"key" is not base64/],
    ['a byte order mark', `\ufeff{"data": "${TOKEN}", "key": "${WRAPPED}"}`, /not JSON/],
    ['something behind it', `{"data": "${TOKEN}", "key": "${WRAPPED}"}x`, /not JSON/],
    ['a trailing comma', `{"data": "${TOKEN}", "key": "${WRAPPED}",}`, /not JSON/],
  ])('%s', (_what, text, words) => {
    const error = refusal(Buffer.from(text))
    expect(error.code).toBe('RECORD_DAMAGED')
    expect(error.message).toMatch(words)
  })

  it('with a hint where the Python tool stored it without its key', () => {
    const bytes = readFileSync(new URL('../vectors/python/null-key-after-kms-failure.record.json', import.meta.url))
    expect(refusal(bytes)).toMatchObject({
      code: 'RECORD_DAMAGED',
      hint: expect.stringContaining('Python tool') as string,
    })
  })

  it('without quoting it', () => {
    const canary = 'canary-4711'
    for (const text of [canary, `{"data": "${canary}", "key": 7}`, `{"data": ${canary}}`, `["${canary}"]`]) {
      const { message, hint, cause } = refusal(Buffer.from(text))
      expect(`${message} ${String(hint)} ${String(cause)}`).not.toContain(canary)
    }
  })

  it('whatever JSON it is', () => {
    const never = (value: unknown): void => {
      expect(refusal(Buffer.from(JSON.stringify(value))).code).toBe('RECORD_DAMAGED')
    }
    const odd = fc.oneof(
      fc.json().map((json) => JSON.parse(json) as unknown),
      fc.record({ data: fc.jsonValue(), key: fc.nat() }),
    )
    fc.assert(fc.property(odd, never), { numRuns: RUNS })
  })

  it('whatever bytes they are', () => {
    const parts = fc.constantFrom(
      '{',
      '}',
      '"',
      '\\',
      '"data"',
      '"key"',
      ':',
      ',',
      '[',
      'null',
      '\0',
      '\xff',
      'A'.repeat(70),
    )
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.array(parts).map((all) => Buffer.from(all.join(''), 'latin1')),
    )
    const typed = (some: Uint8Array): void => {
      expect(refusal(Buffer.from(some)).code).toBe('RECORD_DAMAGED')
    }
    fc.assert(fc.property(bytes, typed), { numRuns: RUNS * 3 })
  })

  it.each(['\0', '"', '\\', '\\"', '[', '{', ' ', `["${'x'.repeat(100)}",`, '"x":'])(
    '300 MB of %j, in bounded time and memory',
    (pattern) => {
      const size = 300_000_000
      const before = process.memoryUsage().rss
      const bytes = Buffer.alloc(size, pattern)
      expect(refusal(bytes).code).toBe('RECORD_DAMAGED')
      expect(process.memoryUsage().rss - before).toBeLessThan(1.2 * size)
    },
  )

  it.each([
    ['a string that never ends', (filler: Buffer) => [Buffer.from(`{"data": "${TOKEN}", "x": "`), filler]],
    ['another field', (filler: Buffer) => [Buffer.from(`{"x": "`), filler, Buffer.from(`", "data": "${TOKEN}"}`)]],
    ['a wrapped key', (filler: Buffer) => [Buffer.from(`{"data": "${TOKEN}", "key": "`), filler, Buffer.from('"}')]],
  ])('100 MB of base64 in %s', (_where, around) => {
    const bytes = Buffer.concat(around(Buffer.alloc(100_000_000, 'A')))
    expect(refusal(bytes).code).toBe('RECORD_DAMAGED')
  })

  it('a wrapped key of more bytes than KMS gives, which would only be sent there', () => {
    const record = (size: number): Buffer =>
      Buffer.from(`{"data": "${TOKEN}", "key": "${Buffer.alloc(size, 7).toString('base64')}"}`)
    expect(parse(record(6144)).wrappedKey).toHaveLength(6144)
    expect(refusal(record(6145)).message).toContain('longer than any wrapped key')
  })
})

/** What a record may be made of, in every spelling that JSON has for it, and much that it may not. */
const spellings = (text: string): string[] => {
  const escape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  const everyOther = Array.from(text, (char, index) => (index % 2 === 0 ? escape(char) : char)).join('')
  return [text, everyOther, text.replaceAll('/', '\\/'), text.replaceAll('=', '\\u003D')].map((inner) => `"${inner}"`)
}
const SLASHES = Buffer.from('fffefdfcfbfaf9', 'hex').toString('base64')
const fieldNames = fc.constantFrom(...spellings('data'), ...spellings('key'), '"x"', '"__proto__"', '"toString"', '""')
const texts = [TOKEN, WRAPPED, SLASHES, 'A'.repeat(300), 'AB==', '', '=', '\u00e9', 'x'.repeat(80)].flatMap(spellings)
const fieldValues = fc.constantFrom(
  ...texts,
  'null',
  '7',
  '[]',
  `{"data": "${TOKEN}"}`,
  `["${'y'.repeat(120)}"]`,
  'true',
)
const spaces = fc.constantFrom('', '', ' ', '\n\t', '\r\n')
const members = fc
  .tuple(spaces, fieldNames, spaces, fieldValues)
  .map(([a, name, b, value]) => `${a}${name}${b}:${value}`)
const objects = fc.array(members, { maxLength: 6 }).map((all) => `{${all.join(',')}}`)

/** The same by JSON.parse and strict base64; `undefined` for what is no record. */
function byJsonParse(text: string): { token: string; wrappedKey: string } | undefined {
  const { data, key: wrapped } = JSON.parse(text) as { data: unknown; key: unknown }
  if (typeof data !== 'string' || typeof wrapped !== 'string' || wrapped === '') return undefined
  const wrappedKey = Buffer.from(wrapped, 'base64')
  return wrappedKey.toString('base64') === wrapped
    ? { token: Buffer.from(data).toString('latin1'), wrappedKey: wrappedKey.toString() }
    : undefined
}

describe('any JSON object', () => {
  it('is the record that JSON.parse would make of it, or none', () => {
    const same = (text: string): void => {
      const expected = byJsonParse(text)
      if (expected === undefined) expect(refusal(Buffer.from(text)).code).toBe('RECORD_DAMAGED')
      else expect(read(text)).toEqual(expected)
    }
    fc.assert(fc.property(objects, same), { numRuns: RUNS * 5 })
  })

  it('is a record if it has the two fields, whatever the others are', () => {
    const found = (others: Record<string, unknown>, isFirst: boolean): void => {
      const fields = { data: TOKEN, key: WRAPPED }
      const text = JSON.stringify(isFirst ? { ...others, ...fields } : { ...fields, ...others, ...fields })
      expect(read(text)).toEqual({ token: TOKEN, wrappedKey: 'the wrapped key' })
    }
    const others = fc.dictionary(fc.string(), fc.jsonValue())
    fc.assert(fc.property(others, fc.boolean(), found), { numRuns: RUNS })
  })

  it('of which any byte was changed is none, or gives what stands in it', () => {
    const record = Buffer.from(`{"data": "${TOKEN}", "key": "${WRAPPED}"}`)
    for (let at = 0; at < record.length; at++) {
      for (const byte of [0, 0x22, 0x5c, 0x20, 0x41, 0x7d, 0xff, (record[at] ?? 0) ^ 1]) {
        const changed = Buffer.from(record)
        changed[at] = byte
        expectPartsOrRefusal(changed)
      }
    }
  })
})

function expectPartsOrRefusal(bytes: Buffer): void {
  const text = bytes.toString('latin1')
  try {
    const { token, wrappedKey } = parse(Buffer.from(bytes))
    expect(text).toContain(token.toString('latin1'))
    expect(text).toContain(wrappedKey.toString('base64'))
  } catch (error) {
    expect(error).toMatchObject({ code: 'RECORD_DAMAGED' })
  }
}
