/**
 * The two seams. Above them nothing knows where a record lies or what wraps a data key;
 * below them nothing knows what a secret is.
 */

/** Bytes at object paths. */
export interface RecordStore {
  /** Where the object paths lie, for people to read: a bucket's name or a folder's path. */
  readonly place: string

  /**
   * Reads one record.
   *
   * @returns its bytes, or `null` when there is none at that path
   * @throws LazyCredError for everything else, access denied included
   */
  read(objectPath: string): Promise<Buffer | null>

  /**
   * Writes one record, whole or not at all, over whatever was there.
   *
   * @throws LazyCredError when it was not written; then the old record is intact, unless the code is `WRITE_UNCERTAIN`
   */
  write(objectPath: string, record: Buffer): Promise<void>
}

/** Authenticated with the wrapped key and needed to unwrap it; the pairs have no order. */
export type EncryptionContext = Readonly<Record<string, string>>

/** Wraps and unwraps a data key: its 44-character base64url text, as ASCII bytes. */
export interface KeyWrapper {
  /**
   * @returns the wrapped key, 1 to 6,144 bytes
   * @throws LazyCredError
   */
  wrap(dataKey: Buffer, context: EncryptionContext): Promise<Buffer>

  /**
   * @param wrappedKey what `wrap` gave
   * @param context the same pairs that `wrap` was given
   * @throws LazyCredError
   */
  unwrap(wrappedKey: Buffer, context: EncryptionContext): Promise<Buffer>
}
