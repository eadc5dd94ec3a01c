/**
 * The master keys of the local backend: a file with one a line, each 32 random bytes in base64. The last one wraps; those
 * before it still unwrap what they wrapped.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { decodeInPlace, encode } from '../base64.js'
import { LazyCredError, printable } from '../errors.js'
import { createFile, readFileUpTo, replaceFile, storageError } from './files.js'

const LENGTH = 32
const MAX_FILE = 64 * 1024

/** @returns 8 bytes that tell one master key from another, and nothing else about it */
export function masterKeyId(masterKey: Buffer): Buffer {
  return createHash('sha256').update('lazycred master key id\0').update(masterKey).digest().subarray(0, 8)
}

/**
 * @returns the master keys, 32 bytes each, at least one, the current one last
 * @throws LazyCredError `STORAGE_ERROR` where the file is not there or holds something else; `ACCESS_DENIED`
 */
export async function readMasterKeys(file: string): Promise<Buffer[]> {
  const masterKeys = await findMasterKeys(file)
  if (masterKeys === null) throw gone(file)
  return masterKeys
}

/**
 * As `readMasterKeys`, but makes the first one: never where there are records already, which a new one would strand.
 *
 * @param records the folder of the records
 */
export async function makeMasterKeys(file: string, records: string): Promise<Buffer[]> {
  const found = await findMasterKeys(file)
  if (found !== null) return found
  // In this order: whoever writes a record has made the master key before.
  if (!(await holdsRecords(records))) await createFile(file, Buffer.from(lineOf(randomBytes(LENGTH))))
  return readMasterKeys(file)
}

/** Adds a master key, which is the current one from then on. Records under the others stay readable. */
export async function addMasterKey(file: string): Promise<void> {
  const masterKeys = await readMasterKeys(file)
  const lines = [...masterKeys, randomBytes(LENGTH)].map(lineOf).join('')
  if (lines.length > MAX_FILE) throw new LazyCredError('STORAGE_ERROR', `${printable(file)} holds too many master keys`)
  await replaceFile(file, Buffer.from(lines), async () => {
    if ((await readMasterKeys(file)).length !== masterKeys.length) throw changed(file)
  })
}

function lineOf(masterKey: Buffer): string {
  return `${encode(masterKey, 'base64')}\n`
}

async function findMasterKeys(file: string): Promise<Buffer[] | null> {
  const text = await readFileUpTo(MAX_FILE, file, () => noMasterKey(file))
  if (text === null) return null
  const lines = text.toString('latin1').replace(/\n$/, '').split('\n')
  text.fill(0)
  if (new Set(lines).size < lines.length) throw noMasterKey(file)
  return lines.map((line) => {
    const masterKey = decodeInPlace(Buffer.from(line, 'latin1'), 'base64')
    if (masterKey?.length !== LENGTH) throw noMasterKey(file)
    return masterKey
  })
}

/** What begins with a dot is a temporary file, or a file manager's. */
async function holdsRecords(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).some((name) => !name.startsWith('.'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw storageError(error, folder)
  }
}

const HINT = 'Bring it back from a backup: without it nothing opens the records beside it.'

function gone(file: string): LazyCredError {
  return new LazyCredError('STORAGE_ERROR', `the master key ${printable(file)} is gone`, { hint: HINT })
}

function noMasterKey(file: string): LazyCredError {
  return new LazyCredError('STORAGE_ERROR', `${printable(file)} does not hold a master key`, { hint: HINT })
}

function changed(file: string): LazyCredError {
  return new LazyCredError('STORAGE_ERROR', `somebody else is replacing the master key in ${printable(file)}`)
}
