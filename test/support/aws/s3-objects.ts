import { createHash, randomBytes } from 'node:crypto'
import type { Checksum } from './s3-checksums.js'

/** What a client says of an object and gets back with it: content type, user metadata, encryption. */
export type ObjectHeaders = Record<string, string>

export interface ObjectVersion {
  /** `null` (the word) where the bucket was not versioned when it was written. */
  versionId: string
  deleteMarker: boolean
  body: Buffer
  /** In double quotes. */
  etag: string
  lastModified: Date
  checksum: Checksum | undefined
  headers: ObjectHeaders
}

export type Versioning = 'Enabled' | 'Suspended' | undefined

/** Which of S3's two answers a request signed for another region gets. */
export type WrongRegionAnswer = 'PermanentRedirect' | 'AuthorizationHeaderMalformed'

export interface BucketOptions {
  /** Default: the server's own. */
  region?: string
  versioned?: boolean
  /** The account that owns the bucket; default: that of the server's first credentials. */
  owner?: string
  /** Whoever asks may not list the bucket, therefore a missing object is answered with AccessDenied. */
  hideMissing?: boolean
  /** A bucket policy forbids to write without a condition (AWS page "Enforce conditional writes on Amazon S3 buckets"). */
  requireConditions?: boolean
  /** Default: PermanentRedirect. */
  wrongRegion?: WrongRegionAnswer
}

const NULL_VERSION = 'null'

/** One bucket, in memory: every object path with its versions, newest first. */
export class Bucket {
  readonly name: string
  readonly region: string
  readonly owner: string
  readonly hideMissing: boolean
  readonly requireConditions: boolean
  readonly wrongRegion: WrongRegionAnswer
  versioning: Versioning
  readonly #objects = new Map<string, ObjectVersion[]>()

  constructor(name: string, options: BucketOptions & { region: string; owner: string }) {
    this.name = name
    this.region = options.region
    this.owner = options.owner
    this.hideMissing = options.hideMissing === true
    this.requireConditions = options.requireConditions === true
    this.wrongRegion = options.wrongRegion ?? 'PermanentRedirect'
    this.versioning = options.versioned === true ? 'Enabled' : undefined
  }

  /** The newest version, which may be a delete marker. */
  newest(objectPath: string): ObjectVersion | undefined {
    return this.#objects.get(objectPath)?.[0]
  }

  /** The newest version unless it is a delete marker. */
  current(objectPath: string): ObjectVersion | undefined {
    const newest = this.newest(objectPath)
    return newest?.deleteMarker === true ? undefined : newest
  }

  version(objectPath: string, versionId: string): ObjectVersion | undefined {
    return this.#objects.get(objectPath)?.find((each) => each.versionId === versionId)
  }

  put(objectPath: string, body: Buffer, checksum?: Checksum, headers: ObjectHeaders = {}): ObjectVersion {
    const etag = `"${createHash('md5').update(body).digest('hex')}"`
    return this.#add(objectPath, { deleteMarker: false, body, etag, checksum, headers })
  }

  /** Deletes the object, leaving a delete marker where the bucket has versions: that marker, or nothing. */
  delete(objectPath: string): ObjectVersion | undefined {
    if (this.versioning === undefined) {
      this.#objects.delete(objectPath)
      return undefined
    }
    const nothing = { body: Buffer.alloc(0), etag: '', checksum: undefined, headers: {} }
    return this.#add(objectPath, { deleteMarker: true, ...nothing })
  }

  /** Deletes one version for good: that version, or nothing where there was none. */
  deleteVersion(objectPath: string, versionId: string): ObjectVersion | undefined {
    const found = this.version(objectPath, versionId)
    const left = this.#objects.get(objectPath)?.filter((each) => each !== found) ?? []
    if (left.length > 0) this.#objects.set(objectPath, left)
    else this.#objects.delete(objectPath)
    return found
  }

  /** Object paths in S3's order, that of their UTF-8 bytes, those without a current version too. */
  paths(): string[] {
    return [...this.#objects.keys()].sort(byUtf8)
  }

  versions(objectPath: string): readonly ObjectVersion[] {
    return this.#objects.get(objectPath) ?? []
  }

  #add(objectPath: string, content: Omit<ObjectVersion, 'versionId' | 'lastModified'>): ObjectVersion {
    const versionId = this.versioning === 'Enabled' ? newVersionId() : NULL_VERSION
    const version = { ...content, versionId, lastModified: new Date() }
    const older = this.#objects.get(objectPath)?.filter((each) => each.versionId !== versionId) ?? []
    this.#objects.set(objectPath, [version, ...older])
    return version
  }
}

/** The order of UTF-8 bytes. That of JavaScript's strings differs from it: U+FF5E comes after U+1F600 there. */
export function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Whether a text could be a version id at all. */
export function isVersionId(text: string): boolean {
  return text === NULL_VERSION || /^[A-Za-z0-9._]{32}$/.test(text)
}

function newVersionId(): string {
  return randomBytes(24).toString('base64url').replaceAll('-', '.')
}
