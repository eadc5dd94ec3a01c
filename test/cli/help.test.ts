import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeSandbox, PROJECT } from '../support/sandbox.js'
import { DONE, outcome } from '../support/outcome.js'

const OF_THE_PROGRAM = [
  'put [options] <name> [file]',
  'get [options] <name>',
  'rewrap [options] [name...]',
  'config',
  '--config <file>',
  '--verbose',
  '--version',
  'Exit status:',
  '$ lazycred put db_credentials db_creds.json',
]
const OF_PUT = [
  'Usage: lazycred put [options] <name> [file]',
  'standard input',
  '$ lazycred put db_credentials < db_creds.json',
]
const OF_GET = ['Usage: lazycred get [options] <name>', 'exact bytes', '$ lazycred get db_credentials > db_creds.json']

test.each([
  [['--help'], OF_THE_PROGRAM],
  [['-h'], OF_THE_PROGRAM],
  [['help'], OF_THE_PROGRAM],
  [['put', '--help'], OF_PUT],
  [['help', 'put'], OF_PUT],
  [['put', 'db', 'file', '--help'], OF_PUT],
  [['get', '--help'], OF_GET],
  [['help', 'get'], OF_GET],
])('explains itself on standard output for %j, with examples', async (args, texts) => {
  const { lazycred } = await makeSandbox()
  const { status, stdout, stderr } = outcome(await lazycred(args))
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  for (const text of texts) expect(stdout).toContain(text)
})

test.each([['--help'], ['put --help'], ['get --help']])('keeps every line of %s within 100 columns', async (line) => {
  const { lazycred } = await makeSandbox()
  const { stdout } = outcome(await lazycred(line.split(' ')))
  expect(stdout.split('\n').filter(({ length }) => length > 100)).toEqual([])
})

test.each([['put'], ['get']])('names the options that %s takes in its own help', async (command) => {
  const { lazycred } = await makeSandbox()
  const { stdout } = outcome(await lazycred([command, '--help']))
  expect(stdout).toContain('--config <file>')
  expect(stdout).toContain('--verbose')
})

test.each([[['--version']], [['get', '--version']]])('says its version for %j', async (args) => {
  const { lazycred } = await makeSandbox()
  const { version } = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8')) as { version: string }
  expect(outcome(await lazycred(args))).toEqual({ ...DONE, stdout: `${version}\n` })
})

test.each(['--help', 'get --help', '--version'])('fails where %s cannot be written', async (line) => {
  const { shell } = await makeSandbox()
  expect(outcome(await shell(`lazycred ${line} > /dev/full`))).toEqual({
    status: 1,
    stdout: '',
    stderr: 'ERROR:LazyCredLogger:OUTPUT_FAILED: standard output cannot be written: no space left on device (ENOSPC)\n',
  })
})

test('explains itself where the configuration is broken and the reader goes away', async () => {
  const { shell, write } = await makeSandbox()
  await write('.lazycred', 'broken: [')
  expect(outcome(await shell('lazycred --help | head -c 1'))).toEqual({ ...DONE, stdout: 'U' })
})
