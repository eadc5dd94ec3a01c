import type { Logger } from '../log.js'
import type { KeyWrapper, RecordStore } from '../ports.js'
import { addressOfKms, addressOfS3, type Address } from './addresses.js'
import { EarlyAgent } from './early-agent.js'
import type { KmsSettings } from './kms-key-wrapper.js'
import { LaterStore, LaterWrapper } from './later.js'
import type { S3Settings } from './s3-record-store.js'

/** More than one server likes to take from one client, and AWS's own limit in the SDK. */
const MAX_CONNECTIONS = 50
/** As many as there may be besides those that large puts have for themselves, one each. */
const MAX_IDLE = 18

/** Records in an S3 bucket, data keys wrapped by KMS; credentials from the SDK's default chain and nowhere else. */
export function openAws(settings: S3Settings & KmsSettings, log: Logger): { store: RecordStore; wrapper: KeyWrapper } {
  const { region, bucket } = settings
  const agent = new EarlyAgent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, maxFreeSockets: MAX_IDLE })
  const load = once(async () => {
    // What is to be opened sets out before this takes all the time there is.
    await new Promise(setImmediate)
    return (await import('./sdk.js')).withSdk(settings, agent, log)
  })
  const soon = (address: Address | undefined): (() => void) =>
    once(() => {
      if (address !== undefined) agent.open(address)
      // Where it fails, it fails again when it is needed.
      load().catch(() => undefined)
    })
  return {
    store: new LaterStore(bucket, load, soon(addressOfS3(region, bucket))),
    wrapper: new LaterWrapper(load, soon(addressOfKms(region))),
  }
}

function once<Result>(make: () => Result): () => Result {
  let made: { readonly result: Result } | undefined
  return () => (made ??= { result: make() }).result
}
