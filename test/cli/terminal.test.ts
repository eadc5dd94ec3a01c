import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Pty } from '../support/pty.js'
import type { Sandbox } from '../support/sandbox.js'
import { makeFolderSandbox } from '../support/local.js'
import { expectNothingStored, expectStored } from './transcript.js'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const CTRL_U = '\u0015'
const BACKSPACE = '\u007f'
const QUESTION = 'Value of db (not shown, Enter ends it): '

/** A line of shell at a terminal, in which `lazycred` has asked its question. */
async function asked(vault: Sandbox, line = 'lazycred put db'): Promise<Pty> {
  const pty = new Pty(line, vault)
  await pty.waitFor(QUESTION)
  return pty
}

test.each([
  ['text', 'canary-1\r', 'canary-1'],
  ['text that a line feed ends', 'canary-1\n', 'canary-1'],
  ['text with spaces around it', '  can ary \r', '  can ary '],
  ['UTF-8', 'p\u00e4ssw\u00f6rd-\u{1f511}-e\u0301\r', 'p\u00e4ssw\u00f6rd-\u{1f511}-e\u0301'],
  ['what a shell would expand', '$HOME `id` !! \\n "\'\r', '$HOME `id` !! \\n "\''],
  ['a tabulator', 'a\tb\r', 'a\tb'],
  ['a correction', `canarx${BACKSPACE}y\r`, 'canary'],
  ['a correction of what takes several bytes', `a\u{1f511}\u00e9${BACKSPACE}${BACKSPACE}b\r`, 'ab'],
  ['more backspaces than text', `ab${BACKSPACE.repeat(5)}c\r`, 'c'],
  ['a line that was begun anew', `wrong${CTRL_U}right\r`, 'right'],
  ['text and arrow keys', 'a\u001b[Ab\u001b[Dc\u001b[C\u001bOBd\r', 'abcd'],
  ['text and keys for Home, Delete and F5', 'a\u001b[Hb\u001b[3~c\u001b[15;2~d\r', 'abcd'],
  ['10,000 pasted characters', `${'0123456789'.repeat(1000)}\r`, '0123456789'.repeat(1000)],
])('asks at a terminal, stores exactly %s and shows nothing of it', async (_what, keys, value) => {
  const vault = await makeFolderSandbox()
  const pty = await asked(vault)
  pty.type(keys)
  expect(await pty.end()).toBe(0)
  expect(pty.shown).toBe(`${QUESTION}\r\n`)
  await expectStored(vault, 'db', value)
})

test('stores what is typed key by key, in its order', async () => {
  const vault = await makeFolderSandbox()
  const pty = await asked(vault)
  for (const letter of 'one by one\r') pty.type(letter)
  expect(await pty.end()).toBe(0)
  expect(pty.shown).toBe(`${QUESTION}\r\n`)
  await expectStored(vault, 'db', 'one by one')
})

const GIVEN_UP = ['CANCELLED', 130] as const
const REFUSED = ['VALUE_INVALID', 1] as const

test.each([
  ['Ctrl-C', CTRL_C, ...GIVEN_UP],
  ['Ctrl-C behind some text', `canary${CTRL_C}`, ...GIVEN_UP],
  ['Ctrl-C within an arrow key', `canary\u001b[${CTRL_C}`, ...GIVEN_UP],
  ['Ctrl-D', CTRL_D, ...GIVEN_UP],
  ['an empty line', '\r', ...REFUSED],
  ['a line that became empty', `canary${CTRL_U}\r`, ...REFUSED],
  ['two pasted lines', 'canary-1\rcanary-2\r', ...REFUSED],
  ['two pasted lines, of which the second has no end', 'canary-1\rcanary-2', ...REFUSED],
  ['many pasted lines', 'canary\r'.repeat(500), ...REFUSED],
  ['a line and an empty one', 'canary\r\r', ...REFUSED],
])(
  'stores nothing after %s, gives nothing of it away, and leaves the terminal as it was',
  async (_what, keys, code, status) => {
    const vault = await makeFolderSandbox()
    await vault.lazycred(['put', 'db'], { input: 'old' })
    const pty = await asked(
      vault,
      'stty -a > before; lazycred put db; S=$?; stty -a > after; cmp before after && exit $S',
    )
    pty.type(keys)
    expect(await pty.end()).toBe(status)
    const [, line = ''] = pty.shown.split('\r\n')
    expect(line).toMatch(new RegExp(`^ERROR:LazyCredLogger:Unable to put <Key: db>\\. ${code}: .*nothing was stored$`))
    expect(pty.shown).not.toContain('canary')
    await expectStored(vault, 'db', 'old')
  },
)

test('hands the terminal back with echo and line editing on', async () => {
  const vault = await makeFolderSandbox()
  for (const key of ['x\r', CTRL_C]) {
    const pty = await asked(vault, 'lazycred put db; stty -a')
    pty.type(key)
    expect(await pty.end()).toBe(0)
    expect(pty.shown).toMatch(/ icanon .* echo /s)
  }
})

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('hands the terminal back where %s ends it', async (signal) => {
  const vault = await makeFolderSandbox()
  const pty = await asked(vault, "bash -c 'echo $$ > pid; exec lazycred put db'; echo ended; stty -a")
  process.kill(Number(await readFile(join(vault.cwd, 'pid'), 'utf8')), signal)
  expect(await pty.end()).toBe(0)
  expect(pty.shown).toMatch(/ended.* icanon .* echo /s)
  await expectNothingStored(vault, 'db')
})

test('leaves what a program in the same terminal reads next to that program', async () => {
  const vault = await makeFolderSandbox()
  const pty = await asked(vault, 'lazycred put db; read -r line; echo "<$line>"')
  pty.type('secret\r')
  await pty.waitFor(`${QUESTION}\r\n`)
  pty.type('next\r')
  expect(await pty.end()).toBe(0)
  expect(pty.shown).toContain('<next>')
  await expectStored(vault, 'db', 'secret')
})

test('asks behind - as well, and by a name that shows no control characters', async () => {
  const vault = await makeFolderSandbox()
  const pty = new Pty(`lazycred put $'a\\n\\e[2Jb' -`, vault)
  await pty.waitFor('Value of a\\u{a}\\u{1b}[2Jb (not shown, Enter ends it): ')
  pty.type('value\r')
  expect(await pty.end()).toBe(0)
  await expectStored(vault, 'a\n\u001b[2Jb', 'value')
})

test.each([
  ['a file', 'lazycred put db .lazycred'],
  ['a redirection', 'lazycred put db < .lazycred'],
  ['a pipe', 'cat .lazycred | lazycred put db'],
])('does not ask where the value comes by %s', async (_how, line) => {
  const vault = await makeFolderSandbox()
  const pty = new Pty(line, vault)
  expect(await pty.end()).toBe(0)
  expect(pty.shown).toBe('')
})

test('asks on standard error, so that standard output stays empty', async () => {
  const vault = await makeFolderSandbox()
  const pty = await asked(vault, 'lazycred put db > out; wc -c < out')
  pty.type('value\r')
  expect(await pty.end()).toBe(0)
  expect(pty.shown).toBe(`${QUESTION}\r\n0\r\n`)
})

test.each([
  ['value', 'value\r\n'],
  ['value\n', 'value\r\n'],
  ['value\n\n', 'value\r\n\r\n'],
  ['', '\r\n'],
])('shows %j at a terminal with a newline behind it where it has none', async (value, shown) => {
  const vault = await makeFolderSandbox()
  await vault.lazycred(['put', 'db'], { input: value })
  const pty = new Pty('lazycred get db', vault)
  expect(await pty.end()).toBe(0)
  expect(pty.shown).toBe(shown)
})

test('adds no newline where only standard error is a terminal', async () => {
  const vault = await makeFolderSandbox()
  await vault.lazycred(['put', 'db'], { input: 'value' })
  const pty = new Pty('lazycred get db | wc -c; lazycred get db > out; wc -c < out', vault)
  expect(await pty.end()).toBe(0)
  expect(pty.shown).toBe('5\r\n5\r\n')
})
