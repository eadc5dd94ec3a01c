import { fstatSync, readFileSync, statSync } from 'node:fs'

const ACCESS_MODE = 0o3
const READ_AND_WRITE = 0o2

/**
 * Whether the shell closed a standard stream (`>&-`). Node then opens /dev/null in its place, for reading and writing, where
 * a shell's redirection opens it for one of them: a value would vanish, or an empty one be stored, with status 0.
 * Linux tells how a file was opened; elsewhere it is not known, and the answer is no.
 */
export function isClosed(fd: 0 | 1): boolean {
  try {
    const info = /^flags:\s+([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))
    const mode = parseInt(info?.[1] ?? '0', 8) & ACCESS_MODE
    return mode === READ_AND_WRITE && fstatSync(fd).rdev === statSync('/dev/null').rdev
  } catch {
    return false
  }
}
