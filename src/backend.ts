/** Which store and key wrapper a configuration means. Each is loaded only when it is needed. */
import type { Settings } from './config-fields.js'
import type { Logger } from './log.js'
import type { KeyWrapper, RecordStore } from './ports.js'

export interface Backend {
  readonly store: RecordStore
  readonly wrapper: KeyWrapper
}

/** @param log takes what the parts have to say for debugging */
export async function openBackend(settings: Settings, log: Logger): Promise<Backend> {
  switch (settings.kind) {
    case 'aws': {
      const { openAws } = await import('./aws/index.js')
      return openAws(settings, log)
    }
    case 'local': {
      const { openLocal } = await import('./local/index.js')
      return openLocal(settings.folder)
    }
  }
}
