import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { MAX_RECORD_BYTES } from '../envelope.js'
import { LazyCredError, printable } from '../errors.js'
import type { RecordStore, StoredRecord } from '../ports.js'
import type { Condition, Version } from '../version.js'
import { fileNameOf, objectPathsIn } from './file-names.js'
import { readFileUpTo, replaceFile } from './files.js'

const PAGE = 1000

/** Records as files of a folder. */
export class FolderRecordStore implements RecordStore {
  readonly place: string
  /** Records stay bound when the folder is moved; its master key tells it from other folders. */
  readonly bindingPlace = 'local'
  readonly #records: string

  /**
   * @param place the folder as the user knows it
   * @param records the folder in it that the records are in
   */
  constructor(place: string, records: string) {
    this.place = place
    this.#records = records
  }

  async read(objectPath: string, limit = MAX_RECORD_BYTES): Promise<StoredRecord | null> {
    const file = this.#fileOf(objectPath)
    const bytes = await readFileUpTo(limit, file, () => noRecord(file, limit))
    return bytes && { bytes, etag: etagOf(bytes) }
  }

  async write(objectPath: string, record: Buffer, condition?: Condition): Promise<Version> {
    const mayReplace = async (): Promise<void> => {
      if (condition !== undefined) assertHolds(condition, await this.read(objectPath))
    }
    await replaceFile(this.#fileOf(objectPath), record, mayReplace)
    return { etag: etagOf(record) }
  }

  async *list(prefix: string): AsyncGenerator<readonly string[]> {
    let page: string[] = []
    for await (const objectPath of objectPathsIn(this.#records)) {
      if (objectPath.startsWith(prefix)) page.push(objectPath)
      if (page.length < PAGE) continue
      yield page
      page = []
    }
    yield page
  }

  #fileOf(objectPath: string): string {
    return join(this.#records, fileNameOf(objectPath))
  }
}

/** No two records are the same, whatever they hold: each has a data key of its own. */
function etagOf(record: Buffer): string {
  return createHash('sha256').update(record).digest('hex').slice(0, 32)
}

function assertHolds(condition: Condition, found: StoredRecord | null): void {
  const holds = 'ifAbsent' in condition ? found === null : found?.etag === condition.ifMatch
  if (holds) return
  const reason = found === null ? 'there is nothing there any more' : 'another record is there'
  throw new LazyCredError('CONDITION_FAILED', reason, { hint: 'Read the secret again, and decide again.' })
}

function noRecord(file: string, limit: number): LazyCredError {
  return new LazyCredError('RECORD_DAMAGED', `${printable(file)} is not a file of at most ${limit} bytes`)
}
