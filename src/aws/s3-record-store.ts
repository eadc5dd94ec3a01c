import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3'
import { LazyCredError } from '../errors.js'
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
    return this.#inItsRegion('GetObject', objectPath, async (client) => {
      const command = new GetObjectCommand({ Bucket: this.place, Key: objectPath })
      const answer = await client.send(command).catch(nothingThere)
      return answer && collect(answer.Body, answer.ContentLength)
    })
  }

  write(objectPath: string, record: Buffer): Promise<void> {
    const input = { Bucket: this.place, Key: objectPath, Body: record, ContentType: 'application/json' }
    return this.#inItsRegion('PutObject', objectPath, async (client) => {
      await client.send(new PutObjectCommand(input))
    })
  }

  async #inItsRegion<Result>(operation: string, objectPath: string, send: Send<Result>): Promise<Result> {
    const asked = this.#client
    try {
      return await send(asked).catch((error: unknown) => send(this.#redirected(asked, error)))
    } catch (error) {
      if (isBadRequest(error) && climbs(objectPath)) throw tooHigh()
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

type Send<Result> = (client: S3Client) => Promise<Result>

/** A bucket that is not there, or an object that may not be read, is another matter. */
function nothingThere(error: unknown): null {
  if (error instanceof NoSuchKey) return null
  throw error
}

function isBadRequest(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 400
}

/** S3 answers a path whose `..` lead above the bucket (AWS page "Naming Amazon S3 objects") with a status 400 and no reason. */
function climbs(objectPath: string): boolean {
  let depth = 0
  return objectPath.split('/').some((segment) => {
    if (segment === '..') depth--
    else if (segment !== '' && segment !== '.') depth++
    return depth < 0
  })
}

function tooHigh(): LazyCredError {
  return new LazyCredError('NAME_INVALID', 'S3 takes no object path whose .. segments lead above the bucket')
}
