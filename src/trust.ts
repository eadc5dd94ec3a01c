/** Whether a configuration file could have been planted by somebody else. */
import { lstatSync, realpathSync, statSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { LazyCredError, printable } from './errors.js'

const WRITABLE_BY_ALL = 0o002
const STICKY = 0o1000

/** Why a file is not trusted, and the command that changes it. */
interface Doubt {
  readonly reason: string
  readonly command: string
}

/**
 * Refuses a file that was found (not named) unless nobody but its user and root could have written it: it belongs to one of
 * them, not everyone may write it, nor, but for sticky folders such as /tmp, any folder above it. A link is judged by
 * what it points to, and by who could lead it elsewhere. Windows has no such owners and modes; there nothing is checked.
 *
 * @param stats of the file as it was opened: what is judged is what is read
 * @throws LazyCredError `CONFIG_UNTRUSTED`, with the command that mends it
 */
export function assertNobodyElseWrote(path: string, stats: Stats): void {
  const user = process.geteuid?.()
  if (user === undefined) return
  const real = realpathSync(path)
  const link = lstatSync(path)
  const folders = new Set([...foldersAbove(real), ...foldersAbove(path)])
  const doubts = [
    ...doubtsOfLink(path, link, user),
    ...doubtsOfOwner(real, stats, user),
    ...doubtsOfMode(real, stats, user),
    ...[...folders].flatMap((folder) => doubtsOfFolder(folder, user)),
  ]
  if (doubts.length > 0) throw refusal(path, isStranger(link, user) ? link : stats, doubts)
}

function isStranger({ uid }: Stats, user: number): boolean {
  return uid !== user && uid !== 0
}

function doubtsOfLink(path: string, link: Stats, user: number): Doubt[] {
  if (!link.isSymbolicLink() || !isStranger(link, user)) return []
  const command = sudo(`chown -h ${user} ${quoted(path)}`, 0, user)
  return [{ reason: 'it is a link that belongs to neither you nor root', command }]
}

function doubtsOfOwner(file: string, stats: Stats, user: number): Doubt[] {
  if (!isStranger(stats, user)) return []
  const command = sudo(`chown ${user} ${quoted(file)}`, 0, user)
  return [{ reason: 'it belongs to neither you nor root', command }]
}

function doubtsOfMode(file: string, { mode, uid }: Stats, user: number): Doubt[] {
  if ((mode & WRITABLE_BY_ALL) === 0) return []
  // Of any other owner it will have been taken by then.
  const owner = uid === 0 ? 0 : user
  return [{ reason: 'everyone may write it', command: sudo(`chmod o-w ${quoted(file)}`, owner, user) }]
}

function foldersAbove(path: string): string[] {
  const folder = dirname(path)
  return folder === path ? [] : [folder, ...foldersAbove(folder)]
}

function doubtsOfFolder(folder: string, user: number): Doubt[] {
  const { mode, uid } = statSync(folder)
  if ((mode & WRITABLE_BY_ALL) === 0 || (mode & STICKY) !== 0) return []
  const command = sudo(`chmod o-w ${quoted(folder)}`, uid, user)
  return [{ reason: `everyone may write the folder ${folder} above it`, command }]
}

function sudo(command: string, owner: number, user: number): string {
  return owner === user || user === 0 ? command : `sudo ${command}`
}

function refusal(path: string, stats: Stats, doubts: readonly Doubt[]): LazyCredError {
  const reasons = doubts.map(({ reason }) => reason).join(', and ')
  const commands = doubts.map(({ command }) => command).join(' && ')
  return new LazyCredError(
    'CONFIG_UNTRUSTED',
    printable(`${path} (owner: user ${stats.uid}) could have been planted by someone else: ${reasons}`),
    { hint: `If you trust what it says, name it outright by LAZYCRED_CONFIG, or run: ${commands}` },
  )
}

/** As a shell takes it, and as it can be shown. */
function quoted(path: string): string {
  if (/^[\w./@:+-]+$/.test(path)) return path
  if (printable(path) === path) return `'${path.replaceAll("'", `'\\''`)}'`
  return `$'${Array.from(Buffer.from(path), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}'`
}
