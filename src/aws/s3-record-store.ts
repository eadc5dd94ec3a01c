import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { RecordStore } from '../ports.js'
import { collect } from './body.js'
import { endpointOf } from './clients.js'
import { explain } from './errors.js'
import { regionToldBy } from './region.js'

/** Records as objects of a bucket, in whatever region the bucket is. */
export class S3RecordStore implements RecordStore {
  readonly place: string
  readonly #clientFor: (region: string) => S3Client
  #client: S3Client

  /** @param region asked first; where S3 says that the bucket is in another one, that one is asked from then on */
  constructor(bucket: string, region: string, clientFor: (region: string) => S3Client) {
    this.place = bucket
    this.#clientFor = clientFor
    this.#client = clientFor(region)
  }

  read(objectPath: string): Promise<Buffer | null> {
    return this.#inItsRegion('GetObject', async (client) => {
      const command = new GetObjectCommand({ Bucket: this.place, Key: objectPath })
      const answer = await client.send(command).catch(nothingThere)
      return answer && collect(answer.Body, answer.ContentLength)
    })
  }

  write(objectPath: string, record: Buffer): Promise<void> {
    const input = { Bucket: this.place, Key: objectPath, Body: record, ContentType: 'application/json' }
    return this.#inItsRegion('PutObject', async (client) => {
      await client.send(new PutObjectCommand(input))
    })
  }

  async #inItsRegion<Result>(operation: string, send: (client: S3Client) => Promise<Result>): Promise<Result> {
    const asked = this.#client
    try {
      return await send(asked).catch((error: unknown) => send(this.#redirected(asked, error)))
    } catch (error) {
      const subject = `bucket ${this.place}`
      throw explain(error, { service: 'S3', operation, endpoint: endpointOf(this.#client), subject })
    }
  }

  /** @throws error where it is no redirect */
  #redirected(asked: S3Client, error: unknown): S3Client {
    const region = regionToldBy(error)
    if (region === undefined) throw error
    if (this.#client === asked) this.#client = this.#clientFor(region)
    return this.#client
  }
}

/** A bucket that is not there, or an object that may not be read, is another matter. */
function nothingThere(error: unknown): null {
  if (error instanceof NoSuchKey) return null
  throw error
}
