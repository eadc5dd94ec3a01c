/** AWS's error codes (AWS pages "Error responses" of S3, "Common errors" and the operations of KMS), and what mends each. */
import type { LazyCredErrorCode } from '../errors.js'
import type { Call } from './call.js'

export interface ServiceError {
  readonly names: readonly string[]
  /** Where a name means several things: what its message must match. */
  readonly about?: RegExp
  readonly code: LazyCredErrorCode
  hint(call: Call): string
}

export const serviceErrors: readonly ServiceError[] = [
  {
    names: ['InvalidSignatureException', 'SignatureDoesNotMatch'],
    about: /expired|not yet current/i,
    code: 'CLOCK_SKEW',
    hint: setTheClock,
  },
  { names: ['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture'], code: 'CLOCK_SKEW', hint: setTheClock },
  {
    names: ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'],
    code: 'CREDENTIALS_EXPIRED',
    hint: () => 'Sign in again, for example with: aws sso login',
  },
  {
    names: [
      ...['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'MissingSecurityHeader'],
      ...['UnrecognizedClientException', 'InvalidSignatureException', 'InvalidClientTokenId', 'NotSignedUp'],
      ...['IncompleteSignature', 'IncompleteSignatureException', 'MissingAuthenticationToken'],
      ...['MissingAuthenticationTokenException', 'OptInRequired'],
    ],
    code: 'CREDENTIALS_INVALID',
    hint: () =>
      'Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or the profile that AWS_PROFILE names.',
  },
  {
    names: ['AccessDeniedException'],
    about: /ciphertext refers to/i,
    code: 'ACCESS_DENIED',
    hint: ({ subject }) =>
      `Either kms:Decrypt on its KMS key is not allowed, or that KMS key is gone, or not one of ${subject}: check "region".`,
  },
  { names: ['AccessDenied', 'AccessDeniedException', 'AllAccessDisabled'], code: 'ACCESS_DENIED', hint: allowIt },
  {
    names: ['NoSuchBucket', 'InvalidBucketName'],
    code: 'BUCKET_NOT_FOUND',
    hint: () => 'Check "s3_path": what stands before its first / is the bucket.',
  },
  {
    names: [
      'PermanentRedirect',
      'AuthorizationHeaderMalformed',
      'IllegalLocationConstraintException',
      'TemporaryRedirect',
    ],
    code: 'WRONG_REGION',
    hint: () => 'Set "region" to the one that bucket and KMS key are in.',
  },
  {
    names: ['NotFoundException'],
    code: 'KMS_KEY_NOT_FOUND',
    hint: (call) => `Check ${whatNames(call)} and "region": an alias belongs to one region and one account.`,
  },
  {
    names: ['DisabledException', 'KMSInvalidStateException'],
    code: 'KMS_KEY_UNUSABLE',
    hint: () => 'Enable the KMS key, or cancel its deletion, and try again.',
  },
  { names: ['KeyUnavailableException'], code: 'KMS_KEY_UNUSABLE', hint: () => 'Try again later.' },
  {
    names: ['InvalidKeyUsageException'],
    code: 'KMS_KEY_UNUSABLE',
    hint: () => 'Use a symmetric KMS key, made to encrypt and decrypt.',
  },
  {
    names: ['IncorrectKeyException'],
    code: 'WRONG_KMS_KEY',
    hint: () => 'The record was stored under another KMS key than the one asked for.',
  },
  {
    names: ['InvalidCiphertextException'],
    code: 'CONTEXT_MISMATCH',
    hint: () => 'Put the secret again, or restore an older version.',
  },
  {
    names: ['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey'],
    code: 'CONDITION_FAILED',
    hint: () => 'Read the secret again, and decide again.',
  },
  {
    names: [
      'SlowDown',
      'Throttling',
      'ThrottlingException',
      'TooManyRequestsException',
      'RequestLimitExceeded',
      'LimitExceededException',
    ],
    code: 'THROTTLED',
    hint: () => 'Wait and try again; AWS_MAX_ATTEMPTS sets how often the SDK tries.',
  },
]

function setTheClock(): string {
  return 'Set the clock of this machine; AWS takes requests that are at most some minutes off.'
}

/** A ReEncrypt asks for two KMS keys, and KMS does not always say which of them it does not know. */
function whatNames({ operation, isPinned = false }: Call): string {
  if (!isPinned) return '"key_alias"'
  return operation === 'ReEncrypt' ? '"trusted_keys", "key_alias"' : '"trusted_keys"'
}

/** Policies call some operations by other names (AWS page "Actions, resources, and condition keys"). */
function allowIt({ service, operation }: Call): string {
  if (operation === 'ListObjectsV2') return 'Allow s3:ListBucket on the bucket to these credentials.'
  if (operation === 'ReEncrypt')
    return 'Allow kms:ReEncryptFrom on the old KMS key and kms:ReEncryptTo on the new one to these credentials.'
  if (service === 'KMS') return `Allow kms:${operation} on the KMS key to these credentials.`
  const missing = ' Without s3:ListBucket on the bucket, S3 says the same of an object that is not there.'
  return `Allow s3:${operation} on the object to these credentials.${operation === 'GetObject' ? missing : ''}`
}
