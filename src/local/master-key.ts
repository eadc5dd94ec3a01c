/** The master key of the local backend: 32 random bytes in base64 and a newline, in a file of its own. */
import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { decodeInPlace, encode } from '../base64.js'
import { LazyCredError, printable } from '../errors.js'
import { createFile, readFileUpTo, storageError } from './files.js'

const LENGTH = 32
const MAX_FILE = 1024

/** @returns 8 bytes that tell one master key from another, and nothing else about it */
export function masterKeyId(masterKey: Buffer): Buffer {
  return createHash('sha256').update('lazycred master key id\0').update(masterKey).digest().subarray(0, 8)
}

/**
 * @returns the 32 bytes
 * @throws LazyCredError `STORAGE_ERROR` where the file is not there or holds something else; `ACCESS_DENIED`
 */
export async function readMasterKey(file: string): Promise<Buffer> {
  const masterKey = await findMasterKey(file)
  if (masterKey === null) throw gone(file)
  return masterKey
}

/**
 * As `readMasterKey`, but makes the first one: never where there are records already, which a second one would strand.
 *
 * @param records the folder of the records
 */
export async function makeMasterKey(file: string, records: string): Promise<Buffer> {
  const found = await findMasterKey(file)
  if (found !== null) return found
  // In this order: whoever writes a record has made the master key before.
  if (!(await holdsRecords(records))) {
    await createFile(file, Buffer.from(`${encode(randomBytes(LENGTH), 'base64')}\n`))
  }
  return readMasterKey(file)
}

async function findMasterKey(file: string): Promise<Buffer | null> {
  const text = await readFileUpTo(MAX_FILE, file, () => noMasterKey(file))
  if (text === null) return null
  const masterKey = decodeInPlace(text.at(-1) === 0x0a ? text.subarray(0, -1) : text, 'base64')
  if (masterKey?.length !== LENGTH) throw noMasterKey(file)
  return masterKey
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
