/** Keys at the prompt that are more than letters, and what becomes of the terminal around it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolderSandbox, type FolderSandbox } from '../support/local.js'
import { DONE, outcome } from '../support/outcome.js'
import { Pty } from '../support/pty.js'
import { expectStored } from './transcript.js'

const QUESTION = 'Value of db (not shown, Enter ends it): '
const LINE = `${QUESTION}\r\n`

/** A secret is there before, so that one sees what is left of it. */
async function withSecret(): Promise<FolderSandbox> {
  const vault = await makeFolderSandbox()
  expect(outcome(await vault.lazycred(['put', 'db'], { input: 'old' }))).toEqual(DONE)
  return vault
}

/** @returns the terminal after the question was answered with these keys */
async function answer(vault: FolderSandbox, keys: string | Buffer): Promise<{ status: number; shown: string }> {
  const pty = new Pty('lazycred put db', vault)
  await pty.waitFor(QUESTION)
  pty.type(keys)
  return { status: await pty.end(), shown: pty.shown }
}

test.each([
  ['arrow keys', '\u001b[A\u001b[B\u001b[C\u001b[D\u001bOA\u001bOD'],
  ['Home, End, Insert, Delete and Page Up', '\u001b[H\u001b[F\u001b[2~\u001b[3~\u001b[5~'],
  ['function keys', '\u001bOP\u001b[15~\u001b[24~\u001b[[A'],
  ['keys with Shift and Ctrl', '\u001b[1;5D\u001b[15;2~\u001b[27;5;9~'],
  ['the mouse', '\u001b[<0;12;34M\u001b[<0;12;34m'],
  ['the marks around a paste', '\u001b[200~\u001b[201~'],
  ['a colour that the terminal was asked for', '\u001b]11;rgb:0000/0000/0000\u0007\u001b]11;rgb:ffff/ffff\u001b\\'],
  ['other answers of the terminal', '\u001bP1+r\u001b\\\u001b[?62;22c'],
  ['Alt and a letter', '\u001bx'],
  ['control characters', '\u0000\u0001\u0016\u001a\u001d\u001f'],
])('stores nothing of %s', async (_what, keys) => {
  const vault = await withSecret()
  expect(await answer(vault, `${keys}D4nger${keys} Zone${keys}\r`)).toEqual({ status: 0, shown: LINE })
  await expectStored(vault, 'db', 'D4nger Zone')
})

test.each([
  ['Ctrl-H', 'ax\bb', 'ab'],
  ['Ctrl-W, which takes a word away', 'right wrong \u0017one', 'right one'],
  ['Ctrl-D, which does nothing within a line', 'a\u0004b', 'ab'],
  ['separators that end lines elsewhere', 'a\u2028b\u2029c', 'a\u2028b\u2029c'],
  ['an end of two characters, as Windows pastes it', 'ab\r\n', 'ab'],
])('knows %s', async (_what, keys, value) => {
  const vault = await withSecret()
  const end = keys.endsWith('\n') ? '' : '\r'
  expect(await answer(vault, `${keys}${end}`)).toEqual({ status: 0, shown: LINE })
  await expectStored(vault, 'db', value)
})

const MANY = 'VALUE_INVALID: that was more than one line, which takes a file or a pipe'
const GIVEN_UP = 'CANCELLED: given up'

test.each([
  ['Escape and Ctrl-C', 'new\u001b\u0003', 130, GIVEN_UP],
  ['Ctrl-\\', 'new\u001c', 130, GIVEN_UP],
  ['Ctrl-D after all was taken away', 'new\u0015\u0004', 130, GIVEN_UP],
  ['lines with newlines', 'new\nERROR\n', 1, MANY],
  ['lines with CRLF', 'new\r\nERROR\r\n', 1, MANY],
  ['a paste that begins with an empty line', '\rnew\r', 1, MANY],
  ['Enter alone', '\r', 1, 'VALUE_INVALID: nothing was typed (an empty secret can be put from /dev/null)'],
  ['bytes of Latin-1', Buffer.from('pässwörd\r', 'latin1'), 1, 'VALUE_INVALID: the terminal sent what is not UTF-8'],
])('stores nothing after %s', async (_what, keys, status, reason) => {
  const vault = await withSecret()
  const line = `ERROR:LazyCredLogger:Unable to put <Key: db>. ${reason}; nothing was stored\r\n`
  expect(await answer(vault, keys)).toEqual({ status, shown: `${LINE}${line}` })
  await expectStored(vault, 'db', 'old')
})

test('hides what is typed also where something turned the echo on while the process was stopped', async () => {
  const vault = await withSecret()
  const meddle = `
    { until [ -e go ]; do sleep 0.02; done
      stty echo icanon; kill -CONT 0
      until [[ $(stty -a) == *-icanon* ]]; do sleep 0.02; done
      echo hidden again; } < /dev/tty &`
  const pty = new Pty(`${meddle} lazycred put db`, vault)
  await pty.waitFor(QUESTION)
  await writeFile(join(vault.cwd, 'go'), '')
  await pty.waitFor('hidden again')
  pty.type('new\r')
  expect(await pty.end()).toBe(0)
  expect(pty.shown).not.toContain('new')
  await expectStored(vault, 'db', 'new')
})

test('shows a long secret whole, and a newline behind it', async () => {
  const vault = await withSecret()
  await vault.lazycred(['put', 'db'], { input: 'x'.repeat(20_000) })
  const pty = new Pty('lazycred get db', vault)
  expect(await pty.end()).toBe(0)
  expect(pty.shown).toBe(`${'x'.repeat(20_000)}\r\n`)
})
