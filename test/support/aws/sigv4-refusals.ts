import type { Service } from './sigv4-canonical.js'

/** Why a request is not let in; each service has its own words for it. */
export type Refusal =
  | 'missing'
  | 'malformed'
  | 'wrongService'
  | 'noDate'
  | 'wrongDate'
  | 'late'
  | 'early'
  | 'unknownId'
  | 'invalidToken'
  | 'expiredToken'
  | 'unsignedHeaders'
  | 'mismatch'
  | 'payloadMissing'
  | 'payloadInvalid'
  | 'payloadStreamed'
  | 'payloadMismatch'

export interface RefusalAnswer {
  ok: false
  status: number
  code: string
  message: string
}

type Row = readonly [status: number, code: string, message: string]

const SKEWED = 'The difference between the request time and the current time is too large.'
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.'

/** S3's codes (AWS page "Error responses", list of error codes, and "Authenticating Requests"). */
const S3: Record<Refusal, Row> = {
  missing: [403, 'AccessDenied', 'Access Denied'],
  malformed: [400, 'AuthorizationHeaderMalformed', 'The authorization header is malformed.'],
  wrongService: [400, 'AuthorizationHeaderMalformed', 'The authorization header is malformed; incorrect service.'],
  noDate: [403, 'AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header'],
  wrongDate: [400, 'AuthorizationHeaderMalformed', 'The authorization header is malformed; Invalid credential date.'],
  late: [403, 'RequestTimeTooSkewed', SKEWED],
  early: [403, 'RequestTimeTooSkewed', SKEWED],
  unknownId: [403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.'],
  invalidToken: [400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.'],
  expiredToken: [400, 'ExpiredToken', 'The provided token has expired.'],
  unsignedHeaders: [403, 'AccessDenied', 'There were headers present in the request which were not signed'],
  mismatch: [403, 'SignatureDoesNotMatch', MISMATCH],
  payloadMissing: [400, 'InvalidRequest', 'Missing required header for this request: x-amz-content-sha256'],
  payloadInvalid: [400, 'InvalidArgument', 'x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a valid sha256 value.'],
  payloadStreamed: [501, 'NotImplemented', 'Bodies in aws-chunked encoding are not implemented: send a plain body.'],
  payloadMismatch: [
    400,
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  ],
}

/** KMS's codes (AWS KMS API reference, "Common Errors"). */
const KMS: Record<Refusal, Row> = {
  missing: [400, 'MissingAuthenticationTokenException', 'Missing Authentication Token'],
  malformed: [400, 'IncompleteSignatureException', 'The request signature does not conform to AWS standards.'],
  wrongService: [400, 'InvalidSignatureException', "Credential should be scoped to correct service: 'kms'."],
  noDate: [400, 'IncompleteSignatureException', "Authorization header requires existence of a 'X-Amz-Date' header."],
  wrongDate: [400, 'InvalidSignatureException', 'Date in Credential scope does not match YYYYMMDD from X-Amz-Date.'],
  late: [400, 'InvalidSignatureException', 'Signature expired: it is from more than 15 minutes ago.'],
  early: [400, 'InvalidSignatureException', 'Signature not yet current: it is more than 15 minutes ahead.'],
  unknownId: [400, 'UnrecognizedClientException', 'The security token included in the request is invalid.'],
  invalidToken: [400, 'UnrecognizedClientException', 'The security token included in the request is invalid.'],
  expiredToken: [400, 'ExpiredTokenException', 'The security token included in the request is expired'],
  unsignedHeaders: [400, 'InvalidSignatureException', "'Host' and every 'X-Amz-*' header must be in SignedHeaders."],
  mismatch: [400, 'InvalidSignatureException', MISMATCH],
  payloadMissing: [400, 'InvalidSignatureException', MISMATCH],
  payloadInvalid: [400, 'InvalidSignatureException', MISMATCH],
  payloadStreamed: [400, 'InvalidSignatureException', MISMATCH],
  payloadMismatch: [400, 'InvalidSignatureException', MISMATCH],
}

/** The service's answer to a request it does not let in. */
export function refuse(service: Service, refusal: Refusal): RefusalAnswer {
  const [status, code, message] = (service === 's3' ? S3 : KMS)[refusal]
  return { ok: false, status, code, message }
}
