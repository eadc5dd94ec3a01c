import { setTimeout as sleep } from 'node:timers/promises'
import { LazyCredError } from '../errors.js'
import type { StoredRecord } from '../ports.js'
import type { Version } from '../version.js'
import type { SdkError } from './sdk-error.js'

const ATTEMPTS = 8

/**
 * Carries a conditional write through what S3 says on the way (AWS page "How to prevent object overwrites with conditional
 * writes"). A conflict (409) means that another request was at work: it is to be sent again. A condition that fails
 * (412) may fail because of ourselves, when an answer was lost and the request was sent again.
 *
 * @param read what is there now
 * @param record what was to be written; no two are the same, so that who finds it there wrote it
 */
export async function overcomingConflicts(
  write: () => Promise<Version>,
  read: () => Promise<StoredRecord | null>,
  record: Buffer,
): Promise<Version> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (error) {
      if (!isRefused(error)) throw error
      // Who may write need not be allowed to read.
      const found = await read().catch(() => null)
      if (found?.bytes.equals(record) === true) return withoutBytes(found)
      if (!isConflict(error) || attempt === ATTEMPTS) throw wasSentAgain(error) ? unsure(error) : error
      await sleep(Math.random() * 20 * 2 ** attempt)
    }
  }
}

function isRefused(error: unknown): error is LazyCredError {
  return error instanceof LazyCredError && error.code === 'CONDITION_FAILED'
}

function isConflict({ cause }: LazyCredError): boolean {
  return cause instanceof Error && cause.name === 'ConditionalRequestConflict'
}

function wasSentAgain({ cause }: LazyCredError): boolean {
  const said: SdkError | undefined = cause instanceof Error ? cause : undefined
  return (said?.$metadata?.attempts ?? 1) > 1
}

/** What was written the first time may be what the condition failed for, or may have been written over since. */
function unsure({ code, reason, cause }: LazyCredError): LazyCredError {
  const hint = 'It was sent twice, and whether S3 took it the first time is not known. Read the secret again to see.'
  return new LazyCredError(code, reason, { hint, cause })
}

function withoutBytes({ bytes: _, ...version }: StoredRecord): Version {
  return version
}
