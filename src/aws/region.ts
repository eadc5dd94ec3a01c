interface Redirect {
  readonly name?: unknown
  /** S3 puts it into the XML of an `AuthorizationHeaderMalformed`. */
  readonly Region?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
}

const REDIRECTS = ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException']
const MOVED = 301
/** A label of a host name, and nothing that could lead a request elsewhere. */
const REGION = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * @param error what an S3 client threw
 * @returns the region the bucket is in, where S3 refused the request for that reason and said so
 * (AWS page "Making requests to Amazon S3": redirection). The SDK's own way of following stumbles over
 * requests that run at the same time, and asks the wrong region first every time.
 */
export function regionToldBy(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { name, Region, $metadata, $response }: Redirect = error
  if (!REDIRECTS.includes(String(name)) && $metadata?.httpStatusCode !== MOVED) return undefined
  const region = $response?.headers?.['x-amz-bucket-region'] ?? Region
  return typeof region === 'string' && REGION.test(region) ? region : undefined
}
