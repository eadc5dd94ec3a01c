import { randomBytes } from 'node:crypto'
import type { AwsRequest, AwsResponse } from './http.js'
import { xmlError, xmlText } from './s3-xml.js'

/** Statuses and messages (Amazon S3 API reference, "Error responses", list of error codes). */
const CODES = {
  AccessDenied: [403, 'Access Denied'],
  AuthorizationHeaderMalformed: [400, 'The authorization header is malformed.'],
  BadDigest: [400, 'The Content-MD5 you specified did not match what we received.'],
  BucketAlreadyExists: [409, 'The requested bucket name is not available.'],
  BucketAlreadyOwnedByYou: [409, 'Your previous request to create the named bucket succeeded and you already own it.'],
  ConditionalRequestConflict: [409, 'A conflicting operation occurred while this request was in progress.'],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed size'],
  IllegalLocationConstraintException: [
    400,
    'The location constraint is incompatible for the region specific endpoint this request was sent to.',
  ],
  IllegalVersioningConfigurationException: [
    400,
    'The Versioning element must be specified with either Enabled or Suspended.',
  ],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidArgument: [400, 'Invalid Argument'],
  InvalidBucketName: [400, 'The specified bucket is not valid.'],
  InvalidBucketOwnerAWSAccountID: [400, 'The value of the expected bucket owner parameter must be an AWS account ID.'],
  InvalidDigest: [400, 'The Content-MD5 you specified was invalid.'],
  InvalidRequest: [400, 'Invalid Request'],
  InvalidURI: [400, "Couldn't parse the specified URI."],
  KeyTooLongError: [400, 'Your key is too long'],
  MalformedXML: [400, 'The XML you provided was not well-formed or did not validate against our published schema'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchVersion: [404, 'The specified version does not exist.'],
  NotImplemented: [501, 'A header or query you provided implies functionality that is not implemented'],
  PermanentRedirect: [
    301,
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
  ],
  PreconditionFailed: [412, 'At least one of the pre-conditions you specified did not hold'],
  ServiceUnavailable: [503, 'Service is unable to handle request.'],
  SlowDown: [503, 'Please reduce your request rate.'],
} as const satisfies Record<string, readonly [status: number, message: string]>

export type S3Code = keyof typeof CODES

export interface S3Detail {
  message?: string
  /** Further elements of the error document, such as `Key` and `BucketName`. */
  elements?: Record<string, string | undefined>
  headers?: Record<string, string>
}

/** A request that S3 does not carry out. */
export class S3Error extends Error {
  readonly code: string
  readonly status: number
  readonly elements: Record<string, string | undefined>
  readonly headers: Record<string, string>

  constructor(code: S3Code, detail: S3Detail = {}) {
    super(detail.message ?? CODES[code][1])
    this.code = code
    this.status = CODES[code][0]
    this.elements = detail.elements ?? {}
    this.headers = detail.headers ?? {}
  }
}

/** What an error says, wherever it came from. */
export interface S3Failure {
  status: number
  code: string
  message?: string | undefined
  elements?: Record<string, string | undefined>
  headers?: Record<string, string>
}

/** The failure in S3's own shape; the answer to a HEAD has no body. */
export function renderFailure(failure: S3Failure, request: AwsRequest): AwsResponse {
  const standard = standardHeaders()
  const headers = { ...standard, 'content-type': 'application/xml', ...failure.headers }
  if (request.method === 'HEAD') return { status: failure.status, headers }
  const body = xmlError(
    xmlText('Code', failure.code),
    xmlText('Message', failure.message ?? messageOf(failure.code)),
    ...Object.entries(failure.elements ?? {}).map(([name, text]) => xmlText(name, text)),
    xmlText('RequestId', standard['x-amz-request-id']),
    xmlText('HostId', standard['x-amz-id-2']),
  )
  return { status: failure.status, headers, body }
}

/** The headers that every answer of S3 carries, but for `Date`. */
export function standardHeaders() {
  return {
    'x-amz-request-id': randomBytes(8).toString('hex').toUpperCase(),
    'x-amz-id-2': randomBytes(48).toString('base64'),
    server: 'AmazonS3',
  }
}

function messageOf(code: string): string {
  const row = Object.entries(CODES).find(([name]) => name === code)
  return row === undefined ? code : row[1][1]
}
