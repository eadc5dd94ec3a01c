import { createHash, createHmac } from 'node:crypto'
import type { AwsRequest } from './http.js'

export type Service = 's3' | 'kms' | 'sts'

/** The credential scope: `DATE/REGION/SERVICE/aws4_request`. */
export interface Scope {
  /** `YYYYMMDD` */
  date: string
  region: string
  service: Service
}

/** What goes into a signature besides the request. */
export interface SigningInput {
  scope: Scope
  /** `YYYYMMDDTHHMMSSZ` */
  time: string
  secretAccessKey: string
  signedHeaders: readonly string[]
  /** The last line of the canonical request. */
  payloadHash: string
}

/** The signature, as hex (AWS page "Create a signed AWS API request", steps 1 to 4). */
export function signatureOf(request: AwsRequest, input: SigningInput): string {
  const { scope, time } = input
  const canonical = canonicalRequest(request, input)
  const text = ['AWS4-HMAC-SHA256', time, scopeText(scope), sha256Hex(canonical)].join('\n')
  return hmac(signingKey(input.secretAccessKey, scope), text).toString('hex')
}

/** The request in the one form that client and server agree on. */
export function canonicalRequest(request: AwsRequest, input: SigningInput): string {
  const headers = input.signedHeaders.map((name) => `${name}:${canonicalValue(request.headers[name] ?? '')}\n`)
  return [
    request.method,
    canonicalPath(request.path, input.scope.service),
    canonicalQuery(request.query),
    headers.join(''),
    input.signedHeaders.join(';'),
    input.payloadHash,
  ].join('\n')
}

export function scopeText({ date, region, service }: Scope): string {
  return `${date}/${region}/${service}/aws4_request`
}

export function sha256Hex(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex')
}

/** AWS's UriEncode: every byte except the unreserved characters of RFC 3986. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** A percent-encoded text decoded once; nothing where it is not valid UTF-8 or not valid percent-encoding. */
export function uriDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** The query's parameters, decoded, in the order they were sent. */
export function queryParameters(query: string): [name: string, value: string][] {
  const parts = query.split('&').filter((part) => part !== '')
  return parts.map((part) => {
    const [name = '', ...rest] = part.split('=')
    return [decodePart(name), decodePart(rest.join('='))]
  })
}

function decodePart(text: string): string {
  return uriDecode(text.replaceAll('+', ' ')) ?? text
}

/** S3 signs the path as it is, encoded once and never normalised; every other service has its encoded form encoded again. */
function canonicalPath(path: string, service: Service): string {
  const once = service === 's3' ? (uriDecode(path) ?? path) : path
  return once.split('/').map(uriEncode).join('/')
}

function canonicalQuery(query: string): string {
  const pairs = queryParameters(query).map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
  return pairs
    .sort(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map((pair) => pair.join('='))
    .join('&')
}

/** By code unit: what is compared here is percent-encoded, therefore ASCII. */
function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function canonicalValue(value: string): string {
  return value.trim().replace(/ +/g, ' ')
}

function signingKey(secretAccessKey: string, { date, region, service }: Scope): Buffer {
  return [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secretAccessKey}`, date))
}

function hmac(secret: Buffer | string, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest()
}
