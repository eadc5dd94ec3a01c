import { promises as timers } from 'node:timers'
import { LazyCredError } from '../errors.js'
import type { StoredRecord } from '../ports.js'
import type { Condition, Version } from '../version.js'
import type { SdkError } from './sdk-error.js'

const ATTEMPTS = 8

/**
 * Carries a conditional write through what S3 says on the way (AWS page "How to prevent object overwrites with conditional
 * writes"). A conflict (409) means that another request was at work: it is to be sent again. A condition that fails
 * (412, and 404 where there is nothing to match) may fail because of ourselves, when an answer was lost and the request was sent again.
 *
 * @param read what is there now
 * @param record what was to be written; no two are the same, so that who finds it there wrote it
 */
export async function overcomingConflicts(
  write: () => Promise<Version>,
  read: () => Promise<StoredRecord | null>,
  record: Buffer,
  condition: Condition,
): Promise<Version> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (thrown) {
      const error = asRefused(thrown, condition)
      if (error === undefined) throw thrown
      // Who may write need not be allowed to read.
      const found = await read().catch(() => null)
      if (found?.bytes.equals(record) === true) return withoutBytes(found)
      if (!isConflict(error) || attempt === ATTEMPTS) throw wasSentAgain(error) ? unsure(error) : error
      await timers.setTimeout(Math.random() * 20 * 2 ** attempt)
    }
  }
}

/** Where S3's words are lost on the way, the status is left: 409 of a conflict, 404 of nothing there to match. */
function asRefused(error: unknown, condition: Condition): LazyCredError | undefined {
  if (!(error instanceof LazyCredError)) return undefined
  if (error.code === 'CONDITION_FAILED') return error
  const isRefused = isConflict(error) || ('ifMatch' in condition && metadataOf(error).httpStatusCode === 404)
  if (error.code !== 'SERVICE_ERROR' || !isRefused) return undefined
  const { reason, cause } = error
  return new LazyCredError('CONDITION_FAILED', reason, { hint: 'Read the secret again, and decide again.', cause })
}

function isConflict(error: LazyCredError): boolean {
  return metadataOf(error).httpStatusCode === 409
}

function wasSentAgain(error: LazyCredError): boolean {
  return (metadataOf(error).attempts ?? 1) > 1
}

function metadataOf({ cause }: LazyCredError): NonNullable<SdkError['$metadata']> {
  const said: SdkError | undefined = cause instanceof Error ? cause : undefined
  return said?.$metadata ?? {}
}

/** What was written the first time may be what the condition failed for, or may have been written over since. */
function unsure({ code, reason, cause }: LazyCredError): LazyCredError {
  const hint = 'It was sent twice, and whether S3 took it the first time is not known. Read the secret again to see.'
  return new LazyCredError(code, reason, { hint, cause })
}

function withoutBytes({ bytes: _, ...version }: StoredRecord): Version {
  return version
}
