/** Files that are whole or not there, whatever process dies when. They are 0600, their folders 0700. */
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { getSystemErrorMap } from 'node:util'
import { LazyCredError, printable, withoutMessage } from '../errors.js'
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
      await rename(temporary, path)
    }),
  )
}

/**
 * Writes a file where there is none.
 *
 * @returns whether it did: `false` when somebody else was there first
 * @throws LazyCredError `ACCESS_DENIED`, `STORAGE_ERROR`
 */
export async function createFile(path: string, bytes: Buffer): Promise<boolean> {
  let created = true
  await viaTemporaryFile(path, bytes, (temporary) =>
    link(temporary, path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      created = false
    }),
  )
  return created
}

/**
 * @param limit bytes
 * @returns what is in the file; `null` where there is none
 * @throws LazyCredError `ACCESS_DENIED`, `STORAGE_ERROR`, `RECORD_DAMAGED` where it is over the limit or not a file
 */
export async function readFileUpTo(limit: number, path: string): Promise<Buffer | null> {
  try {
    const file = await open(path, 'r')
    try {
      const stats = await file.stat()
      if (!stats.isFile() || stats.size > limit) throw tooLarge(path, limit)
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw storageError(error, path)
  }
}

async function viaTemporaryFile(path: string, bytes: Buffer, put: (temporary: string) => Promise<void>): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, `.${randomBytes(8).toString('hex')}.tmp`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeDurably(temporary, bytes)
    await put(temporary)
    await makeDurable(folder)
  } catch (error) {
    throw storageError(error, path)
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Without it a power cut could undo a rename. Windows has no such call for folders. */
async function makeDurable(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function tooLarge(path: string, limit: number): LazyCredError {
  return new LazyCredError('RECORD_DAMAGED', `${printable(path)} is not a file of at most ${limit} bytes`)
}

/** @returns a file system's error, told as ours */
export function storageError(error: unknown, path: string): LazyCredError {
  if (error instanceof LazyCredError) return error
  const { errno, code } = error as NodeJS.ErrnoException
  const denied = code === 'EACCES' || code === 'EPERM'
  const words = getSystemErrorMap().get(errno ?? 0)?.[1] ?? 'it failed'
  return new LazyCredError(denied ? 'ACCESS_DENIED' : 'STORAGE_ERROR', `${printable(path)}: ${words} (${code})`, {
    hint: denied ? 'Check who owns the folder of the local backend, and its mode.' : undefined,
    cause: withoutMessage(error),
  })
}
