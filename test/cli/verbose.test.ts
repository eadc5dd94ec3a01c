import { expect, test } from 'vitest'
import { makeFolderSandbox } from '../support/local.js'
import { DONE, outcome } from '../support/outcome.js'

const CANARY = 'canary-5f0c'

test.each([
  ['before the command', (name: string) => ['--verbose', 'get', name]],
  ['behind the name', (name: string) => ['get', name, '--verbose']],
])('shows debug lines for --verbose %s, on standard error', async (_where, argsFor) => {
  const { lazycred, cwd } = await makeFolderSandbox()
  await lazycred(['put', 'db'], { input: CANARY })
  const stderr = `DEBUG:LazyCredLogger:Configuration from ${cwd}/.lazycred\n`
  expect(outcome(await lazycred(argsFor('db')))).toEqual({ status: 0, stdout: CANARY, stderr })
})

test('shows where an error was thrown with --verbose only', async () => {
  const { lazycred } = await makeFolderSandbox()
  const [plain, verbose] = [outcome(await lazycred(['get', 'x'])), outcome(await lazycred(['get', 'x', '--verbose']))]
  expect([plain.status, verbose.status]).toEqual([3, 3])
  expect(plain.stderr).not.toMatch(/^ +at /m)
  expect(plain.stderr.split('\n')).toHaveLength(2)
  expect(verbose.stderr).toContain(plain.stderr)
  expect(verbose.stderr).toMatch(/^LazyCredError: Unable to get .*\n( {4}at .+\n)+$/m)
})

test('shows it of each record that rewrap failed on too', async () => {
  const { lazycred } = await makeFolderSandbox()
  const [plain, verbose] = [await lazycred(['rewrap', 'x']), await lazycred(['rewrap', 'x', '--verbose'])]
  expect(plain.stderr).not.toMatch(/^ +at /m)
  expect(verbose.stderr).toMatch(/^LazyCredError: Unable to rewrap .*\n( {4}at .+\n)+moved 0, /m)
})

test('shows the system error behind an error with --verbose, and nothing of the value', async () => {
  const { lazycred } = await makeFolderSandbox()
  const { status, stderr } = await lazycred(['put', 'db', 'missing', '--verbose'], { input: CANARY })
  expect(status).toBe(1)
  expect(stderr).toMatch(/^Caused by: Error: .+\n( {4}at .+\n)*/m)
  expect(stderr).not.toContain(CANARY)
})

test('says nothing of the value, nor of the store, when it puts with --verbose', async () => {
  const { lazycred, cwd } = await makeFolderSandbox()
  const stderr = `DEBUG:LazyCredLogger:Configuration from ${cwd}/.lazycred\n`
  expect(outcome(await lazycred(['put', 'db', '--verbose'], { input: CANARY }))).toEqual({ ...DONE, stderr })
})
