import { asLazyCredError } from '../errors.js'
import { stderrLogger } from '../log.js'
import { exitStatusOf } from './exit-status.js'

/**
 * Tells of an error on standard error: a line, and a second one where we know what mends it.
 *
 * @param verbose adds where it was thrown and what was behind it
 * @returns the exit status
 */
export function report(error: unknown, verbose: boolean): number {
  const told = asLazyCredError(error, {})
  stderrLogger.error(told.message)
  if (told.hint !== undefined) process.stderr.write(`${told.hint}\n`)
  if (verbose) process.stderr.write(`${traceOf(told)}\n`)
  return exitStatusOf(told.code)
}

function traceOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${traceOf(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}
