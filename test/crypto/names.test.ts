import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { objectPathOf } from '../../src/names.js'
import { RUNS } from '../support/fernet.js'

function refused(words: string): Error {
  return expect.objectContaining({ code: 'NAME_INVALID', message: expect.stringContaining(words) as string }) as Error
}

describe('an object path', () => {
  it('is prefix and name as they are, whatever the name is, or a typed error', () => {
    const joined = (prefix: string, name: string): void => {
      const fits = name !== '' && Buffer.byteLength(prefix + name) <= 1024
      if (fits) expect(objectPathOf(prefix, name)).toBe(prefix + name)
      else expect(() => objectPathOf(prefix, name)).toThrow(refused(''))
    }
    const names = fc.string({ unit: 'grapheme', maxLength: 600 })
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), names, joined), { numRuns: RUNS })
  })

  it.each([
    ['a', 1],
    ['é', 2],
    ['日', 3],
    ['🔑', 4],
  ])('has at most 1,024 bytes: %s', (char, size) => {
    const longest = char.repeat(Math.floor(1024 / size))
    expect(objectPathOf('', longest)).toBe(longest)
    expect(() => objectPathOf('', longest + char)).toThrow(refused('the limit is 1024'))
    expect(() => objectPathOf('folder/', longest)).toThrow(refused('of which the configured prefix takes 7'))
  })

  it.each([
    ['an empty name', '', 'empty'],
    ['half of a pair', 'a\ud800b', 'well-formed'],
    ['a number', 7, 'not number'],
    ['nothing', undefined, 'not undefined'],
  ])('is not made of %s', (_what, name, words) => {
    expect(() => objectPathOf('prefix/', name as string)).toThrow(refused(words))
  })
})
