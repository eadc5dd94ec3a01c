import fc from 'fast-check'
import { sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileNameOf } from '../../src/local/file-names.js'
import { RUNS } from '../support/fernet.js'

/** Reads a file name back, knowing its form alone: what can be read back, no other object path can have. */
function objectPathOf(fileName: string): string {
  const text = fileName.replace(/\.json$/, '').replaceAll(`+${sep}`, '')
  const bytes = text.match(/%[0-9a-f]{2}|[a-z0-9_-]/g) ?? []
  expect(bytes.join('')).toBe(text)
  const values = bytes.map((char) => (char.length === 1 ? char.charCodeAt(0) : parseInt(char.slice(1), 16)))
  return Buffer.from(values).toString()
}

/** After Microsoft's page "Naming Files, Paths, and Namespaces", in any case and with any extension. */
const DEVICES = ['con', 'prn', 'aux', 'nul', 'com0', 'com1', 'com9', 'lpt0', 'lpt1', 'lpt9', 'conin$', 'conout$']
const isDevice = (component: string): boolean =>
  /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:[.:].*)?$/i.test(component)

const oddUnits = fc.constantFrom(
  'a',
  'A',
  '.',
  '..',
  '/',
  '\\',
  '%',
  '%2f',
  '+',
  '.json',
  ' ',
  '\0',
  '\n',
  ':',
  '~',
  'é',
  'İ',
  'ß',
  '🔑',
)
const longUnits = fc.constantFrom('a'.repeat(200), 'a'.repeat(199), 'b'.repeat(67), '日'.repeat(22))
const unit = fc.oneof(oddUnits, longUnits, fc.constantFrom(...DEVICES), fc.string({ unit: 'grapheme', maxLength: 5 }))
const objectPaths = fc.array(unit, { minLength: 1 }).map((units) => wellFormed(units.join('')))

function wellFormed(text: string): string {
  return Buffer.from(text).subarray(0, 1024).toString().replaceAll('\ufffd', '') || 'x'
}

describe('the file name of a record', () => {
  it('can be read back, also after case and Unicode normalisation were lost: so no two object paths share one', () => {
    const readBack = (objectPath: string): void => {
      const fileName = fileNameOf(objectPath)
      const lossy = [fileName.toLowerCase(), fileName.normalize('NFC').toLowerCase(), fileName.normalize('NFKD')]
      for (const text of lossy) expect(objectPathOf(text)).toBe(objectPath)
    }
    fc.assert(fc.property(objectPaths, readBack), { numRuns: RUNS * 3 })
  })

  it('has no part that means something else on any file system, and none that is too long', () => {
    const safe = (objectPath: string): void => {
      for (const part of fileNameOf(objectPath).split(sep)) {
        expect(part).toMatch(/^[a-z0-9_%-]+(?:\+|\.json)$/)
        expect(part.length).toBeLessThanOrEqual(255)
        expect(isDevice(part)).toBe(false)
      }
    }
    fc.assert(fc.property(objectPaths, safe), { numRuns: RUNS * 3 })
  })

  it.each(DEVICES)('is no device of Windows, be it all of the name or what is left of a long one: %s', (device) => {
    for (const objectPath of [device, device.toUpperCase(), `${device}.txt`, 'x'.repeat(200) + device]) {
      const parts = fileNameOf(objectPath).split(sep)
      expect(parts.filter(isDevice)).toEqual([])
      expect(objectPathOf(parts.join(sep))).toBe(objectPath)
    }
  })

  it('is never the folder of another one', () => {
    const apart = (one: string, other: string): void => {
      if (one !== other) expect(fileNameOf(one).startsWith(fileNameOf(other) + sep)).toBe(false)
      expect(fileNameOf(one + other).startsWith(fileNameOf(one) + sep)).toBe(false)
    }
    fc.assert(fc.property(objectPaths, objectPaths, apart), { numRuns: RUNS })
  })

  it.each([
    ['db_credentials', 'db_credentials.json'],
    ['team/db', 'team%2fdb.json'],
    ['DB', '%44%42.json'],
    ['..', '%2e%2e.json'],
    ['nul', '%6eul.json'],
    ['a'.repeat(200), `${'a'.repeat(200)}.json`],
    ['a'.repeat(201), `${'a'.repeat(200)}+${sep}a.json`],
  ])('of %s stays what it was: folders that exist must be found again', (objectPath, fileName) => {
    expect(fileNameOf(objectPath)).toBe(fileName)
  })
})
