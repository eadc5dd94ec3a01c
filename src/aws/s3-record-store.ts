import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3ServiceException,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3'
import { MAX_RECORD_BYTES } from '../envelope.js'
import { LazyCredError } from '../errors.js'
import type { RecordStore, StoredRecord } from '../ports.js'
import type { Condition, Version } from '../version.js'
import { collect } from './body.js'
import { overcomingConflicts } from './conflicts.js'
import { explain } from './errors.js'
import { withinLimit } from './limits.js'
import { regionToldBy } from './region.js'
import { REHEARSAL } from './rehearsal.js'
import { endpointOf } from './watch.js'

export interface S3Settings {
  readonly bucket: string
  /** Asked first; where S3 says that the bucket is in another region, that one is asked from then on. */
  readonly region: string
  /** The account that the bucket must belong to. */
  readonly bucketOwner: string | undefined
}

/** Records as objects of a bucket, in whatever region the bucket is. */
export class S3RecordStore implements RecordStore {
  readonly place: string
  readonly bindingPlace: string
  readonly #clientFor: (region: string) => S3Client
  readonly #bucket: { readonly Bucket: string; readonly ExpectedBucketOwner?: string }
  #client: S3Client

  constructor({ bucket, region, bucketOwner }: S3Settings, clientFor: (region: string) => S3Client) {
    this.place = bucket
    this.bindingPlace = bucket
    this.#bucket = { Bucket: bucket, ...(bucketOwner === undefined ? {} : { ExpectedBucketOwner: bucketOwner }) }
    this.#clientFor = clientFor
    this.#client = clientFor(region)
  }

  read(objectPath: string, limit = MAX_RECORD_BYTES): Promise<StoredRecord | null> {
    return this.#inItsRegion('GetObject', objectPath, async (client) => {
      const command = new GetObjectCommand({ ...this.#bucket, Key: objectPath })
      const answer = await withinLimit(0, (options) => client.send(command, options)).catch(nothingThere)
      return answer && { bytes: await collect(answer.Body, answer.ContentLength, limit), ...versionOf(answer) }
    })
  }

  write(objectPath: string, record: Buffer, condition?: Condition): Promise<Version> {
    const write = (): Promise<Version> => this.#put(objectPath, record, condition)
    return condition === undefined
      ? write()
      : overcomingConflicts(write, () => this.read(objectPath), record, condition)
  }

  /** Of a write; never throws. */
  rehearse(): void {
    const command = new PutObjectCommand({ ...this.#bucket, Key: 'rehearsal', Body: Buffer.of(0) })
    this.#client.send(command, REHEARSAL).catch(() => undefined)
  }

  async *list(prefix: string): AsyncGenerator<readonly string[]> {
    let after: string | undefined
    do {
      const page = await this.#page(prefix, after)
      if (!isPage(page)) throw notS3('a ListObjectsV2 without a listing')
      const objects = (page.Contents ?? []).map(({ Key = '', Size }) => ({ path: decodePath(Key, page), Size }))
      // An empty object that ends in / is what the console makes of a folder.
      yield objects.filter(({ path, Size }) => Size !== 0 || !path.endsWith('/')).map(({ path }) => path)
      after = page.NextContinuationToken
    } while (after !== undefined)
  }

  /** Encoded, since XML has no way to say some of the characters that a path may have. */
  #page(prefix: string, after: string | undefined): Promise<ListObjectsV2CommandOutput> {
    const input = { ...this.#bucket, Prefix: prefix, ContinuationToken: after, EncodingType: 'url' } as const
    return this.#inItsRegion('ListObjectsV2', prefix, (client) =>
      withinLimit(0, (options) => client.send(new ListObjectsV2Command(input), options)),
    )
  }

  async #put(objectPath: string, record: Buffer, condition: Condition | undefined): Promise<Version> {
    const object = { ...this.#bucket, Key: objectPath, Body: record, ContentType: 'application/json' }
    const command = new PutObjectCommand({ ...object, ...headersOf(condition) })
    const answer = await this.#inItsRegion('PutObject', objectPath, (client) =>
      withinLimit(record.length, (options) => client.send(command, options)),
    )
    if (answer.ETag === undefined)
      throw notS3('a PutObject without an ETag', ' Get the secret to see whether it was stored.')
    return versionOf(answer)
  }

  async #inItsRegion<Result>(operation: string, objectPath: string, send: Send<Result>): Promise<Result> {
    const asked = this.#client
    try {
      return await send(asked).catch((error: unknown) => send(this.#redirected(asked, error)))
    } catch (error) {
      if (climbs(objectPath) && isWithoutReason(error)) throw tooHigh()
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

interface Answer {
  readonly ETag?: string | undefined
  readonly VersionId?: string | undefined
}

/** S3's quotes around an ETag are its header's, not the tag's. */
function versionOf({ ETag = '', VersionId }: Answer): Version {
  return { etag: ETag.replaceAll('"', ''), ...(VersionId === undefined ? {} : { versionId: VersionId }) }
}

function headersOf(condition: Condition | undefined): { IfNoneMatch?: string; IfMatch?: string } {
  if (condition === undefined) return {}
  return 'ifAbsent' in condition ? { IfNoneMatch: '*' } : { IfMatch: `"${condition.ifMatch}"` }
}

/** A bucket that is not there, or an object that may not be read, is another matter. */
function nothingThere(error: unknown): null {
  if (error instanceof S3ServiceException && error.name === 'NoSuchKey') return null
  throw error
}

function isWithoutReason(error: unknown): boolean {
  const isBadRequest = error instanceof S3ServiceException && error.$metadata.httpStatusCode === 400
  return isBadRequest && ['Unknown', 'UnknownError', 'BadRequest', 'InvalidURI'].includes(error.name)
}

function decodePath(path: string, { EncodingType }: ListObjectsV2CommandOutput): string {
  return EncodingType === 'url' ? decodeURIComponent(path.replaceAll('+', ' ')) : path
}

/** Taken for an empty bucket, or for the last page, what is no listing would say that all is done. */
function isPage({ Name, Contents, IsTruncated, NextContinuationToken }: ListObjectsV2CommandOutput): boolean {
  if (IsTruncated === true) return NextContinuationToken !== undefined
  return Name !== undefined || Contents !== undefined || IsTruncated !== undefined
}

/** Where it went, nobody knows; and what is not S3's cannot be told from what S3 took. */
function notS3(answered: string, advice = ''): LazyCredError {
  return new LazyCredError('SERVICE_ERROR', `S3 answered ${answered}`, {
    hint: `A proxy, or an endpoint that is not S3, can be behind this.${advice}`,
  })
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
