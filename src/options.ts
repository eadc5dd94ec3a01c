/** What calls can be told besides a name and a value, each checked. */
import { LazyCredError } from './errors.js'
import type { Logger } from './log.js'
import type { Condition } from './version.js'

export interface LazyCredOptions {
  /** A configuration file, named outright: nothing is searched. Wins over `LAZYCRED_CONFIG`. */
  readonly configFile?: string | undefined
  /** Takes debug messages; errors are thrown, not logged. Standard error by default. */
  readonly logger?: Logger | undefined
  /** How long values that were read or written are kept in memory, in milliseconds. Not at all by default. */
  readonly maxAgeMs?: number | undefined
}

export interface GetOptions {
  /** Asks the store, whatever is kept in memory. */
  readonly fresh?: boolean | undefined
}

export interface PutOptions {
  /** Stores only where there is no such secret yet. */
  readonly ifAbsent?: boolean | undefined
  /** Stores only over the secret that was read with this etag. */
  readonly ifMatch?: string | undefined
}

/** @throws LazyCredError `VALUE_INVALID` */
export function maxAgeOf(options: LazyCredOptions | null): number {
  const { maxAgeMs = 0 } = options ?? {}
  if (typeof maxAgeMs === 'number' && maxAgeMs >= 0) return maxAgeMs
  throw new LazyCredError('VALUE_INVALID', 'maxAgeMs must be a number of milliseconds, 0 or more')
}

/**
 * @returns `undefined` for a write on no condition
 * @throws LazyCredError `VALUE_INVALID`; `CONDITION_FAILED` for what cannot be an etag
 */
export function conditionOf(options: unknown): Condition | undefined {
  if (typeof options !== 'object' || options === null) throw new LazyCredError('VALUE_INVALID', 'options are an object')
  const { ifAbsent, ifMatch }: PutOptions = options
  // Of what is not quite a condition nobody may think that it held.
  if (!['undefined', 'boolean'].includes(typeof ifAbsent) || !['undefined', 'string'].includes(typeof ifMatch)) {
    throw new LazyCredError('VALUE_INVALID', 'ifAbsent must be true or false, and ifMatch text')
  }
  if (ifAbsent === true && ifMatch !== undefined) {
    throw new LazyCredError('VALUE_INVALID', 'ifAbsent and ifMatch cannot both hold')
  }
  if (ifAbsent === true) return { ifAbsent: true }
  return ifMatch === undefined ? undefined : { ifMatch: etagIn(ifMatch) }
}

/** ASCII, no quotes, and never empty or `*`, which servers could take for no condition at all (RFC 9110, 8.8.3 and 13.1.1). */
const ETAG = /^(?!\*?$)[!\x23-\x7e]*$/

/** The quotes around an etag are its header's, not its own. */
function etagIn(ifMatch: string): string {
  const etag = ifMatch.replace(/^"(.*)"$/, '$1')
  if (ETAG.test(etag)) return etag
  throw new LazyCredError('CONDITION_FAILED', 'no secret has that etag', { hint: 'Take the one that get or put gave.' })
}
