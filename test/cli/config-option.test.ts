import { expect, test } from 'vitest'
import { makeFolderSandbox, type FolderSandbox } from '../support/local.js'
import { DONE, outcome } from '../support/outcome.js'
import { failure } from './transcript.js'

/** A secret of one name in two places: the one that is found, and the one that is to be named. */
async function withTwoPlaces(): Promise<FolderSandbox> {
  const sandbox = await makeFolderSandbox()
  await sandbox.write('other.json', '{"local": "elsewhere"}')
  expect(outcome(await sandbox.lazycred(['put', 'db'], { input: 'found' }))).toEqual(DONE)
  expect(outcome(await sandbox.lazycred(['put', 'db', '--config', 'other.json'], { input: 'named' }))).toEqual(DONE)
  return sandbox
}

test.each([
  'lazycred --config other.json get db',
  'lazycred get --config other.json db',
  'lazycred get db --config other.json',
  'lazycred get db --config=other.json',
  'lazycred get db --config "$PWD/other.json"',
  'lazycred get db --config ../here/./other.json',
  'lazycred --config nothing get db --config other.json',
  'LAZYCRED_CONFIG=nothing lazycred get db --config other.json',
  'LAZYCRED_LOCAL=nowhere lazycred get db --config other.json',
])('takes the file that --config names: %s', async (line) => {
  const { shell } = await withTwoPlaces()
  expect(outcome(await shell(line))).toEqual({ ...DONE, stdout: 'named' })
})

test.each([
  ['a process substitution', 'lazycred get db --config <(sed s,elsewhere,$PWD/elsewhere, other.json)'],
  ['standard input', 'sed s,elsewhere,$PWD/elsewhere, other.json | lazycred get db --config /dev/stdin'],
  ['a named pipe', 'mkfifo pipe; cat other.json > pipe & lazycred get db --config pipe'],
  [
    'a link, whose place counts',
    'mkdir at; mv other.json at; ln -s at/other.json .; lazycred get db --config other.json',
  ],
  [
    'a file that everyone may write, for to name it is to trust it',
    'chmod 666 other.json; chmod 777 .; lazycred get db --config other.json',
  ],
])('takes %s', async (_what, line) => {
  const { shell } = await withTwoPlaces()
  expect(outcome(await shell(line))).toEqual({ ...DONE, stdout: 'named' })
})

test.each([
  'lazycred put db --config /dev/stdin < other.json',
  'cat other.json | lazycred put db - --config /dev/fd/0',
  'cat other.json | LAZYCRED_CONFIG=/dev/stdin lazycred put db /dev/stdin',
])('does not take the value from where the configuration came, and nothing is left: %s', async (line) => {
  const { shell } = await withTwoPlaces()
  const error = 'error: standard input cannot be both the configuration and the value'
  expect(outcome(await shell(line))).toEqual(failure(2, error, '(--help shows how)'))
  expect(outcome(await shell('lazycred get db --config other.json'))).toEqual({ ...DONE, stdout: 'named' })
})

test('takes the value from a file where the configuration comes from standard input', async () => {
  const { shell } = await withTwoPlaces()
  const line = 'sed s,elsewhere,$PWD/elsewhere, other.json | lazycred put db other.json --config /dev/stdin'
  expect(outcome(await shell(`${line}; lazycred get db --config other.json | cmp - other.json`))).toEqual(DONE)
})

test.each([
  ['is not there', '', 'nothing', 'there is no such file'],
  ['is in no folder', '', 'no/thing', 'there is no such file'],
  ['is a folder', 'mkdir folder;', 'folder', 'it is a folder'],
  ['is empty', '> empty;', 'empty', 'it is empty'],
  ['never ends', 'ln -s /dev/zero zero;', 'zero', 'it is larger than 65536 bytes, too large for a configuration'],
])('uses nothing else where the file %s', async (_what, prepare, file, reason) => {
  const { cwd, shell } = await withTwoPlaces()
  const line = `ERROR:LazyCredLogger:Unable to get <Key: db>. CONFIG_INVALID: ${cwd}/${file}: ${reason}`
  expect(outcome(await shell(`${prepare} lazycred get db --config ${file}`))).toEqual(failure(4, line))
})
