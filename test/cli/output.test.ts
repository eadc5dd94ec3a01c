import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeFolderSandbox } from '../support/local.js'
import { outcome } from '../support/outcome.js'
import { failure } from './transcript.js'

const MEBIBYTE = 2 ** 20

test.each([
  ['has seen enough', 'lazycred get db | head -c 1 | wc -c; echo ${PIPESTATUS[0]}', '1\n0\n'],
  ['never read', 'lazycred get db | true; echo ${PIPESTATUS[0]}', '0\n'],
])('ends quietly where the reader %s', async (_what, line, stdout) => {
  const vault = await makeFolderSandbox()
  await vault.lazycred(['put', 'db'], { input: randomBytes(MEBIBYTE) })
  expect(outcome(await vault.shell(line))).toEqual({ status: 0, stdout, stderr: '' })
})

test('writes all of a large value to a reader that is slow to begin', async () => {
  const vault = await makeFolderSandbox()
  const value = randomBytes(3 * MEBIBYTE)
  await vault.lazycred(['put', 'db'], { input: value })
  const { status, stdout, stderr } = await vault.shell('lazycred get db | { head -c 1; sleep 0.2; cat; }')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout.equals(value)).toBe(true)
})

test.each([
  ['a short value', 5],
  ['a long value', MEBIBYTE],
])('fails with status 1 where the disk is full and takes nothing of %s', async (_what, size) => {
  const vault = await makeFolderSandbox()
  await vault.lazycred(['put', 'db'], { input: randomBytes(size) })
  const reason = 'OUTPUT_FAILED: standard output cannot be written: no space left on device (ENOSPC)'
  const expected = failure(1, `ERROR:LazyCredLogger:Unable to get <Key: db>. ${reason}`)
  expect(outcome(await vault.shell('lazycred get db > /dev/full'))).toEqual(expected)
})

test('fails with status 1 where a file takes a part of the value and no more', async () => {
  const vault = await makeFolderSandbox()
  await vault.lazycred(['put', 'db'], { input: randomBytes(MEBIBYTE) })
  const reason = 'OUTPUT_FAILED: standard output cannot be written: file too large (EFBIG)'
  const expected = failure(1, `ERROR:LazyCredLogger:Unable to get <Key: db>. ${reason}`)
  expect(outcome(await vault.shell('ulimit -f 64; lazycred get db > part'))).toEqual(expected)
  expect(outcome(await vault.shell('lazycred get db >> part; cat part | wc -c')).stdout).toBe(`${MEBIBYTE + 65536}\n`)
})

test('does its work where nobody takes what it says on standard error', async () => {
  const vault = await makeFolderSandbox()
  const line = 'lazycred put db --verbose 2> /dev/full <<< value && lazycred get db --verbose 2> /dev/full'
  expect(outcome(await vault.shell(line))).toEqual({ status: 0, stdout: 'value\n', stderr: '' })
  expect((await vault.shell('lazycred get missing 2> /dev/full')).status).toBe(3)
})

test('leaves the terminal alone where a name has control characters, and forges no line with them', async () => {
  const vault = await makeFolderSandbox()
  const name = 'a\nERROR:LazyCredLogger:forged\r\u001b[2J\u202e\u009b1mz'
  const shown = 'a\\u{a}ERROR:LazyCredLogger:forged\\u{d}\\u{1b}[2J\\u{202e}\\u{9b}1mz'
  const said = `ERROR:LazyCredLogger:Unable to get <Key: ${vault.folder},${shown}>. NOT_FOUND: there is no such secret`
  expect(outcome(await vault.lazycred(['get', name]))).toEqual(failure(3, said))
  const unknown = failure(2, `error: unknown command '${shown}'`, '(--help shows how)')
  expect(outcome(await vault.lazycred([name]))).toEqual(unknown)
})
