/** One writer at a time, across processes: a lock is a file beside the one that it is for, made where there is none. */
import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { LazyCredError, printable } from '../errors.js'

/** Far longer than the work takes. Of a holder on another machine nobody can say whether it lives. */
const STALE_MS = 30_000
const PATIENCE_MS = 90_000
const LONGEST_PAUSE_MS = 20

/** Throws where the lock was taken away, as from a process that was stopped for long: to be called right before the deed. */
export type AssertHeld = () => Promise<void>

class LostLock extends Error {}

/**
 * Does `work` while nobody else that comes through here works on the same path; again, where the lock was lost before the deed.
 *
 * @throws LazyCredError `STORAGE_ERROR` where the lock is not to be had for long; what `work` and the file system throw
 */
export async function whileLocked<Result>(
  path: string,
  work: (assertHeld: AssertHeld) => Promise<Result>,
): Promise<Result> {
  const lock = `${path}.lock`
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const token = `${hostname()} ${process.pid} ${randomUUID()}`
    await acquire(lock, token, deadline)
    try {
      return await work(() => assertHeld(lock, token))
    } catch (error) {
      if (!(error instanceof LostLock)) throw error
    } finally {
      if ((await holderOf(lock)) === token) await rm(lock, { force: true })
    }
  }
}

async function assertHeld(lock: string, token: string): Promise<void> {
  if ((await holderOf(lock)) !== token) throw new LostLock()
}

async function acquire(lock: string, token: string, deadline: number): Promise<void> {
  while (!(await take(lock, token))) {
    if (Date.now() > deadline) throw busy(lock)
    await breakIfAbandoned(lock)
    await sleep(Math.random() * LONGEST_PAUSE_MS)
  }
}

async function take(lock: string, token: string): Promise<boolean> {
  try {
    await writeFile(lock, token, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function holderOf(lock: string): Promise<string | undefined> {
  try {
    return await readFile(lock, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Of all who find it abandoned one alone gets to move it away; what else could go wrong then, `AssertHeld` catches. */
async function breakIfAbandoned(lock: string): Promise<void> {
  try {
    const holder = await readFile(lock, 'utf8')
    const { mtimeMs } = await stat(lock)
    if (!isDead(holder) && Date.now() - mtimeMs < STALE_MS) return
    const aside = `${lock}.${randomUUID()}`
    await rename(lock, aside)
    await rm(aside, { force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

function isDead(holder: string): boolean {
  const [host, pid] = holder.split(' ')
  if (host !== hostname() || pid === undefined) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

function busy(lock: string): LazyCredError {
  return new LazyCredError('STORAGE_ERROR', `${printable(lock)} is held by somebody else`, {
    hint: 'Try again; if nothing else is at work there, remove it.',
  })
}
