/** A request, as far as errors tell of it. */
export interface Call {
  readonly service: 'S3' | 'KMS'
  readonly operation: string
  /** Where it was sent, such as `https://kms.us-east-1.amazonaws.com`. */
  readonly endpoint: string
  /** What it was about: a bucket, an alias with its region. */
  readonly subject: string
  /** Where the KMS key that it asked for is one of `trusted_keys`. */
  readonly isPinned?: boolean
}
