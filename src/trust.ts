/** Whether a configuration file could have been planted by somebody else. */
import type { Stats } from 'node:fs'
import { LazyCredError, printable } from './errors.js'
import { wayTo, type Step } from './way.js'

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
  const passed = [...new Map(wayTo(path).map((step) => [step.path, step])).values()]
  const file = passed.pop()
  if (file?.stats.ino !== stats.ino || file.stats.dev !== stats.dev) throw replaced(path)
  const strangersLink = passed.find((step) => isStrangersLink(step, user))
  const doubts = [
    ...passed.flatMap((step) => doubtsOfLink(step, user)),
    ...doubtsOfOwner(file.path, stats, user),
    ...doubtsOfMode(file.path, stats, user),
    ...passed.flatMap((step) => doubtsOfFolder(step, user)),
  ]
  if (doubts.length > 0) throw refusal(path, strangersLink?.stats ?? stats, doubts)
}

/** What is judged would not be what is read. */
function replaced(path: string): LazyCredError {
  return new LazyCredError('CONFIG_UNTRUSTED', printable(`${path} was replaced while it was looked at`), {
    hint: 'Try again, or name it outright by LAZYCRED_CONFIG.',
  })
}

function isStranger({ uid }: Stats, user: number): boolean {
  return uid !== user && uid !== 0
}

function isStrangersLink({ stats }: Step, user: number): boolean {
  return stats.isSymbolicLink() && isStranger(stats, user)
}

function doubtsOfLink(step: Step, user: number): Doubt[] {
  if (!isStrangersLink(step, user)) return []
  const { path, stats } = step
  const command = sudo(`chown -h ${user} ${quoted(path)}`, 0, user)
  return [{ reason: `the link ${path} belongs to user ${stats.uid}, neither you nor root`, command }]
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

function doubtsOfFolder({ path, stats }: Step, user: number): Doubt[] {
  const { mode, uid } = stats
  if (!stats.isDirectory() || (mode & WRITABLE_BY_ALL) === 0 || (mode & STICKY) !== 0) return []
  const command = sudo(`chmod o-w ${quoted(path)}`, uid, user)
  return [{ reason: `everyone may write the folder ${path} above it`, command }]
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
