/** One writer at a time, across processes: a lock is a file beside the one that it is for, made where there is none. */
import { randomUUID } from 'node:crypto'
import { promises as fs, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { promises as timers } from 'node:timers'
import { nowMs } from '../clock.js'
import { LazyCredError, printable } from '../errors.js'

/** Far longer than the work takes. Of a holder on another machine nobody can say whether it lives. */
const STALE_MS = 30_000
const NAMELESS_MS = 1_000
const PATIENCE_MS = 90_000
const LONGEST_PAUSE_MS = 20

/** Throws where the lock was taken away, as from a process that was stopped for long: to be called right before the deed. */
export type AssertHeld = () => Promise<void>

/** Where process ids mean something: a machine, and of it the containers that share them. */
function here(): string {
  return `${hostname()}${pidNamespace()}`.replaceAll(' ', '')
}

function pidNamespace(): string {
  try {
    return `/${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return ''
  }
}

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
    const token = `${here()} ${process.pid} ${randomUUID()}`
    await acquire(lock, token, deadline)
    try {
      return await work(() => assertHeld(lock, token))
    } catch (error) {
      if (!(error instanceof LostLock)) throw error
    } finally {
      await release(lock, token)
    }
  }
}

async function assertHeld(lock: string, token: string): Promise<void> {
  if ((await holderOf(lock)) !== token) throw new LostLock()
}

async function acquire(lock: string, token: string, deadline: number): Promise<void> {
  let seen = { holder: undefined as string | undefined, sinceMs: 0 }
  while (!(await take(lock, token))) {
    if (Date.now() > deadline) throw busy(lock)
    const holder = await holderOf(lock)
    if (holder !== seen.holder) seen = { holder, sinceMs: nowMs() }
    // By our own clock: that of a file server may be another.
    if (holder !== undefined && isAbandoned(holder, nowMs() - seen.sinceMs)) await moveAway(lock, holder)
    await timers.setTimeout(Math.random() * LONGEST_PAUSE_MS)
  }
}

async function take(lock: string, token: string): Promise<boolean> {
  try {
    await fs.writeFile(lock, token, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    await fs.rm(lock, { force: true }).catch(() => undefined)
    throw error
  }
}

/** What cannot be released any more is found abandoned later; it must not hide how the work went. */
async function release(lock: string, token: string): Promise<void> {
  try {
    if ((await holderOf(lock)) === token) await fs.rm(lock, { force: true })
  } catch {
    return
  }
}

async function holderOf(lock: string): Promise<string | undefined> {
  try {
    return await fs.readFile(lock, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Who has no name died while writing it. */
function isAbandoned(holder: string, unchangedMs: number): boolean {
  return isDead(holder) || unchangedMs > (holder === '' ? NAMELESS_MS : STALE_MS)
}

/** Of all who find it abandoned one alone gets to do it; what else could go wrong then, `AssertHeld` catches. */
async function moveAway(lock: string, abandoned: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`
  try {
    await fs.rename(lock, aside)
    // Of two who found it abandoned, the slower one may hold the lock of the faster one now: back with it.
    if ((await holderOf(aside)) !== abandoned) await fs.link(aside, lock).catch(() => undefined)
    await fs.rm(aside, { force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

function isDead(holder: string): boolean {
  const [place, pid] = holder.split(' ')
  if (place !== here() || pid === undefined) return false
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
