/** Whatever stands in a file of that name: it is a configuration, or a typed error that quotes nothing of it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LazyCred, LazyCredError } from '../../src/index.js'
import { RUNS } from '../support/fernet.js'
import { makeSandbox } from '../support/sandbox.js'

/** A field's name is named, since it is there by mistake; what does not look like one is not. */
const CANARY = 'canary=4711'

/** What JSON and YAML are made of, and a canary in between. */
const pieces = fc.constantFrom(
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    ':',
    ',',
    '\n',
    '  ',
    '- ',
    '? ',
    '&a ',
    '*a',
    '<<',
    '!!map ',
    '| ',
    '> ',
    '# ',
    '---\n',
  ],
  ...[
    '"local"',
    '"s3_path"',
    'region',
    'key_alias: ',
    '__proto__',
    'null',
    '1e999',
    '\\u0000',
    '\t',
    CANARY,
    `"${CANARY}"`,
  ],
)
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.array(pieces, { maxLength: 40 }).map((parts) => Buffer.from(parts.join(''))),
  fc.json().map((json) => Buffer.from(json)),
  fc
    .record({ s3_path: fc.jsonValue(), key_alias: fc.jsonValue(), region: fc.jsonValue() })
    .map((fields) => Buffer.from(JSON.stringify(fields))),
)

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a .lazycred of any bytes at all', () => {
  it.each(['named', 'found'])('that is %s gives a typed error or a configuration, and is not quoted', async (how) => {
    const { cwd } = await makeSandbox()
    const file = join(cwd, '.lazycred')
    vi.spyOn(process, 'cwd').mockReturnValue(cwd)
    const options = how === 'named' ? { configFile: file } : {}
    const typed = async (bytes: Buffer): Promise<void> => {
      writeFileSync(file, bytes, { mode: 0o600 })
      const error: unknown = await new LazyCred(null, options).locate('').catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(LazyCredError)
      const { code, message, hint, cause } = error as LazyCredError
      expect(['CONFIG_INVALID', 'NAME_INVALID']).toContain(code)
      expect(`${message} ${String(hint)} ${String(cause)}`).not.toContain(CANARY)
    }
    await fc.assert(fc.asyncProperty(contents, typed), { numRuns: RUNS })
  })
})
