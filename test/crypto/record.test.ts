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

  it.each([0, 0x22, 0x5c, 0x5b, 0x20, 0x7b])('100 MB of the byte %i, in bounded time and memory', (byte) => {
    const before = process.memoryUsage().rss
    expect(refusal(Buffer.alloc(100_000_000, byte)).code).toBe('RECORD_DAMAGED')
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000)
  })
})
