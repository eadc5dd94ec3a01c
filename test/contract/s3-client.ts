import { randomUUID } from 'node:crypto'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  type GetObjectCommandInput,
  type PutObjectCommandOutput,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { xmlValue } from '../support/aws/s3-xml.js'
import { signHeaders, type Signer } from '../support/aws/sigv4.js'
import type { Target } from './endpoints.js'

/** What a check needs of S3. */
export interface S3 {
  client: S3Client
  target: Target
}

/** Everything about the client is given, so that no environment gets in. */
export function s3Of(target: Target, overrides: S3ClientConfig = {}): S3 {
  const { endpoint, region, credentials } = target
  const client = new S3Client({
    endpoint,
    region,
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    useArnRegion: false,
    disableMultiregionAccessPoints: true,
    disableS3ExpressSessionAuth: true,
    requestChecksumCalculation: 'WHEN_SUPPORTED',
    responseChecksumValidation: 'WHEN_SUPPORTED',
    ...overrides,
  })
  return { client, target }
}

/** The name of a new bucket. */
export async function newBucket({ client }: S3, options: { versioned?: boolean } = {}): Promise<string> {
  const Bucket = randomBucket()
  await client.send(new CreateBucketCommand({ Bucket }))
  if (options.versioned === true) await enableVersions(client, Bucket)
  return Bucket
}

export function randomBucket(): string {
  return `contract-${randomUUID()}`
}

export async function enableVersions(client: S3Client, bucket: string): Promise<void> {
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }))
}

export function put(
  s3: S3,
  bucket: string,
  path: string,
  body: string | Buffer = path,
): Promise<PutObjectCommandOutput> {
  return s3.client.send(new PutObjectCommand({ Bucket: bucket, Key: path, Body: Buffer.from(body) }))
}

export async function get(s3: S3, bucket: string, path: string, input: Partial<GetObjectCommandInput> = {}) {
  const { Body, ...rest } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: path, ...input }))
  return { ...rest, body: Buffer.from((await Body?.transformToByteArray()) ?? expect.fail()) }
}

export interface Refusal {
  code: string
  message: string
  status: number | undefined
  headers: Record<string, string>
  error: S3ServiceException
}

/** How S3 refused; fails where it did not. */
export async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  const error = await promise.then(
    () => expect.fail('not refused'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof S3ServiceException)) throw error
  const { name, message, $metadata, $response } = error
  return { code: name, message, status: $metadata.httpStatusCode, headers: $response?.headers ?? {}, error }
}

export interface RawRequest {
  method?: string
  /** Percent-encoded already. */
  path: string
  query?: string
  /** Signed with the rest. */
  headers?: Record<string, string>
  body?: string | Buffer
  signer?: Partial<Signer>
  /** What is changed after signing: headers (`null` leaves one out), path, query, body. */
  tampered?: { headers?: Record<string, string | null>; path?: string; query?: string; body?: string }
}

export interface RawAnswer {
  status: number | undefined
  headers: IncomingHttpHeaders
  body: string
  /** The `Code` of an error document. */
  code: string | undefined
  /** Whether `100 Continue` came before the answer. */
  continued: boolean
}

/** A request that no client would send. */
export function rawRequest(target: Target, raw: RawRequest): Promise<RawAnswer> {
  const { method = 'GET', query = '', tampered = {} } = raw
  const body = Buffer.from(raw.body ?? '')
  const unsigned = { host: new URL(target.endpoint).host, ...raw.headers }
  const signer = { service: 's3', region: target.region, credentials: target.credentials, ...raw.signer } as const
  const signed = signHeaders({ method, path: raw.path, query, headers: unsigned, body }, signer)
  const headers = Object.entries({ 'content-length': String(body.length), ...signed, ...tampered.headers })
  return send(target.endpoint, {
    method,
    path: withQuery(tampered.path ?? raw.path, tampered.query ?? query),
    headers: Object.fromEntries(headers.filter(isPresent)),
    body: tampered.body === undefined ? body : Buffer.from(tampered.body),
  })
}

/** Puts a small object whose headers are what the check is about. */
export function rawPut(target: Target, bucket: string, raw: Omit<RawRequest, 'path'>): Promise<RawAnswer> {
  return rawRequest(target, { method: 'PUT', path: `/${bucket}/raw`, body: 'raw', ...raw })
}

function withQuery(path: string, query: string): string {
  return query === '' ? path : `${path}?${query}`
}

function isPresent(header: [string, string | null]): header is [string, string] {
  return header[1] !== null
}

interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  body: Buffer
}

function send(endpoint: string, { body, ...options }: Sent): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let continued = false
    const call = httpRequest(endpoint, { ...options, agent: false, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = []
      response.on('error', reject).on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const { statusCode: status, headers } = response
        resolve({ status, headers, body: text, code: xmlValue(text, 'Code'), continued })
      })
    })
    call.on('error', reject).on('timeout', () => call.destroy(new Error('no answer')))
    if (options.headers['expect'] === undefined) {
      call.end(body)
      return
    }
    call.once('continue', () => {
      continued = true
      call.end(body)
    })
    call.flushHeaders()
  })
}
