/** Files that are whole or not there, whatever process dies when. They are 0600, their folders 0700. */
import { randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, promises as fs, readFile, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { LazyCredError, printable, withoutMessage } from '../errors.js'
import { describeSystemError } from '../system-errors.js'
import { whileLocked } from './lock.js'

/**
 * Writes a file over whatever was there: readers find the old bytes or the new ones. One writer at a time gets to do it.
 *
 * @param mayReplace throws where it must not be done after all; asked when nobody else can write any more
 * @throws LazyCredError `ACCESS_DENIED`, `STORAGE_ERROR`, what `mayReplace` throws; then the old file is as it was
 */
export async function replaceFile(path: string, bytes: Buffer, mayReplace?: () => Promise<void>): Promise<void> {
  await viaTemporaryFile(path, bytes, (temporary) =>
    whileLocked(path, async (assertHeld) => {
      await mayReplace?.()
      await assertHeld()
      await fs.rename(temporary, path)
    }),
  )
}

/**
 * Writes a file where there is none; where somebody else was there first, theirs stays.
 *
 * @throws LazyCredError `ACCESS_DENIED`, `STORAGE_ERROR`
 */
export async function createFile(path: string, bytes: Buffer): Promise<void> {
  await viaTemporaryFile(path, bytes, async (temporary) => {
    try {
      await linkOr(() => writeDurably(path, bytes), temporary, path)
    } catch (error) {
      if (!isOneOf(error, ['EEXIST'])) throw error
    }
  })
}

const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

/** Memory cards and shared folders know no links; there, who looks at the wrong moment may find the file half written. */
function linkOr(otherwise: () => Promise<void>, existing: string, path: string): Promise<void> {
  return fs.link(existing, path).catch((error: unknown) => {
    if (isOneOf(error, NO_LINKS)) return otherwise()
    throw error
  })
}

/** It is read by the time that another thread is asked to. */
const SMALL = 64 * 1024

/**
 * @param limit bytes
 * @param unfit gives what to throw where it is over the limit or not a file
 * @returns what is in the file; `null` where there is none
 * @throws LazyCredError `ACCESS_DENIED`, `STORAGE_ERROR`
 */
export async function readFileUpTo(limit: number, path: string, unfit: () => LazyCredError): Promise<Buffer | null> {
  try {
    // A pipe must not hold anybody up.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stats = fstatSync(fd)
      if (!stats.isFile() || stats.size > limit) throw unfit()
      return stats.size <= SMALL ? readFileSync(fd) : await promisify(readFile)(fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (isOneOf(error, ['ENOENT'])) return null
    throw storageError(error, path)
  }
}

async function viaTemporaryFile(path: string, bytes: Buffer, put: (temporary: string) => Promise<void>): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, `.${randomBytes(8).toString('hex')}.tmp`)
  try {
    await makeFolder(folder)
    await writeDurably(temporary, bytes)
    await put(temporary)
    await makeDurable(folder)
  } catch (error) {
    throw storageError(error, path)
  } finally {
    await fs.rm(temporary, { force: true }).catch(() => undefined)
  }
  await removeLeftovers(folder, path).catch(() => undefined)
}

const TEMPORARY = /^\.[0-9a-f]{16}\.tmp$/
/** Far longer than anything is written and waited for. */
const LEFT_BEHIND_MS = 3_600_000
const MOST_LEFTOVERS = 100
const tidied = new Set<string>()

/**
 * Removes temporary files of writers that were killed; once a process in each folder, since all of it is looked through.
 *
 * @param written just now: the clock is that of the file system, which may not be ours
 */
async function removeLeftovers(folder: string, written: string): Promise<void> {
  if (tidied.has(folder)) return
  tidied.add(folder)
  const { mtimeMs } = await fs.stat(written)
  const temporaries = (await fs.readdir(folder)).filter((name) => TEMPORARY.test(name))
  for (const name of temporaries.slice(0, MOST_LEFTOVERS)) {
    const path = join(folder, name)
    if (mtimeMs - (await fs.stat(path)).mtimeMs > LEFT_BEHIND_MS) await fs.rm(path, { force: true })
  }
}

/** By hand: with `recursive`, Node goes round for ever where a file system takes no folders, as /proc and so /dev/fd. */
async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return
  await makeFolder(dirname(folder))
  await fs.mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    // By somebody else meanwhile; or it is a file, as what comes next will say.
    if (!isOneOf(error, ['EEXIST'])) throw error
  })
  await makeDurable(dirname(folder))
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await fs.stat(path)).isDirectory()
  } catch (error) {
    if (isOneOf(error, ['ENOENT'])) return false
    throw error
  }
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await fs.open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** What tells that a folder may not be opened, or that its system has no such call for folders. */
const NOT_FOR_FOLDERS = ['EACCES', 'EPERM', 'EISDIR', 'EBADF', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']

/** Without it a power cut could undo what was done in the folder. Where it cannot be had, all else still holds. */
async function makeDurable(folder: string): Promise<void> {
  try {
    const handle = await fs.open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!isOneOf(error, NOT_FOR_FOLDERS)) throw error
  }
}

function isOneOf(error: unknown, systemCodes: readonly string[]): boolean {
  return systemCodes.includes((error as NodeJS.ErrnoException).code ?? '')
}

/** @returns a file system's error, told as ours */
export function storageError(error: unknown, path: string): LazyCredError {
  if (error instanceof LazyCredError) return error
  const denied = isOneOf(error, ['EACCES', 'EPERM'])
  const reason = `${printable(path)}: ${describeSystemError(error)}`
  return new LazyCredError(denied ? 'ACCESS_DENIED' : 'STORAGE_ERROR', reason, {
    hint: denied ? 'Check who owns the folder of the local backend, and its mode.' : undefined,
    cause: withoutMessage(error),
  })
}
