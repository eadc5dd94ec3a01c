import type { CommanderError } from 'commander'
import { asLazyCredError, printable } from '../errors.js'
import { stderrLogger } from '../log.js'
import { exitStatusOf, USAGE } from './exit-status.js'
import { stderr } from './stderr.js'

/**
 * Tells of an error on standard error: a line, and a second one where we know what mends it.
 *
 * @param verbose adds where it was thrown and what was behind it
 * @returns the exit status
 */
export function report(error: unknown, verbose: boolean): number {
  const told = asLazyCredError(error, {})
  stderrLogger.error(told.message)
  if (told.hint !== undefined) stderr().write(`${told.hint}\n`)
  if (verbose) stderr().write(`${traceOf(told)}\n`)
  return exitStatusOf(told.code)
}

function traceOf(error: Error): string {
  const lines = (error.stack ?? error.message).split('\n').map(printable).join('\n')
  return error.cause instanceof Error ? `${lines}\nCaused by: ${traceOf(error.cause)}` : lines
}

/**
 * Tells what was wrong with the command line, and where it is explained.
 *
 * @param args all that was neither an option nor its value
 * @returns the exit status
 */
export function reportUsage(error: CommanderError, args: readonly string[]): number {
  const message = error.code === 'commander.help' ? withoutCommand(args) : error.message
  // What is said quotes the command line, in which anything can stand; the suggestion is commander's own.
  const suggestion = /\n\(Did you mean [\w -]+\?\)$/.exec(message)?.[0] ?? ''
  const said = printable(withoutOptionValue(message.slice(0, message.length - suggestion.length)))
  stderr().write(`${said}${suggestion}\n${HINTS[error.code] ?? '(--help shows how)'}\n`)
  return USAGE
}

/** What was given to an option that nobody knows may well be the secret. */
function withoutOptionValue(message: string): string {
  return message.replace(/^(error: unknown option '(?:--[^=']*|-[^-])).*'$/s, "$1'")
}

const HINTS: Readonly<Record<string, string>> = {
  'commander.unknownOption': '(--help shows how; a name that begins with - goes behind --)',
}

/** Commander itself says nothing then, but for its help. */
function withoutCommand(args: readonly string[]): string {
  const asked = args.at(-1)
  return asked === undefined ? 'error: missing command: put or get' : `error: unknown command '${asked}'`
}
