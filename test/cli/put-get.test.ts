import { expect, test } from 'vitest'
import { makeFolderSandbox } from '../support/local.js'
import { DONE, outcome } from '../support/outcome.js'
import { expectNothingStored, expectStored, failure } from './transcript.js'

/** Every byte there is, NUL and invalid UTF-8 among them. */
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))

test.each([
  ['file', 'lazycred put db value.bin'],
  ['link', 'ln -s value.bin link; lazycred put db link'],
  ['redirection', 'lazycred put db < value.bin'],
  ['redirection and -', 'lazycred put db - < value.bin'],
  ['pipe', 'cat value.bin | lazycred put db'],
  ['pipe and -', 'cat value.bin | lazycred put db -'],
  ['slow pipe', '(head -c 1 value.bin; sleep 0.2; tail -c +2 value.bin) | lazycred put db'],
  ['process substitution', 'lazycred put db <(cat value.bin)'],
  ['named pipe', 'mkfifo pipe; cat value.bin > pipe & lazycred put db pipe'],
  ['what is left of a file', '(head -c 4 <&0 > head; lazycred put db) < <(printf "head"; cat value.bin)'],
])('stores every byte that comes by %s', async (_way, line) => {
  const vault = await makeFolderSandbox()
  await vault.write('value.bin', EVERY_BYTE)
  expect(outcome(await vault.shell(line))).toEqual(DONE)
  await expectStored(vault, 'db', EVERY_BYTE)
})

test.each([
  ['nothing', Buffer.alloc(0)],
  ['text without a newline', Buffer.from('The gold is at the post office.')],
  ['text with newlines at its end', Buffer.from('text\n\n')],
  ['CRLF and a byte order mark', Buffer.from('\ufeffline\r\nline\r\n')],
  ['1 MiB and a byte', Buffer.alloc(1024 * 1024 + 1, EVERY_BYTE)],
])('gives back %s as it was, by file and by standard input', async (_what, value) => {
  const vault = await makeFolderSandbox()
  await vault.write('value.bin', value)
  expect(outcome(await vault.shell('lazycred put a value.bin && lazycred put b < value.bin'))).toEqual(DONE)
  await expectStored(vault, 'a', value)
  await expectStored(vault, 'b', value)
})

test('replaces what was there, whatever its size', async () => {
  const vault = await makeFolderSandbox()
  for (const input of ['old and longer', 'new', '']) {
    expect(outcome(await vault.lazycred(['put', 'db'], { input }))).toEqual(DONE)
    await expectStored(vault, 'db', input)
  }
})

test.each(['--config', '-', '--', '-x', '--help', 'put', 'a b', '..', '/lead', 'a//b', 'ключ 🔑 e\u0301', "'$(id)'"])(
  'takes any text as a name, after -- where it begins with -: %s',
  async (name) => {
    const vault = await makeFolderSandbox()
    await vault.write('value', 'from the file')
    expect(outcome(await vault.lazycred(['put', '--', name, 'value']))).toEqual(DONE)
    await expectStored(vault, name, 'from the file')
  },
)

test('shares secrets between the command and the library', async () => {
  const vault = await makeFolderSandbox()
  await vault.library.put('by library', 'one')
  expect(outcome(await vault.lazycred(['get', 'by library']))).toEqual({ ...DONE, stdout: 'one' })
  expect(outcome(await vault.lazycred(['put', 'by command'], { input: 'two' }))).toEqual(DONE)
  expect(await vault.library.get('by command')).toBe('two')
})

test('ends with status 3 where there is no such secret', async () => {
  const vault = await makeFolderSandbox()
  const line = `ERROR:LazyCredLogger:Unable to get <Key: ${vault.folder},nothing>. NOT_FOUND: there is no such secret`
  expect(outcome(await vault.lazycred(['get', 'nothing']))).toEqual(failure(3, line))
})

test('ends with status 1 where the record is damaged', async () => {
  const vault = await makeFolderSandbox()
  await vault.write('store/records/db.json', '{"data": "nothing of a token"}')
  const { status, stdout, stderr } = outcome(await vault.lazycred(['get', 'db']))
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toMatch(/^ERROR:LazyCredLogger:Unable to get <Key: \S+\/store,db>\. RECORD_DAMAGED: [^\n]+\n$/)
})

test.each(['get', 'put'])('ends with status 4 where %s finds no configuration that can be used', async (verb) => {
  const vault = await makeFolderSandbox()
  const { status, stdout, stderr } = outcome(await vault.shell(`LAZYCRED_CONFIG=nothing lazycred ${verb} db <<< value`))
  expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
  const line = `ERROR:LazyCredLogger:Unable to ${verb} <Key: db>. CONFIG_INVALID: ${vault.cwd}/nothing: there is no such file`
  expect(stderr).toBe(`${line}\nLAZYCRED_CONFIG names it.\n`)
  await expectNothingStored(vault, 'db')
})
