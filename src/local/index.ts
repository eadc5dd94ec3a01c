import { join } from 'node:path'
import type { KeyWrapper, RecordStore } from '../ports.js'
import { FolderRecordStore } from './folder-record-store.js'
import { LocalKeyWrapper } from './local-key-wrapper.js'

/** Records in a folder, data keys wrapped by a master key that lies beside them. Neither is made before the first put. */
export function openLocal(folder: string): { store: RecordStore; wrapper: KeyWrapper } {
  const records = join(folder, 'records')
  return {
    store: new FolderRecordStore(folder, records),
    wrapper: new LocalKeyWrapper(join(folder, 'master-key'), records),
  }
}
