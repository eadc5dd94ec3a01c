/**
 * The two seams. Above them nothing knows where a record lies or what wraps a data key;
 * below them nothing knows what a secret is.
 */
import type { EncryptionContext } from './context.js'
import type { Condition, Version } from './version.js'

export interface StoredRecord extends Version {
  readonly bytes: Buffer
}

/** Bytes at object paths. */
export interface RecordStore {
  /** Where the object paths lie, for people to read: a bucket's name or a folder's path. */
  readonly place: string

  /** The name of the place that records are bound to: what stays when nothing but the way to the place changes. */
  readonly bindingPlace: string

  /** Says that it is about to be used: what takes its time, such as a connection, may begin. Never throws. */
  soon?(): void

  /**
   * Reads one record.
   *
   * @param limit bytes; without it, those of the largest record there may be
   * @returns `null` when there is none at that path
   * @throws LazyCredError `RECORD_DAMAGED` where it is over the limit; any code for everything else, access denied included
   */
  read(objectPath: string, limit?: number): Promise<StoredRecord | null>

  /**
   * Writes one record, whole or not at all: over whatever is there, unless a condition is given.
   *
   * @throws LazyCredError `CONDITION_FAILED` where the condition does not hold, and any other code; then it was not written,
   * unless the message says that this is not known
   */
  write(objectPath: string, record: Buffer, condition?: Condition): Promise<Version>

  /**
   * Lists what is there, page by page.
   *
   * @param prefix what the paths begin with
   */
  list(prefix: string): AsyncIterable<readonly string[]>
}

/** Wraps and unwraps a data key: its 44-character base64url text, as ASCII bytes. */
export interface KeyWrapper {
  /** As that of `RecordStore`. */
  soon?(): void

  /**
   * @returns the wrapped key, 1 to 6,144 bytes
   * @throws LazyCredError
   */
  wrap(dataKey: Buffer, context: EncryptionContext): Promise<Buffer>

  /**
   * @param wrappedKey what `wrap` gave
   * @param context the same pairs that `wrap` was given
   * @throws LazyCredError `CONTEXT_MISMATCH` where it was altered or the pairs are others; `WRONG_KMS_KEY` where it is under
   * a key that is not trusted
   */
  unwrap(wrappedKey: Buffer, context: EncryptionContext): Promise<Buffer>

  /**
   * Wraps a data key anew, under the key that `wrap` uses.
   *
   * @param from the pairs it was wrapped with
   * @param to the pairs it is wrapped with from now on
   * @returns `null` where it is under that key and those pairs already
   * @throws LazyCredError as `unwrap` does
   */
  rewrap(wrappedKey: Buffer, from: EncryptionContext, to: EncryptionContext): Promise<Buffer | null>

  /** Puts a new key behind `wrap`, where that is ours to do: KMS keys are made in KMS. */
  renew?(): Promise<void>
}
