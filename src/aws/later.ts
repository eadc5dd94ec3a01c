/** The two seams, behind which nothing of the SDK is loaded before it is needed, or said to be needed soon. */
import type { EncryptionContext } from '../context.js'
import type { KeyWrapper, RecordStore, StoredRecord } from '../ports.js'
import type { Condition, Version } from '../version.js'
import type { KmsKeyWrapper } from './kms-key-wrapper.js'
import { meanwhile } from './meanwhile.js'
import type { S3RecordStore } from './s3-record-store.js'

export interface Loaded {
  readonly store: S3RecordStore
  readonly wrapper: KmsKeyWrapper
}

type Load = () => Promise<Loaded>

export class LaterStore implements RecordStore {
  readonly place: string
  readonly bindingPlace: string
  readonly soon: () => void
  readonly #load: Load
  #isFirst = true

  constructor(bucket: string, load: Load, soon: () => void) {
    this.place = bucket
    this.bindingPlace = bucket
    this.#load = load
    this.soon = soon
  }

  async read(objectPath: string, limit?: number): Promise<StoredRecord | null> {
    const { store, wrapper } = await this.#load()
    const found = store.read(objectPath, limit)
    if (!this.#isFirst) return found
    this.#isFirst = false
    return meanwhile(found, () => {
      wrapper.rehearse()
    })
  }

  async write(objectPath: string, record: Buffer, condition?: Condition): Promise<Version> {
    return (await this.#load()).store.write(objectPath, record, condition)
  }

  async *list(prefix: string): AsyncGenerator<readonly string[]> {
    yield* (await this.#load()).store.list(prefix)
  }
}

export class LaterWrapper implements KeyWrapper {
  readonly soon: () => void
  readonly #load: Load
  #isFirst = true

  constructor(load: Load, soon: () => void) {
    this.#load = load
    this.soon = soon
  }

  async wrap(dataKey: Buffer, context: EncryptionContext): Promise<Buffer> {
    const { store, wrapper } = await this.#load()
    const wrapped = wrapper.wrap(dataKey, context)
    if (!this.#isFirst) return wrapped
    this.#isFirst = false
    return meanwhile(wrapped, () => {
      store.rehearse()
    })
  }

  async unwrap(wrappedKey: Buffer, context: EncryptionContext): Promise<Buffer> {
    return (await this.#load()).wrapper.unwrap(wrappedKey, context)
  }

  async rewrap(wrappedKey: Buffer, from: EncryptionContext, to: EncryptionContext): Promise<Buffer | null> {
    return (await this.#load()).wrapper.rewrap(wrappedKey, from, to)
  }
}
