import { startLoopback, type LoopbackServer, type ServerOptions } from './http.js'
import { checksumOf } from './s3-checksums.js'
import { type BucketOptions } from './s3-objects.js'
import { S3Service } from './s3-service.js'
import { TEST_CREDENTIALS, type Credentials } from './sigv4.js'

/** A strict subset of Amazon S3, in memory: what it does not do, it answers with NotImplemented. */
export interface S3Server extends LoopbackServer {
  createBucket(name: string, options?: BucketOptions): void
  /** Writes as a PutObject would, without HTTP. */
  writeObject(bucket: string, objectPath: string, body: Buffer): void
  /** The body of the current version, nothing where there is none. Changing these bytes damages what is served. */
  readObject(bucket: string, objectPath: string): Buffer | undefined
  /** Deletes as a DeleteObject would, without HTTP. */
  deleteObject(bucket: string, objectPath: string): void
  /** The paths that have a current version, in S3's order. */
  listObjects(bucket: string): string[]
}

export interface S3Options extends ServerOptions {
  /** Who is let in; default: TEST_CREDENTIALS alone. */
  credentials?: Credentials[]
  /** Where buckets are unless told otherwise; default: us-east-1. Every region is answered for. */
  region?: string
  /** The largest object in bytes; S3's own limit for one PUT, 5 GiB, unless a test needs a smaller one. */
  sizeLimit?: number
  /** The server's clock; set off against the client's, it shows what a wrong clock does. */
  now?: () => Date
}

/** Starts S3 on a free loopback port. */
export async function startS3(options: S3Options = {}): Promise<S3Server> {
  const { credentials = [TEST_CREDENTIALS], region = 'us-east-1', sizeLimit = 5 * 1024 ** 3 } = options
  const service = new S3Service({ credentials, region, sizeLimit, now: options.now ?? (() => new Date()) })
  const server = await startLoopback(service, options)
  return {
    ...server,
    createBucket: (name, bucketOptions) => {
      service.createBucket(name, bucketOptions)
    },
    writeObject: (bucket, objectPath, body) => {
      service.bucket(bucket).put(objectPath, body, checksumOf({}, body))
    },
    readObject: (bucket, objectPath) => service.bucket(bucket).current(objectPath)?.body,
    deleteObject: (bucket, objectPath) => {
      service.bucket(bucket).delete(objectPath)
    },
    listObjects: (bucket) => {
      const found = service.bucket(bucket)
      return found.paths().filter((path) => found.current(path) !== undefined)
    },
  }
}
