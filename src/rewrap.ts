/** Moving the wrapped key of a record: the token stays as it is, and nothing is decrypted here. */
import { decodeInPlace } from './base64.js'
import { earlierContexts } from './binding.js'
import { LazyCredError, type LazyCredErrorCode } from './errors.js'
import type { EncryptionContext } from './context.js'
import type { KeyWrapper, RecordStore } from './ports.js'
import { layOut, parse } from './record.js'
import type { Moved } from './rewrap-many.js'

/** As large as what may be in memory many times over; what is larger is worked on by itself. */
const SMALL_BYTES = 1024 * 1024
/** At a record that others write as well. */
const ATTEMPTS = 3

interface Parts {
  readonly store: RecordStore
  readonly wrapper: KeyWrapper
}

/**
 * @param context what the record is to open under from then on; before, it may have been any part of it, or none
 * @param dryRun finds out, and writes nothing
 * @throws LazyCredError `NOT_FOUND`, `CONTEXT_MISMATCH`, `CONDITION_FAILED` where somebody else keeps writing, and any other code
 */
export async function rewrapRecord(
  parts: Parts,
  objectPath: string,
  context: EncryptionContext,
  dryRun: boolean,
): Promise<Moved> {
  const upTo = (limit?: number): Promise<Moved> => rewrapUpTo(limit, parts, objectPath, context, dryRun)
  try {
    return await upTo(SMALL_BYTES)
  } catch (error) {
    if (!isOf('RECORD_DAMAGED', error)) throw error
    return inTurn(upTo)
  }
}

function isOf(code: LazyCredErrorCode, error: unknown): boolean {
  return error instanceof LazyCredError && error.code === code
}

let lastTurn: Promise<unknown> = Promise.resolve()

/** Does one after the other. */
function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const turn = lastTurn.catch(() => undefined).then(() => work())
  lastTurn = turn
  return turn
}

/** Who wrote meanwhile may have moved it, as another rewrap does; what is there then is looked at anew. */
async function rewrapUpTo(limit: number | undefined, ...what: Parameters<typeof rewrapRecord>): Promise<Moved> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rewrapOnce(limit, ...what)
    } catch (error) {
      if (!isOf('CONDITION_FAILED', error) || attempt === ATTEMPTS) throw error
    }
  }
}

async function rewrapOnce(
  limit: number | undefined,
  { store, wrapper }: Parts,
  objectPath: string,
  context: EncryptionContext,
  dryRun: boolean,
): Promise<Moved> {
  const found = await store.read(objectPath, limit)
  if (found === null) throw new LazyCredError('NOT_FOUND', 'there is no such secret')
  const { token, wrappedKey } = parse(found.bytes)
  assertToken(token)
  const contexts = earlierContexts(context, store.bindingPlace, objectPath)
  const rewrapped = await rewrapFromAny(wrapper, wrappedKey, contexts, context)
  if (rewrapped === null) return 'alreadyRight'
  if (!dryRun) {
    const next = layOut(token.length, rewrapped)
    token.copy(next.token)
    await store.write(objectPath, next.record, { ifMatch: found.etag })
  }
  return 'moved'
}

/** What is no token could, laid out anew, become another record. */
function assertToken(token: Buffer): void {
  if (decodeInPlace(Buffer.from(token), 'base64url') !== undefined) return
  throw new LazyCredError('RECORD_DAMAGED', 'the record cannot be opened: its token is not base64url')
}

async function rewrapFromAny(
  wrapper: KeyWrapper,
  wrappedKey: Buffer,
  contexts: readonly EncryptionContext[],
  to: EncryptionContext,
): Promise<Buffer | null> {
  let mismatch: unknown
  for (const from of contexts) {
    try {
      return await wrapper.rewrap(wrappedKey, from, to)
    } catch (error) {
      if (!isOf('CONTEXT_MISMATCH', error)) throw error
      mismatch ??= error
    }
  }
  throw mismatch
}
