/** Which encryption context a record has: the configured pairs and, where names are bound, the place of the record. */
import { LazyCredError, printable, type Verb } from './errors.js'
import { sameContext, type EncryptionContext } from './context.js'

export interface ContextSettings {
  /** Whether a record opens only under the place that it was stored under. */
  readonly bindNames: boolean
  /** Further pairs, for conditions of key policies. */
  readonly encryptionContext: EncryptionContext
}

/** The pair that binds, `bucket/object path` its value; the configuration may not use the name. */
export const BINDING = 'lazycred'

/** @returns the context that a record at that place is stored with */
export function contextOf(settings: ContextSettings, bindingPlace: string, objectPath: string): EncryptionContext {
  const { bindNames, encryptionContext } = settings
  return bindNames ? { ...encryptionContext, [BINDING]: `${bindingPlace}/${objectPath}` } : encryptionContext
}

/** @returns the contexts that a record at that place may have had before: `context` first, then with and without each part */
export function earlierContexts(
  context: EncryptionContext,
  bindingPlace: string,
  objectPath: string,
): EncryptionContext[] {
  const { [BINDING]: _, ...pairs } = context
  const bound = { [BINDING]: `${bindingPlace}/${objectPath}` }
  const all: EncryptionContext[] = [context, { ...pairs, ...bound }, pairs, bound, {}]
  return all.filter((one, index) => all.findIndex((other) => sameContext(one, other)) === index)
}

/** @returns the error of a record that does not open under its context, told with the field that is behind it */
export function explainMismatch(error: unknown, context: EncryptionContext, verb: Verb): unknown {
  if (!(error instanceof LazyCredError) || error.code !== 'CONTEXT_MISMATCH') return error
  const place = context[BINDING]
  const reason =
    place === undefined
      ? 'the record does not open: it was stored with "bind_names" or another "encryption_context", or its wrapped key was altered'
      : `the record does not open as ${printable(place)}: it was copied from another place, stored without "bind_names", or altered`
  const hint =
    verb === 'rewrap'
      ? 'Where it had other pairs in "encryption_context", get it under those, and put it again.'
      : place === undefined
        ? 'If your records are bound, set "bind_names": true.'
        : 'If it is right where it is, and only not bound yet: lazycred rewrap NAME'
  return new LazyCredError('CONTEXT_MISMATCH', reason, { hint, cause: error.cause })
}
