import { asLazyCredError, LazyCredError } from './errors.js'

/** What became of one record: it is as configured now, or was so already. */
export type Moved = 'moved' | 'alreadyRight'

export interface RewrapOptions {
  /** Finds out what would be moved, and writes nothing. */
  readonly dryRun?: boolean | undefined
  /** First makes a new master key, on the local backend, for the records to move to. */
  readonly newMasterKey?: boolean | undefined
  /** Called now and then: how many are done, of how many that are known so far. */
  readonly onProgress?: ((done: number, known: number) => void) | undefined
  /** Called with the name of each that is moved, or would be in a dry run. */
  readonly onMoved?: ((name: string) => void) | undefined
}

export interface RewrapSummary {
  readonly moved: number
  readonly alreadyRight: number
  /** Each says which secret it is about; or, as the last one, that the listing broke off, so that more may be left. */
  readonly failed: readonly LazyCredError[]
}

/**
 * Of what is not quite a dry run nobody may think that it was one.
 *
 * @throws LazyCredError `VALUE_INVALID`
 */
export function assertOptions(options: unknown): asserts options is RewrapOptions {
  if (typeof options !== 'object' || options === null) throw new LazyCredError('VALUE_INVALID', 'options are an object')
  const { dryRun = false, newMasterKey = false }: RewrapOptions = options
  if (typeof dryRun !== 'boolean' || typeof newMasterKey !== 'boolean') {
    throw new LazyCredError('VALUE_INVALID', 'dryRun and newMasterKey must be true or false')
  }
  if (dryRun && newMasterKey) throw new LazyCredError('VALUE_INVALID', 'a new master key has no dry run')
}

/** Records at work at the same time. */
const AT_ONCE = 10

/** Rewraps one page of names after the other; what fails is noted, and the rest goes on. */
export async function rewrapMany(
  pages: Iterable<readonly string[]> | AsyncIterable<readonly string[]>,
  rewrap: (name: string) => Promise<Moved>,
  { onProgress, onMoved }: RewrapOptions,
): Promise<RewrapSummary> {
  const counts = { moved: 0, alreadyRight: 0 }
  const failed: LazyCredError[] = []
  let known = 0
  const one = async (name: string): Promise<void> => {
    let outcome: Moved | undefined
    try {
      outcome = await rewrap(name)
      counts[outcome]++
    } catch (error) {
      failed.push(asLazyCredError(error, {}))
    }
    if (outcome === 'moved') onMoved?.(name)
    onProgress?.(counts.moved + counts.alreadyRight + failed.length, known)
  }
  for await (const names of untilTheyFail(pages, failed)) {
    known += names.length
    for (let at = 0; at < names.length; at += AT_ONCE) await Promise.all(names.slice(at, at + AT_ONCE).map(one))
  }
  return { ...counts, failed }
}

/** After the first page, what was moved is to be told whatever comes; so the failure goes to those of the records. */
async function* untilTheyFail<Page>(
  pages: Iterable<Page> | AsyncIterable<Page>,
  failed: LazyCredError[],
): AsyncGenerator<Page> {
  let isFirst = true
  try {
    for await (const page of pages) {
      yield page
      isFirst = false
    }
  } catch (error) {
    if (isFirst) throw error
    failed.push(asLazyCredError(error, {}))
  }
}
