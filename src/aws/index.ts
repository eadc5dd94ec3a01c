import type { Logger } from '../log.js'
import type { KeyWrapper, RecordStore } from '../ports.js'
import { makeKmsClient, makeS3Client } from './clients.js'
import { KmsKeyWrapper } from './kms-key-wrapper.js'
import { S3RecordStore } from './s3-record-store.js'

export interface AwsSettings {
  readonly bucket: string
  readonly keyAlias: string
  readonly region: string
}

/** Records in an S3 bucket, data keys wrapped by KMS; credentials from the SDK's default chain and nowhere else. */
export function openAws(settings: AwsSettings, log: Logger): { store: RecordStore; wrapper: KeyWrapper } {
  return {
    store: new S3RecordStore(settings.bucket, settings.region, (region) => makeS3Client(region, log)),
    wrapper: new KmsKeyWrapper(settings.keyAlias, settings.region, makeKmsClient(settings.region, log)),
  }
}
