import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolderSandbox } from '../support/local.js'
import { outcome } from '../support/outcome.js'
import { expectStored, failure } from './transcript.js'

const HINT = 'What follows the name is a file. A value itself goes in by standard input.'
/** It may well be the value. */
const NOT_NAMED = 'the file after the name cannot be read'
const LONG = 'n'.repeat(300)
const TOO_LARGE = /^ERROR:LazyCredLogger:Unable to put <Key: db>\. VALUE_TOO_LARGE: .*256 MiB.*\n/

// Permissions would not stop root; what is not a file, or not there, stops everyone.
test.each([
  ['is not there', 'lazycred put db missing', `${NOT_NAMED}: no such file or directory (ENOENT)`, HINT],
  ['is a folder', 'lazycred put db folder', 'folder is a folder'],
  ['is a folder by standard input', 'lazycred put db < folder', 'standard input is a folder'],
  ['lies below a file', 'lazycred put db .lazycred/x', `${NOT_NAMED}: not a directory (ENOTDIR)`, HINT],
  ['is a link to itself', 'lazycred put db loop', 'loop cannot be read: too many symbolic links encountered (ELOOP)'],
  ['has too long a name', `lazycred put db ${LONG}`, `${NOT_NAMED}: name too long (ENAMETOOLONG)`, HINT],
  ['has an empty name', `lazycred put db ''`, 'the name of the file is empty'],
  ['has a name of two lines', `mkdir $'a\\nERROR:b' && lazycred put db $'a\\nERROR:b'`, 'a\\u{a}ERROR:b is a folder'],
])('keeps the old value where the file of the new one %s', async (_what, line, reason, ...hint) => {
  const vault = await makeFolderSandbox()
  await vault.lazycred(['put', 'db'], { input: 'old' })
  await mkdir(join(vault.cwd, 'folder'))
  await symlink('loop', join(vault.cwd, 'loop'))
  const expected = `ERROR:LazyCredLogger:Unable to put <Key: db>. INPUT_UNREADABLE: ${reason}`
  expect(outcome(await vault.shell(line))).toEqual(failure(1, expected, ...hint))
  await expectStored(vault, 'db', 'old')
})

// Whoever read these to the end, or into memory, would not be done in time.
test.each([
  ['in a file of 1 TiB, all of it a hole', 'truncate -s 1T huge && lazycred put db huge'],
  ['redirected from one of 1 TiB', 'truncate -s 1T huge && lazycred put db < huge'],
  ['in a device without an end', 'lazycred put db /dev/zero'],
  ['in a pipe without an end', 'cat /dev/zero | lazycred put db'],
  ['a byte over the limit', 'truncate -s 268435457 huge && lazycred put db huge'],
])('refuses a value %s, and keeps the old one', async (_where, line) => {
  const vault = await makeFolderSandbox()
  await vault.lazycred(['put', 'db'], { input: 'old' })
  const result = outcome(await vault.shell(line))
  expect(result).toMatchObject({ status: 1, stdout: '' })
  expect(result.stderr).toMatch(TOO_LARGE)
  await expectStored(vault, 'db', 'old')
})
