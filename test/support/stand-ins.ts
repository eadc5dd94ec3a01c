/** Our own servers with a bucket and an alias, in reach of a test that has them fail. */
import { onTestFinished } from 'vitest'
import { startKms, type KmsOptions, type KmsServer } from './aws/kms.js'
import { startS3, type S3Options, type S3Server } from './aws/s3.js'
import { makeSandbox, type Sandbox } from './sandbox.js'
import { awsEnvironment } from './world.js'

export interface StandIns {
  readonly s3: S3Server
  readonly kms: KmsServer
  /** Of the KMS key behind the alias. */
  readonly keyId: string
  /** Configured by variables: bucket `vault`, prefix `team/`, alias `lazy`, us-east-1. */
  readonly sandbox: Sandbox
}

/** The stand-ins of one test, closed when it has finished. */
export async function startStandIns(options: { s3?: S3Options; kms?: KmsOptions } = {}): Promise<StandIns> {
  const [s3, kms] = await Promise.all([startS3(options.s3), startKms(options.kms)])
  onTestFinished(async () => {
    await Promise.all([s3.close(), kms.close()])
  })
  s3.createBucket('vault')
  const { keyId } = kms.createKey({ alias: 'alias/lazy' })
  const sandbox = await makeSandbox({
    ...awsEnvironment(s3.url, kms.url),
    LAZYCRED_S3_PATH: 'vault/team/',
    LAZYCRED_KEY_ALIAS: 'lazy',
    AWS_DEFAULT_REGION: 'us-east-1',
  })
  return { s3, kms, keyId, sandbox }
}
