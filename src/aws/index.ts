import type { Logger } from '../log.js'
import type { KeyWrapper, RecordStore } from '../ports.js'
import { makeKmsClient, makeS3Client } from './clients.js'
import { KmsKeyWrapper, type KmsSettings } from './kms-key-wrapper.js'
import { S3RecordStore, type S3Settings } from './s3-record-store.js'

/** Records in an S3 bucket, data keys wrapped by KMS; credentials from the SDK's default chain and nowhere else. */
export function openAws(settings: S3Settings & KmsSettings, log: Logger): { store: RecordStore; wrapper: KeyWrapper } {
  return {
    store: new S3RecordStore(settings, (region) => makeS3Client(region, log)),
    wrapper: new KmsKeyWrapper(settings, makeKmsClient(settings.region, log)),
  }
}
