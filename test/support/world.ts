/** Where secrets are kept in a test: on AWS (our own stand-ins, or the servers that the environment names) or in a folder. */
import { randomUUID } from 'node:crypto'
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { AwsConfig } from '../../src/index.js'
import { startKms } from './aws/kms.js'
import { startS3 } from './aws/s3.js'
import { TEST_CREDENTIALS } from './aws/sigv4.js'

export interface AwsWorld {
  readonly config: AwsConfig
  readonly bucket: string
  readonly prefix: string
  /** Credentials and endpoints, as environment variables. */
  readonly env: Record<string, string>
  readonly kms: KMSClient
  readonly s3: S3Client
  /** Reads and writes objects behind LazyCred's back. */
  readObject(objectPath: string): Promise<Buffer>
  writeObject(objectPath: string, body: Buffer): Promise<void>
  close(): Promise<void>
}

const REGION = 'us-east-1'
const PREFIX = 'credentials/'

/** @returns a bucket and a KMS key of their own, on the servers that the environment names or on stand-ins */
export async function startAws(): Promise<AwsWorld> {
  const [s3, kms] = await Promise.all([endpoint('S3', startS3), endpoint('KMS', startKms)])
  const clients = makeClients(s3.url, kms.url)
  const bucket = `bucket-${randomUUID()}`
  const alias = `test-${randomUUID()}`
  await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }))
  const { KeyMetadata } = await clients.kms.send(new CreateKeyCommand({}))
  await clients.kms.send(new CreateAliasCommand({ AliasName: `alias/${alias}`, TargetKeyId: KeyMetadata?.KeyId }))
  return {
    config: { s3_path: `${bucket}/${PREFIX}`, key_alias: alias, region: REGION },
    bucket,
    prefix: PREFIX,
    env: awsEnvironment(s3.url, kms.url),
    ...clients,
    ...objectsOf(clients.s3, bucket),
    close: async () => {
      clients.s3.destroy()
      clients.kms.destroy()
      await Promise.all([s3.close(), kms.close()])
    },
  }
}

/** @returns what a process needs to talk to these endpoints and nothing else */
export function awsEnvironment(s3Url: string, kmsUrl: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: s3Url,
    AWS_ENDPOINT_URL_KMS: kmsUrl,
    AWS_ACCESS_KEY_ID: TEST_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: TEST_CREDENTIALS.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}

interface Endpoint {
  readonly url: string
  close(): Promise<void>
}

async function endpoint(service: 'S3' | 'KMS', start: () => Promise<Endpoint>): Promise<Endpoint> {
  const url = process.env[`LAZYCRED_TEST_${service}_ENDPOINT`]
  return url === undefined ? start() : { url, close: () => Promise.resolve() }
}

function makeClients(s3Url: string, kmsUrl: string): { s3: S3Client; kms: KMSClient } {
  const common = { region: REGION, credentials: TEST_CREDENTIALS }
  return {
    s3: new S3Client({ ...common, endpoint: s3Url, forcePathStyle: true }),
    kms: new KMSClient({ ...common, endpoint: kmsUrl }),
  }
}

function objectsOf(s3: S3Client, bucket: string): Pick<AwsWorld, 'readObject' | 'writeObject'> {
  return {
    async readObject(objectPath) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: objectPath }))
      return Buffer.from((await Body?.transformToByteArray()) ?? [])
    },
    async writeObject(objectPath, body) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: objectPath, Body: body }))
    },
  }
}
