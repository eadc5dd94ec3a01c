import type { AwsRequest } from './http.js'
import { S3Error } from './s3-errors.js'
import { uriDecode } from './sigv4-canonical.js'

/** Where a request goes. */
export interface S3Address {
  /** Empty for the service itself. */
  bucket: string
  /** Decoded once and otherwise as sent; empty for the bucket itself. */
  objectPath: string
}

const OBJECT_PATH_LIMIT = 1024

/**
 * Path-style (`HOST/bucket/object`) or virtual-hosted (`bucket.HOST/object`), by the Host header (AWS page "Virtual
 * hosting of general purpose buckets"). Throws InvalidURI where the path is not percent-encoded UTF-8.
 */
export function addressOf(request: AwsRequest): S3Address {
  const hosted = hostedBucket(request.headers['host'] ?? '')
  const path = request.path.replace(/^\//, '')
  if (hosted !== undefined) return { bucket: hosted, objectPath: decode(path) }
  const slash = path.indexOf('/')
  if (slash < 0) return { bucket: decode(path), objectPath: '' }
  return { bucket: decode(path.slice(0, slash)), objectPath: decode(path.slice(slash + 1)) }
}

/** Refuses what S3 does not take as an object path (AWS page "Naming Amazon S3 objects"). */
export function checkObjectPath(objectPath: string): void {
  const size = Buffer.byteLength(objectPath)
  if (size > OBJECT_PATH_LIMIT) {
    const elements = { Size: String(size), MaxSizeAllowed: String(OBJECT_PATH_LIMIT) }
    throw new S3Error('KeyTooLongError', { elements })
  }
}

/**
 * Whether `..` segments outnumber, read from the left, the other ones. S3 refuses these before it has a look at anything
 * else: status 400, with no error document.
 */
export function climbsOut(objectPath: string): boolean {
  let depth = 0
  return objectPath.split('/').some((segment) => {
    if (segment === '..') depth -= 1
    else if (segment !== '' && segment !== '.') depth += 1
    return depth < 0
  })
}

/** Whether a name is one that S3 would give to a bucket (AWS page "General purpose bucket naming rules"). */
export function isBucketName(name: string): boolean {
  const shaped = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..')
  const reserved = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)
  return shaped && !reserved && !/^\d+\.\d+\.\d+\.\d+$/.test(name)
}

function decode(text: string): string {
  const decoded = uriDecode(text)
  if (decoded === undefined) throw new S3Error('InvalidURI')
  return decoded
}

/** The bucket in a host name. A host that is an address, or any name that is not S3's, has none. */
function hostedBucket(host: string): string | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (/^s3[.-]/.test(name)) return undefined
  return /^(.+)\.s3[.-]/.exec(name)?.[1] ?? /^(.+)\.localhost$/.exec(name)?.[1]
}
