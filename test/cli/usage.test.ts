import { expect, test } from 'vitest'
import { makeFolderSandbox } from '../support/local.js'
import { outcome } from '../support/outcome.js'
import { expectNothingStored, failure } from './transcript.js'

const HOW = '(--help shows how)'
const HOW_OPTION = '(--help shows how; a name that begins with - goes behind --)'

test.each([
  ['no command', [], 'missing command: put or get'],
  ['an option and no command', ['--verbose'], 'missing command: put or get'],
  ['-- and no command', ['--'], 'missing command: put or get'],
  ['an unknown command', ['delete', 'db'], "unknown command 'delete'"],
  ['a command in capitals', ['LIST'], "unknown command 'LIST'"],
  ['an empty command', [''], "unknown command ''"],
  ['help for an unknown command', ['help', 'list'], "unknown command 'list'"],
  ['put without a name', ['put'], "missing required argument 'name'"],
  ['get without a name', ['get'], "missing required argument 'name'"],
  ['get without a name behind --', ['get', '--'], "missing required argument 'name'"],
  ['put with three', ['put', 'a', 'b', 'c'], "too many arguments for 'put'. Expected 2 arguments but got 3."],
  ['get with two', ['get', 'a', 'b'], "too many arguments for 'get'. Expected 1 argument but got 2."],
  [
    'get with an option as a second name',
    ['get', '--', 'a', '-b'],
    "too many arguments for 'get'. Expected 1 argument but got 2.",
  ],
  ['--config and nothing behind it', ['get', 'db', '--config'], "option '--config <file>' argument missing"],
  ['--config and nothing else', ['--config'], "option '--config <file>' argument missing"],
  [
    '--config= and an empty file',
    ['--config=', 'get', 'db'],
    "option '--config <file>' argument '' is invalid. It is empty.",
  ],
])('refuses %s with status 2 and says what was wrong', async (_what, args, reason) => {
  const { lazycred } = await makeFolderSandbox()
  expect(outcome(await lazycred(args))).toEqual(failure(2, `error: ${reason}`, HOW))
})

test.each([
  ['before the command', ['--force', 'get', 'db'], '--force'],
  ['behind get', ['get', 'db', '--force'], '--force'],
  ['behind put', ['put', 'db', '--force'], '--force'],
  ['of one letter', ['get', '-f', 'db'], '-f'],
])('refuses an unknown option %s, and says where names that begin with - go', async (_where, args, option) => {
  const vault = await makeFolderSandbox()
  expect(outcome(await vault.lazycred(args))).toEqual(failure(2, `error: unknown option '${option}'`, HOW_OPTION))
  await expectNothingStored(vault, 'db')
})

test.each([
  [['putt', 'db'], "unknown command 'putt'", 'put', HOW],
  [['gte', 'db'], "unknown command 'gte'", 'get', HOW],
  [['--confg', 'x', 'get', 'db'], "unknown option '--confg'", '--config', HOW_OPTION],
  [['get', 'db', '--verbos'], "unknown option '--verbos'", '--verbose', HOW_OPTION],
  [['put', 'db', '--halp'], "unknown option '--halp'", '--help', HOW_OPTION],
])('says what %j was probably meant to be', async (args, reason, suggestion, how) => {
  const { lazycred } = await makeFolderSandbox()
  expect(outcome(await lazycred(args))).toEqual(failure(2, `error: ${reason}`, `(Did you mean ${suggestion}?)`, how))
})

test('refuses an empty name with status 2', async () => {
  const { lazycred } = await makeFolderSandbox()
  const reason = 'NAME_INVALID: the secret name is empty'
  expect(outcome(await lazycred(['get', '']))).toEqual(
    failure(2, `ERROR:LazyCredLogger:Unable to get <Key: >. ${reason}`),
  )
  expect(outcome(await lazycred(['put', '']))).toEqual(
    failure(2, `ERROR:LazyCredLogger:Unable to put <Key: >. ${reason}`),
  )
})

test.each(['put', 'get', 'rewrap'])('%s refuses a name that is not UTF-8: all of those would be one', async (verb) => {
  const vault = await makeFolderSandbox()
  const result = outcome(await vault.shell(`printf x | lazycred ${verb} "$(printf 'a\\377')"`))
  const reason = `error: command-argument value 'a\ufffd' is invalid for argument 'name'. It is not UTF-8.`
  expect(result).toEqual(failure(2, reason, HOW))
  expect(await vault.shell('find . -name "a*"')).toMatchObject({ stdout: Buffer.alloc(0) })
})

test('refuses a name over the limit with status 2, and stores one at the limit', async () => {
  const { lazycred } = await makeFolderSandbox()
  const longest = '\u{1f511}'.repeat(256)
  const { status, stderr } = await lazycred(['put', `${longest}.`], { input: 'x' })
  expect(status).toBe(2)
  expect(stderr).toContain(
    'NAME_INVALID: the object path would be 1025 bytes long; the limit is 1024\nChoose a shorter',
  )
  expect(outcome(await lazycred(['put', longest], { input: 'x' }))).toEqual(failure(0))
  expect(outcome(await lazycred(['get', longest]))).toEqual({ ...failure(0), stdout: 'x' })
})

test.each([
  ['a value that was given to an option nobody knows', ['put', 'db', '--value=canary-7731']],
  ['a third argument', ['put', 'db', 'file', 'canary-7731']],
])('does not repeat %s', async (_what, args) => {
  const { lazycred } = await makeFolderSandbox()
  const { status, stdout, stderr } = outcome(await lazycred(args))
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).not.toContain('canary')
})

test('needs no configuration to say that the usage is wrong', async () => {
  const { lazycred, write } = await makeFolderSandbox()
  await write('.lazycred', 'broken: [')
  expect((await lazycred(['get'])).status).toBe(2)
})
