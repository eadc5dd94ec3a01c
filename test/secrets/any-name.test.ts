/** Any string at all as a name: it has a secret of its own, or is refused as a name; never anything else. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LazyCredError } from '../../src/index.js'
import { RUNS } from '../support/fernet.js'
import { DONE, outcome, printed } from '../support/outcome.js'
import { describeEverywhere } from '../support/places.js'

/** What paths, URLs, XML and shells are made of, in between. */
const pieces = fc.constantFrom(
  ...[
    '/',
    '//',
    '..',
    '.',
    '%',
    '%2F',
    '+',
    ' ',
    '?',
    '#',
    '&',
    '\\',
    ':',
    '*',
    '"',
    "'",
    '<',
    '>',
    '~',
    '-',
    '=',
    ';',
  ],
  ...[
    '\0',
    '\n',
    '\r',
    '\t',
    '\u007f',
    '\ud800',
    '\udfff',
    '\ufeff',
    '\uffff',
    '\u202e',
    'e\u0301',
    'é',
    '🔑',
    'A',
    'a',
  ],
)
const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
  fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
)

/** As S3 has it: so long, with the prefix, and of characters that UTF-8 has. */
function isName(name: string, prefix: string): boolean {
  return name !== '' && name.isWellFormed() && Buffer.byteLength(prefix + name) <= 1024
}

describeEverywhere('any string as a name', (place) => {
  // Of the known independent servers, moto answers control characters with a page of HTML and status 500.
  const it = test.runIf(!place.isAws || process.env['LAZYCRED_TEST_SERVER'] !== 'moto')

  it('is stored and read again, or refused with a typed error', async () => {
    const { library, prefix } = await place.open()
    const stored = async (name: string): Promise<void> => {
      const value = `at ${JSON.stringify(name)}`
      const given: unknown = await library.put(name, value).then(
        () => library.get(name),
        (error: unknown) => error,
      )
      if (isName(name, prefix)) expect(given).toBe(value)
      else expect(given instanceof LazyCredError && given.code).toBe('NAME_INVALID')
    }
    await fc.assert(fc.asyncProperty(names, stored), { numRuns: RUNS })
  })

  it('is so too on the command', async () => {
    const { lazycred, prefix } = await place.open()
    // U+FFFD is what Node makes of an argument that is not UTF-8, so the command refuses it: test/cli tries that.
    const words = names.filter((name) => !/[\0\ufffd]/.test(name) && name.isWellFormed())
    for (const name of fc.sample(words, 8)) {
      const put = outcome(await lazycred(['put', '--', name], { input: 'value' }))
      const got = outcome(await lazycred(['get', '--', name]))
      if (isName(name, prefix)) expect([put, got]).toEqual([DONE, printed('value')])
      else expect([put.status, got.status, put.stderr.includes('NAME_INVALID: ')]).toEqual([2, 2, true])
    }
  })
})
