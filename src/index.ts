/**
 * LazyCred: secrets on AWS S3, each under a fresh data key that AWS KMS wraps.
 *
 * The four functions keep the manners of the Python tool of the same name: they never reject. `LazyCred` is the
 * same for those who want errors.
 */
import { LazyCred } from './lazycred.js'
import type { Config } from './config-fields.js'
import { asLazyCredError } from './errors.js'
import { stderrLogger, type Logger } from './log.js'
import type { PutOptions } from './options.js'
import type { RewrapOptions, RewrapSummary } from './rewrap-many.js'

export { LazyCred } from './lazycred.js'
export type { GetOptions, LazyCredOptions, PutOptions } from './options.js'
export type { VersionedSecret } from './shared-reads.js'
export { LazyCredError, type LazyCredErrorCode } from './errors.js'
export type { AwsConfig, BindingConfig, Config, LocalConfig } from './config-fields.js'
export type { Logger } from './log.js'
export type { Version } from './version.js'
export type { RewrapOptions, RewrapSummary } from './rewrap-many.js'

let logger = stderrLogger
/** Whichever logger is set by the time that something is logged. */
const currentLogger: Logger = {
  error(message) {
    logTo('error', message)
  },
  warn(message) {
    logTo('warn', message)
  },
  debug(message) {
    logTo('debug', message)
  },
}
let lazycred = new LazyCred(null, { logger: currentLogger })

/**
 * Reads a secret as text.
 *
 * @returns the secret; `null` on any failure, which is logged once
 */
export async function get(name: string): Promise<string | null> {
  return orElse(null, () => lazycred.get(name))
}

/**
 * Reads many secrets as text.
 *
 * @returns them in the order of their names; `null` where a single one fails, and then every failure is logged, at once
 */
export async function getMany(names: readonly string[]): Promise<string[] | null> {
  return orElse(null, () => lazycred.getMany(names))
}

/**
 * Stores a secret: text as UTF-8, or bytes; at most 256 MiB.
 *
 * @returns whether it is stored; any failure is logged once
 */
export async function put(name: string, value: string | Uint8Array, options?: PutOptions): Promise<boolean> {
  return orElse(false, () => lazycred.put(name, value, options).then(() => true))
}

/**
 * Moves records to the KMS key, context and binding that are configured now.
 *
 * @returns what became of them, see `LazyCred`; `null` where it could not begin, which is logged once
 */
export async function rewrap(names: readonly string[] | 'all', options?: RewrapOptions): Promise<RewrapSummary | null> {
  return orElse(null, () => lazycred.rewrap(names, options))
}

/**
 * Has `get` and `put` use this configuration from now on, calls under way excepted.
 *
 * @param config fields as in `.lazycred`, checked at the next call; `null` to search for it, afresh
 */
export function setConfig(config: Config | null): void {
  lazycred = new LazyCred(config, { logger: currentLogger })
}

/** @param other takes what `get` and `put` log; `null` for standard error, as from the start */
export function setLogger(other: Logger | null): void {
  logger = other ?? stderrLogger
}

async function orElse<Value>(fallback: Value, attempt: () => Promise<Value>): Promise<Value> {
  try {
    return await attempt()
  } catch (error) {
    const { message, hint } = asLazyCredError(error, {})
    currentLogger.error(hint === undefined ? message : `${message}\n${hint}`)
    return fallback
  }
}

/** A logger that throws, or rejects, must not make `get` or `put` reject, and there is nowhere left to say so. */
function logTo(level: keyof Logger, message: string): void {
  const drop = (): void => undefined
  try {
    // An async function is taken for one that gives nothing.
    const log: (message: string) => unknown = logger[level].bind(logger)
    Promise.resolve(log(message)).catch(drop)
  } catch {
    drop()
  }
}
