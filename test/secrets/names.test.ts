/** A secret name is text, nothing more: whatever it looks like, it has a secret of its own. */
import { expect, it } from 'vitest'
import { DONE, failed, outcome, printed, type Outcome } from '../support/outcome.js'
import { describeEverywhere, type SecretsSandbox } from '../support/places.js'

/** Names that people do use, next to those that something on the way could take for them. */
const USUAL = [
  ...['db', 'DB', 'a b', 'a+b', 'a%20b', 'a#b', 'a?b', 'a%b', 'a/b', 'a%2Fb', 'a//b', '/a/b', 'a/b/', 'a/../b', '..'],
  ...['.', '-h', '\u00e9', 'e\u0301', '🔑'],
]

const UNUSUAL = [
  ...['Db', 'db ', ' db', 'db.json', 'db/', 'db/.', 'db.', '%', '%zz', '%00', 'a%2Bb', 'a%2520b', 'a%2fb', 'a\\b', 'b'],
  ...['//a/b', 'a/b//', 'a/./b', 'a/c/../b', './', '../', '...', 'a/..', '/', '//', '../credentials/db', '~', '*'],
  ...['x#y', 'x?y', 'x?versionId=null', 'x&y', 'x=y', 'x;y', 'x:y', '$HOME', '`id`', '"', "'", '<a>', '-', '--'],
  ...['--help', 'put', 'con', 'NUL', '__proto__', '.lazycred', '\u00c9', '\u212b', '\u00c5', 'A\u030a', '\ufb01', 'fi'],
  ...[
    'ß',
    'SS',
    'ı',
    'i',
    'İ',
    '🔑\ufe0f',
    '👩‍🚀',
    '日本語',
    '\u200b',
    '\u202etxt',
    '\ufeff',
    '\u{10ffff}',
    'x'.repeat(300),
  ],
]

const NAMES = [...USUAL, ...UNUSUAL]

const PARALLEL = 4

/** Runs the command for each name, no more at once than two cores bear. */
async function runForAll(
  names: readonly string[],
  run: (name: string) => Promise<Outcome>,
): Promise<Map<string, Outcome>> {
  const results = new Map<string, Outcome>()
  const left = [...names]
  const work = async (): Promise<void> => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) results.set(name, await run(name))
  }
  await Promise.all(Array.from({ length: PARALLEL }, work))
  return results
}

function forAll(names: readonly string[], outcomeOf: (name: string) => Outcome): Map<string, Outcome> {
  return new Map(names.map((name) => [name, outcomeOf(name)]))
}

async function valuesOf({ library }: SecretsSandbox, names: readonly string[]): Promise<Map<string, string>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await library.get(name)] as const)))
}

describeEverywhere('names', (place) => {
  // What the command makes of its arguments does not depend on the place: where it is slower, it is given fewer.
  const byCommand = place.isAws ? USUAL : NAMES

  it('are kept apart, all of them at once, by command and by library', async () => {
    const sandbox = await place.open()
    const { lazycred, library } = sandbox
    for (const name of NAMES) await library.put(name, `by library: ${name}`)
    const get = async (name: string): Promise<Outcome> => outcome(await lazycred(['get', '--', name]))
    expect(await runForAll(byCommand, get)).toEqual(forAll(byCommand, (name) => printed(`by library: ${name}`)))
    const put = async (name: string): Promise<Outcome> =>
      outcome(await lazycred(['put', '--', name], { input: `by command: ${name}` }))
    expect(await runForAll(byCommand, put)).toEqual(forAll(byCommand, () => DONE))
    const whose = (name: string): string => `by ${byCommand.includes(name) ? 'command' : 'library'}: ${name}`
    expect(await valuesOf(sandbox, NAMES)).toEqual(new Map(NAMES.map((name) => [name, whose(name)])))
  })

  it('find nothing where only a look-alike is stored', async () => {
    const { library } = await place.open()
    await library.put('only/One', 'value')
    const others = [
      'only/one',
      'only//One',
      '/only/One',
      'only/One/',
      'only/./One',
      'only/x/../One',
      'only%2FOne',
      'only',
    ]
    for (const name of [...others, 'only/', 'only/One ', 'only\\One']) {
      await expect(library.get(name)).rejects.toMatchObject({ code: 'NOT_FOUND', secretName: name })
    }
  })

  it.each(['x', 'é', '🔑'])('fill 1,024 bytes of object path and not one more: %s', async (char) => {
    const { library, lazycred, prefix, stored } = await place.open()
    const room = 1024 - Buffer.byteLength(prefix)
    const longest = char.repeat(room / Buffer.byteLength(char))
    expect(outcome(await lazycred(['put', longest], { input: char }))).toEqual(DONE)
    expect(await library.get(longest)).toBe(char)
    const before = await stored()
    const taken = prefix === '' ? '' : `, of which the configured prefix takes ${prefix.length}`
    const reason = `the object path would be 1025 bytes long; the limit is 1024${taken}`
    for (const name of [`${longest}x`, `x${longest}`]) {
      await expect(library.put(name, 'value')).rejects.toMatchObject({ code: 'NAME_INVALID', reason })
      await expect(library.get(name)).rejects.toMatchObject({ code: 'NAME_INVALID', reason })
    }
    const refused = outcome(await lazycred(['put', `${longest}x`], { input: 'value' }))
    expect({ ...refused, stderr: refused.stderr.replace(/^.*?(?=NAME_INVALID)/, '') }).toEqual({
      ...failed(2, '', 'Choose a shorter name.'),
      stderr: `NAME_INVALID: ${reason}\nChoose a shorter name.\n`,
    })
    expect(await stored()).toEqual(before)
    expect(await library.get(longest)).toBe(char)
  })

  it('are refused where they are empty, are not well-formed or not text, and nothing is stored', async () => {
    const { library, stored } = await place.open()
    const before = await stored()
    for (const name of ['', 'a\ud800', '\udc00a', 7, null, undefined, ['db'], { name: 'db' }]) {
      await expect(library.put(name as string, 'value')).rejects.toMatchObject({ code: 'NAME_INVALID' })
      await expect(library.getBytes(name as string)).rejects.toMatchObject({ code: 'NAME_INVALID' })
    }
    expect(await stored()).toEqual(before)
  })

  it('without any prefix are as good', async () => {
    const { library } = await place.open('')
    const names = ['/', '//', '/a', 'a', 'a/', '.', './a', 'a/..', 'a/../a', 'ä ö', '?', '#', 'a?x-id=GetObject', '%2e']
    for (const name of names) await library.put(name, `at ${name}`)
    for (const name of names) expect(await library.get(name)).toBe(`at ${name}`)
  })

  // Of the known independent servers, moto answers such paths with a page of HTML and status 500.
  it.runIf(!place.isAws || process.env['LAZYCRED_TEST_SERVER'] !== 'moto')('may hold control characters', async () => {
    const { library } = await place.open()
    const names = ['a\0b', 'a\nb', 'a\r\nb', 'a\tb', 'a\u001b[2Jb', 'a\u007fb', 'ab']
    for (const name of names) await library.put(name, `at ${name}`)
    for (const name of names) expect(await library.get(name)).toBe(`at ${name}`)
    const missing: unknown = await library.get('gone\n\u001b[2J').catch((error: unknown) => error)
    expect((missing as Error).message).toContain('gone\\u{a}\\u{1b}[2J>. NOT_FOUND: ')
  })
})
