/**
 * The master keys of the local backend: a file with one a line, each 32 random bytes in base64. The last one wraps; those
 * before it still unwrap what they wrapped.
 */
import { createHash, randomBytes } from 'node:crypto'
import { promises as fs } from 'node:fs'
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
  if (!(await holdsRecords(records))) await createMasterKey(file)
  return readMasterKeys(file)
}

async function createMasterKey(file: string): Promise<void> {
  const lines = linesOf([randomBytes(LENGTH)])
  await createFile(file, lines).finally(() => {
    wipe([lines])
  })
}

/**
 * Adds a master key, which is the current one from then on. Records under the others stay readable. The first one is made
 * as `makeMasterKeys` does.
 */
export async function addMasterKey(file: string, records: string): Promise<void> {
  const masterKeys = await findMasterKeys(file)
  if (masterKeys === null) {
    wipe(await makeMasterKeys(file, records))
    return
  }
  const count = masterKeys.length
  const lines = linesOf([...masterKeys, randomBytes(LENGTH)])
  try {
    if (lines.length > MAX_FILE) throw tooMany(file)
    await replaceFile(file, lines, async () => {
      const now = await readMasterKeys(file)
      wipe(now)
      if (now.length !== count) throw changed(file)
    })
  } finally {
    wipe([lines])
  }
}

/** Wipes the master keys, which are then in the lines alone. */
function linesOf(masterKeys: readonly Buffer[]): Buffer {
  const lines = Buffer.from(masterKeys.map((masterKey) => `${encode(masterKey, 'base64')}\n`).join(''))
  wipe(masterKeys)
  return lines
}

/** Of what no longer is needed. */
export function wipe(secrets: readonly Buffer[]): void {
  for (const secret of secrets) secret.fill(0)
}

async function findMasterKeys(file: string): Promise<Buffer[] | null> {
  const text = await readFileUpTo(MAX_FILE, file, () => noMasterKey(file))
  if (text === null) return null
  const lines = text.toString('latin1').replace(/\n$/, '').split('\n')
  text.fill(0)
  if (new Set(lines).size < lines.length) throw noMasterKey(file)
  return lines.map((line) => {
    const text = Buffer.from(line, 'latin1')
    const masterKey = decodeInPlace(text, 'base64')
    if (masterKey?.length !== LENGTH) throw noMasterKey(file)
    // Behind the bytes the end of the text is still there.
    text.fill(0, LENGTH)
    return masterKey
  })
}

/** What begins with a dot is a temporary file, or a file manager's. */
async function holdsRecords(folder: string): Promise<boolean> {
  try {
    return (await fs.readdir(folder)).some((name) => !name.startsWith('.'))
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

function tooMany(file: string): LazyCredError {
  return new LazyCredError('STORAGE_ERROR', `${printable(file)} holds too many master keys`)
}

function changed(file: string): LazyCredError {
  return new LazyCredError('STORAGE_ERROR', `somebody else is replacing the master key in ${printable(file)}`)
}
