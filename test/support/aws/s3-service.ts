import type { AwsRequest, AwsResponse, AwsService, ErrorFault } from './http.js'
import { addressOf, checkObjectPath, climbsOut, isBucketName, type S3Address } from './s3-address.js'
import { requestedRegion } from './s3-bucket-operations.js'
import { ok } from './s3-call.js'
import { verifyChecksum } from './s3-checksums.js'
import { renderFailure, S3Error, standardHeaders } from './s3-errors.js'
import { Bucket, type BucketOptions } from './s3-objects.js'
import { parametersOf, routeOf, type Route } from './s3-routes.js'
import { verifySignature, type Credentials } from './sigv4.js'

export interface S3ServiceOptions {
  credentials: readonly Credentials[]
  region: string
  sizeLimit: number
  /** The server's clock. */
  now: () => Date
}

/** Headers that ask for more than this subset of S3 does. */
const REFUSED = /^(range|if-(un)?modified-since)$/
const KNOWN_AMZ =
  /^x-amz-(date|content-sha256|security-token|user-agent|expected-bucket-owner|server-side-encryption|sdk-checksum-algorithm|checksum-[a-z0-9]+|meta-.+)$/

/** S3's own rules, over buckets in memory. */
export class S3Service implements AwsService {
  readonly #options: S3ServiceOptions
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: S3ServiceOptions) {
    this.#options = options
  }

  /** Throws where there is no such bucket: for tests, to which that is a mistake. */
  bucket(name: string): Bucket {
    const found = this.#buckets.get(name)
    if (found === undefined) throw new Error(`there is no bucket ${name}`)
    return found
  }

  createBucket(name: string, options: BucketOptions = {}): void {
    const { region, credentials } = this.#options
    const owner = options.owner ?? credentials[0]?.account ?? '000000000000'
    this.#buckets.set(name, new Bucket(name, { region, ...options, owner }))
  }

  operationOf(request: AwsRequest): string {
    try {
      return routeOf(request)?.operation ?? 'Unknown'
    } catch {
      return 'Unknown'
    }
  }

  handle(request: AwsRequest): AwsResponse {
    const answer = this.#answerOrFailure(request)
    return { ...answer, headers: { date: this.#options.now().toUTCString(), ...answer.headers } }
  }

  renderError(fault: ErrorFault, request: AwsRequest): AwsResponse {
    return renderFailure(fault, request)
  }

  #answerOrFailure(request: AwsRequest): AwsResponse {
    try {
      return this.#answer(request)
    } catch (error) {
      if (!(error instanceof S3Error)) throw error
      return renderFailure(error, request)
    }
  }

  #answer(request: AwsRequest): AwsResponse {
    const address = addressOf(request)
    if (climbsOut(address.objectPath)) return { status: 400, headers: standardHeaders() }
    const verdict = verifySignature(request, 's3', this.#options.credentials, this.#options.now())
    if (!verdict.ok) return renderFailure(verdict, request)
    checkObjectPath(address.objectPath)
    const route = routeOf(request)
    if (route === undefined || asksForMore(request)) throw new S3Error('NotImplemented')
    if (route.run === undefined) return this.#create(request, address, verdict)
    const bucket = this.#find(address.bucket)
    checkRegion(request, bucket, verdict.region)
    checkOwner(request, bucket)
    return this.#run(route.run, request, bucket, address.objectPath)
  }

  #run(run: NonNullable<Route['run']>, request: AwsRequest, bucket: Bucket, objectPath: string): AwsResponse {
    return run({
      request,
      parameters: parametersOf(request),
      bucket,
      objectPath,
      sizeLimit: this.#options.sizeLimit,
    })
  }

  #find(name: string): Bucket {
    if (!isBucketName(name)) throw new S3Error('InvalidBucketName', { elements: { BucketName: name } })
    const found = this.#buckets.get(name)
    if (found === undefined) throw new S3Error('NoSuchBucket', { elements: { BucketName: name } })
    return found
  }

  /** In us-east-1, and there alone, creating what one has already succeeds. */
  #create(request: AwsRequest, address: S3Address, by: { credentials: Credentials; region: string }): AwsResponse {
    const name = address.bucket
    verifyChecksum(request.headers, request.body)
    if (!isBucketName(name)) throw new S3Error('InvalidBucketName', { elements: { BucketName: name } })
    const region = requestedRegion(request.body, by.region)
    const owner = by.credentials.account ?? '000000000000'
    const existing = this.#buckets.get(name)
    if (existing === undefined) this.createBucket(name, { region, owner })
    else if (existing.owner !== owner) throw new S3Error('BucketAlreadyExists', { elements: { BucketName: name } })
    else if (existing.region !== 'us-east-1' || region !== 'us-east-1') {
      throw new S3Error('BucketAlreadyOwnedByYou', { elements: { BucketName: name } })
    }
    return ok(200, { location: `/${name}` })
  }
}

function asksForMore(request: AwsRequest): boolean {
  return Object.keys(request.headers).some(
    (name) => REFUSED.test(name) || (name.startsWith('x-amz-') && !KNOWN_AMZ.test(name)),
  )
}

/** AWS page "Request redirection and the REST API": a bucket answers at the endpoint of its own region alone. */
function checkRegion(request: AwsRequest, bucket: Bucket, signedFor: string): void {
  if (signedFor === bucket.region) return
  const headers = { 'x-amz-bucket-region': bucket.region }
  if (bucket.wrongRegion === 'PermanentRedirect') {
    // AWS names the region's endpoint here; this server is every region's, and no test may leave the machine.
    const elements = { Endpoint: request.headers['host'], Bucket: bucket.name }
    throw new S3Error('PermanentRedirect', { elements, headers })
  }
  const message = `The authorization header is malformed; the region '${signedFor}' is wrong; expecting '${bucket.region}'`
  // The document says it; a HEAD, which has none, says it in the header.
  const told = request.method === 'HEAD' ? { headers } : { elements: { Region: bucket.region } }
  throw new S3Error('AuthorizationHeaderMalformed', { message, ...told })
}

/** AWS page "Verifying bucket ownership with bucket owner condition". */
function checkOwner(request: AwsRequest, bucket: Bucket): void {
  const expected = request.headers['x-amz-expected-bucket-owner']
  if (expected === undefined || expected === bucket.owner) return
  throw new S3Error(/^\d{12}$/.test(expected) ? 'AccessDenied' : 'InvalidBucketOwnerAWSAccountID')
}
