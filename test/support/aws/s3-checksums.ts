import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { crc32c, crc64nvme } from './s3-crc.js'
import { S3Error } from './s3-errors.js'

/** A checksum of an object as S3 keeps it. */
export interface Checksum {
  /** As in the header's name: `crc32`, `crc32c`, `crc64nvme`, `sha1` or `sha256`. */
  algorithm: string
  /** Base64. */
  value: string
}

const ALGORITHMS: Record<string, { size: number; of: (body: Buffer) => Buffer }> = {
  crc32: { size: 4, of: (body) => uint32(crc32(body)) },
  crc32c: { size: 4, of: (body) => uint32(crc32c(body)) },
  crc64nvme: { size: 8, of: crc64nvme },
  sha1: { size: 20, of: (body) => createHash('sha1').update(body).digest() },
  sha256: { size: 32, of: (body) => createHash('sha256').update(body).digest() },
}

/** Without a checksum from the client S3 makes one itself. */
const DEFAULT_ALGORITHM = 'crc64nvme'

/**
 * The checksum to keep with a body: the client's, verified, or S3's own (AWS page "Checking object integrity in Amazon
 * S3"). Throws InvalidRequest for one that cannot be, BadDigest for one that does not fit.
 */
export function checksumOf(headers: Record<string, string>, body: Buffer): Checksum {
  return verifyChecksum(headers, body) ?? { algorithm: DEFAULT_ALGORITHM, value: compute(DEFAULT_ALGORITHM, body) }
}

/** The client's checksum, verified; nothing where it sent none. Content-MD5 is verified too. */
export function verifyChecksum(headers: Record<string, string>, body: Buffer): Checksum | undefined {
  verifyMd5(headers['content-md5'], body)
  const sent = Object.keys(ALGORITHMS).filter((name) => headers[`x-amz-checksum-${name}`] !== undefined)
  if (sent.length > 1) {
    throw invalid('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.')
  }
  const [algorithm] = sent
  verifyAnnounced(headers['x-amz-sdk-checksum-algorithm'], algorithm)
  if (algorithm === undefined) return undefined
  return verified({ algorithm, value: headers[`x-amz-checksum-${algorithm}`] ?? '' }, body)
}

/** How S3 gives a checksum back. */
export function checksumHeaders({ algorithm, value }: Checksum): Record<string, string> {
  return { [`x-amz-checksum-${algorithm}`]: value, 'x-amz-checksum-type': 'FULL_OBJECT' }
}

function verified(checksum: Checksum, body: Buffer): Checksum {
  const { algorithm, value } = checksum
  if (!isBase64Of(value, ALGORITHMS[algorithm]?.size ?? 0)) {
    throw invalid(`Value for x-amz-checksum-${algorithm} header is invalid.`)
  }
  if (compute(algorithm, body) !== value) {
    const message = `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`
    throw new S3Error('BadDigest', { message })
  }
  return checksum
}

function verifyAnnounced(announced: string | undefined, sent: string | undefined): void {
  if (announced === undefined || announced.toLowerCase() === sent) return
  throw invalid(
    'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
  )
}

function verifyMd5(sent: string | undefined, body: Buffer): void {
  if (sent === undefined) return
  if (!isBase64Of(sent, 16)) throw new S3Error('InvalidDigest')
  if (createHash('md5').update(body).digest('base64') !== sent) throw new S3Error('BadDigest')
}

function compute(algorithm: string, body: Buffer): string {
  return ALGORITHMS[algorithm]?.of(body).toString('base64') ?? ''
}

function isBase64Of(text: string, size: number): boolean {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === size && bytes.toString('base64') === text
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function invalid(message: string): S3Error {
  return new S3Error('InvalidRequest', { message })
}
