/** The way that the system takes to a file: every folder it passes, and every link. */
import { lstatSync, readlinkSync, type Stats } from 'node:fs'
import { isAbsolute, join } from 'node:path'

/** A folder, a link, or the file itself, by a path that no link is in front of. */
export interface Step {
  readonly path: string
  readonly stats: Stats
}

/** As many as Linux follows; what leads on after them was changed meanwhile. */
const MAX_LINKS = 40

/**
 * @param path absolute
 * @returns all that is passed, from `/` on, and what was reached as the last; what is passed twice is there twice
 */
export function wayTo(path: string): Step[] {
  return walk('/', ['.', ...namesIn(path)], MAX_LINKS)
}

function walk(folder: string, names: readonly string[], linksLeft: number): Step[] {
  const [name, ...others] = names
  if (name === undefined) return []
  const path = join(folder, name)
  const step = { path, stats: lstatSync(path) }
  if (!step.stats.isSymbolicLink()) return [step, ...walk(path, others, linksLeft)]
  if (linksLeft === 0) return [step]
  const target = readlinkSync(path)
  return [step, ...walk(isAbsolute(target) ? '/' : folder, [...namesIn(target), ...others], linksLeft - 1)]
}

function namesIn(path: string): string[] {
  return path.split('/').filter((name) => name !== '')
}
