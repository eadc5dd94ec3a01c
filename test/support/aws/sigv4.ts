import type { AwsRequest } from './http.js'
import { scopeText, sha256Hex, signatureOf, type Scope, type Service } from './sigv4-canonical.js'
import { refuse, type Refusal, type RefusalAnswer } from './sigv4-refusals.js'

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  /** The account that the credentials belong to. */
  account?: string
  /** Answered with ExpiredToken. */
  expired?: boolean
}

export type Verdict = { ok: true; credentials: Credentials; region: string } | RefusalAnswer

/** Example credentials as AWS's own documentation shows them; they open nothing. */
export const TEST_CREDENTIALS: Credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  account: '000000000000',
}

const SKEW_LIMIT_MS = 15 * 60 * 1000
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 +Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/

interface Authorization {
  accessKeyId: string
  scope: Scope
  signedHeaders: string[]
  signature: string
}

/**
 * Whether Signature Version 4 in the Authorization header lets a request in (AWS page "Authenticating Requests: Using the
 * Authorization Header"). A refusal carries the service's own code and status. Which region the request was signed for is
 * given back, not judged. For S3 the body must be what `x-amz-content-sha256` says, unless that says UNSIGNED-PAYLOAD.
 */
export function verifySignature(
  request: AwsRequest,
  service: Service,
  known: readonly Credentials[],
  now: Date = new Date(),
): Verdict {
  const given = parseAuthorization(request.headers['authorization'], service)
  if (typeof given === 'string') return refuse(service, given)
  const credentials = known.find((each) => each.accessKeyId === given.accessKeyId)
  if (credentials === undefined) return refuse(service, 'unknownId')
  const refusal =
    timeRefusal(request, given.scope, now) ??
    tokenRefusal(request, credentials) ??
    headersRefusal(request, given.signedHeaders) ??
    signatureRefusal(request, given, credentials) ??
    payloadRefusal(request, service)
  return refusal === undefined ? { ok: true, credentials, region: given.scope.region } : refuse(service, refusal)
}

/** What a request is signed with. */
export interface Signer {
  service: Service
  region: string
  credentials: Credentials
  /** Default: now. */
  time?: Date
}

/**
 * The headers of a request with all that a signature needs added to them: for requests that no client would send. What
 * `request.headers` already says (`x-amz-date`, `x-amz-content-sha256`, …) is signed as it is.
 */
export function signHeaders(request: AwsRequest, signer: Signer): Record<string, string> {
  const { credentials, service, region } = signer
  const headers: Record<string, string> = {
    'x-amz-date': amzDate(signer.time ?? new Date()),
    ...(service === 's3' && { 'x-amz-content-sha256': sha256Hex(request.body) }),
    ...(credentials.sessionToken !== undefined && { 'x-amz-security-token': credentials.sessionToken }),
    ...request.headers,
  }
  const signed = { ...request, headers }
  const time = headers['x-amz-date'] ?? ''
  const scope: Scope = { date: time.slice(0, 8), region, service }
  const signedHeaders = Object.keys(headers).sort()
  const { secretAccessKey } = credentials
  const payloadHash = payloadHashOf(signed, service)
  const signature = signatureOf(signed, { scope, time, secretAccessKey, signedHeaders, payloadHash })
  const credential = `${credentials.accessKeyId}/${scopeText(scope)}`
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
  return { ...headers, authorization }
}

/** `YYYYMMDDTHHMMSSZ` */
export function amzDate(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d{3}/g, '')
}

function parseAuthorization(header: string | undefined, service: Service): Authorization | Refusal {
  if (header === undefined) return 'missing'
  const [, accessKeyId, date, region, named, signedHeaders, signature] = AUTHORIZATION.exec(header) ?? []
  if (accessKeyId === undefined || date === undefined || region === undefined) return 'malformed'
  if (signedHeaders === undefined || signature === undefined) return 'malformed'
  if (named !== service) return 'wrongService'
  return { accessKeyId, scope: { date, region, service }, signedHeaders: signedHeaders.split(';'), signature }
}

function timeRefusal(request: AwsRequest, scope: Scope, now: Date): Refusal | undefined {
  const time = request.headers['x-amz-date'] ?? ''
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(time)
  if (parts === null) return 'noDate'
  if (!time.startsWith(scope.date)) return 'wrongDate'
  const [year = 0, month = 0, ...rest] = parts.slice(1).map(Number)
  const ahead = Date.UTC(year, month - 1, ...rest) - now.getTime()
  if (Math.abs(ahead) <= SKEW_LIMIT_MS) return undefined
  return ahead > 0 ? 'early' : 'late'
}

/** Temporary credentials are known by their token; without it there is no such access key id. */
function tokenRefusal(request: AwsRequest, credentials: Credentials): Refusal | undefined {
  const token = request.headers['x-amz-security-token']
  if (token === undefined && credentials.sessionToken !== undefined) return 'unknownId'
  if (token !== credentials.sessionToken) return 'invalidToken'
  return credentials.expired === true ? 'expiredToken' : undefined
}

function headersRefusal(request: AwsRequest, signedHeaders: readonly string[]): Refusal | undefined {
  const present = Object.keys(request.headers).filter((name) => name === 'host' || name.startsWith('x-amz-'))
  return ['host', ...present].every((name) => signedHeaders.includes(name)) ? undefined : 'unsignedHeaders'
}

function signatureRefusal(request: AwsRequest, given: Authorization, credentials: Credentials): Refusal | undefined {
  const { scope, signedHeaders } = given
  const expected = signatureOf(request, {
    scope,
    signedHeaders,
    time: request.headers['x-amz-date'] ?? '',
    secretAccessKey: credentials.secretAccessKey,
    payloadHash: payloadHashOf(request, scope.service),
  })
  return expected === given.signature ? undefined : 'mismatch'
}

/** S3 signs what the header claims, and compares the body with it afterwards; others sign the body's own hash. */
function payloadHashOf(request: AwsRequest, service: Service): string {
  return service === 's3' ? (request.headers['x-amz-content-sha256'] ?? '') : sha256Hex(request.body)
}

function payloadRefusal(request: AwsRequest, service: Service): Refusal | undefined {
  if (service !== 's3') return undefined
  const claimed = request.headers['x-amz-content-sha256']
  if (claimed === undefined) return 'payloadMissing'
  if (claimed === 'UNSIGNED-PAYLOAD') return undefined
  if (claimed.startsWith('STREAMING-')) return 'payloadStreamed'
  if (!/^[0-9a-f]{64}$/i.test(claimed)) return 'payloadInvalid'
  return claimed.toLowerCase() === sha256Hex(request.body) ? undefined : 'payloadMismatch'
}
