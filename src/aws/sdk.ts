/** All that needs the AWS SDK, in one piece that is loaded when it is needed. */
import type { Agent } from 'node:https'
import type { Logger } from '../log.js'
import { makeKmsClient, makeS3Client, quiet } from './clients.js'
import { KmsKeyWrapper, type KmsSettings } from './kms-key-wrapper.js'
import { RequestHandler } from './request-handler.js'
import { S3RecordStore, type S3Settings } from './s3-record-store.js'

/** @param agent opens the connections to both services, and limits how many there are */
export function withSdk(
  settings: S3Settings & KmsSettings,
  agent: Agent,
  log: Logger,
): { store: S3RecordStore; wrapper: KmsKeyWrapper } {
  const requestHandler = new RequestHandler(agent, quiet(log))
  const kms = makeKmsClient(settings.region, requestHandler, log)
  return {
    store: new S3RecordStore(settings, (region) => makeS3Client(region, requestHandler, kms, log)),
    wrapper: new KmsKeyWrapper(settings, kms),
  }
}
