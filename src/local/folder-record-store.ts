import { join } from 'node:path'
import { MAX_RECORD_BYTES } from '../envelope.js'
import { LazyCredError, printable } from '../errors.js'
import type { RecordStore } from '../ports.js'
import { fileNameOf } from './file-names.js'
import { readFileUpTo, replaceFile } from './files.js'

/** Records as files of a folder. */
export class FolderRecordStore implements RecordStore {
  readonly place: string
  readonly #records: string

  /**
   * @param place the folder as the user knows it
   * @param records the folder in it that the records are in
   */
  constructor(place: string, records: string) {
    this.place = place
    this.#records = records
  }

  read(objectPath: string): Promise<Buffer | null> {
    const file = this.#fileOf(objectPath)
    return readFileUpTo(MAX_RECORD_BYTES, file, () => noRecord(file))
  }

  write(objectPath: string, record: Buffer): Promise<void> {
    return replaceFile(this.#fileOf(objectPath), record)
  }

  #fileOf(objectPath: string): string {
    return join(this.#records, fileNameOf(objectPath))
  }
}

function noRecord(file: string): LazyCredError {
  return new LazyCredError('RECORD_DAMAGED', `${printable(file)} is not a file of at most ${MAX_RECORD_BYTES} bytes`)
}
