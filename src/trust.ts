/** Whether a configuration file could have been planted by somebody else. */
import { realpathSync, statSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { LazyCredError, printable } from './errors.js'

const WRITABLE_BY_ALL = 0o002
const STICKY = 0o1000

/**
 * Refuses a file that was found (not named) unless nobody but its user and root could have written it: it belongs to one of
 * them, not everyone may write it, nor, but for sticky folders such as /tmp, any folder above it. Links are
 * judged by what they point to. Windows has no such owners and modes; there nothing is checked.
 *
 * @param stats of the file as it was opened: what is judged is what is read
 * @throws LazyCredError `CONFIG_UNTRUSTED`, with the command that mends it
 */
export function assertNobodyElseWrote(path: string, stats: Stats): void {
  const user = process.geteuid?.()
  if (user === undefined) return
  const real = realpathSync(path)
  if (stats.uid !== user && stats.uid !== 0) {
    throw refusal(path, stats, 'it belongs to neither you nor root', `sudo chown ${user} ${quoted(real)}`)
  }
  if ((stats.mode & WRITABLE_BY_ALL) !== 0) {
    throw refusal(path, stats, 'everyone may write it', `chmod o-w ${quoted(real)}`)
  }
  const open = foldersAbove(real).find(isOpenToAll)
  if (open !== undefined) {
    throw refusal(path, stats, `everyone may write the folder ${open} above it`, `chmod o-w ${quoted(open)}`)
  }
}

function foldersAbove(path: string): string[] {
  const folder = dirname(path)
  return folder === path ? [] : [folder, ...foldersAbove(folder)]
}

function isOpenToAll(folder: string): boolean {
  const { mode } = statSync(folder)
  return (mode & WRITABLE_BY_ALL) !== 0 && (mode & STICKY) === 0
}

function refusal(path: string, stats: Stats, reason: string, command: string): LazyCredError {
  return new LazyCredError(
    'CONFIG_UNTRUSTED',
    printable(`${path} (owner: user ${stats.uid}) could have been planted by someone else: ${reason}`),
    { hint: printable(`Run: ${command}\nOr name the file outright: LAZYCRED_CONFIG=${quoted(path)}`) },
  )
}

function quoted(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
