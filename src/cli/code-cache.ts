/**
 * What V8 made of our code, kept from one run for the next: compiling it anew takes longer than running it. Whoever can
 * write there has us run anything, so it is kept only where nobody but the user can: in a folder of his with mode 0700,
 * in files of his with mode 0600. Nothing of what the code worked on is in it.
 *
 * All of it is silent where it cannot be done, and then costs the time only.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  type Stats,
} from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'

const OTHERS = 0o077
const DIGEST = 32
/** No link, and nothing that one waits for. */
const READ_FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** @returns where it is kept; `undefined` where there is no such place, and on Windows, where modes mean nothing */
export function codeCacheFolder(): string | undefined {
  const { XDG_CACHE_HOME = '', HOME = '', NODE_DISABLE_COMPILE_CACHE } = process.env
  if (process.geteuid === undefined || NODE_DISABLE_COMPILE_CACHE !== undefined) return undefined
  const caches = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : isAbsolute(HOME) ? join(HOME, '.cache') : undefined
  return caches && join(caches, 'lazycred')
}

/** @returns what was kept for exactly this source; `undefined` where there is none, or where it cannot be trusted */
export function readCode(folder: string, name: string, source: Buffer): Buffer | undefined {
  try {
    assertPrivate(lstatSync(folder))
    const fd = openSync(join(folder, name), READ_FILE)
    try {
      assertPrivate(fstatSync(fd))
      const bytes = readFileSync(fd)
      const code = bytes.subarray(DIGEST)
      return digestOf(source, code).equals(bytes.subarray(0, DIGEST)) ? code : undefined
    } finally {
      closeSync(fd)
    }
  } catch {
    return undefined
  }
}

/** Keeps it, whole or not at all. */
export function writeCode(folder: string, name: string, source: Buffer, code: Buffer): void {
  try {
    makeFolder(folder)
    assertPrivate(lstatSync(folder))
    const temporary = join(folder, `${name}.${process.pid}.tmp`)
    try {
      writeFileSync(temporary, Buffer.concat([digestOf(source, code), code]), { mode: 0o600 })
      renameSync(temporary, join(folder, name))
    } finally {
      rmSync(temporary, { force: true })
    }
  } catch {
    return
  }
}

/** Nothing is made but this, and in a folder of the user's own: root may run in the home of somebody else. */
function makeFolder(folder: string): void {
  for (const each of [dirname(folder), folder]) {
    if (existsSync(each)) continue
    if (!isOwn(lstatSync(dirname(each)))) throw new Error('it is the folder of somebody else')
    try {
      mkdirSync(each, { mode: 0o700 })
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

function assertPrivate(stats: Stats): void {
  const isPlain = stats.isFile() || stats.isDirectory()
  if (!isPlain || !isOwn(stats) || (stats.mode & OTHERS) !== 0) throw new Error('others can write there')
}

function isOwn({ uid }: Stats): boolean {
  return uid === process.geteuid?.()
}

/** It notices what a disk garbled, and code of another version. */
function digestOf(source: Buffer, code: Buffer): Buffer {
  return createHash('sha256').update(source).update(code).digest()
}
