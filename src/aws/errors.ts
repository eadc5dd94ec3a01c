/** What the SDK throws, told so that a person can act on it. */
import { LazyCredError, printable, withoutMessage } from '../errors.js'
import { CONNECT_LIMIT_MS, SILENCE_LIMIT_MS } from './limits.js'
import { serviceErrors } from './service-errors.js'

/** The request that failed. */
export interface Call {
  readonly service: 'S3' | 'KMS'
  readonly operation: string
  /** Where it was sent, such as `https://kms.us-east-1.amazonaws.com`. */
  readonly endpoint: string
  /** What it was about: a bucket, an alias with its region. */
  readonly subject: string
}

/** The part of the SDK's errors that is read here. */
interface SdkError extends Error {
  readonly code?: unknown
  readonly $fault?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
}

/**
 * @param error what a client's `send`, or the stream of a body, threw
 * @returns the same told as a `LazyCredError`; its `cause` keeps what AWS said, and neither request nor answer
 */
export function explain(error: unknown, call: Call): LazyCredError {
  if (error instanceof LazyCredError) return error
  if (!(error instanceof Error)) return unexpected(error, call)
  const known: SdkError = error
  if (known.$fault !== undefined) return fromService(known, call)
  if (/^(Credentials|Token)ProviderError$/.test(known.name)) return fromCredentials(known)
  if (known.name === 'TimeoutError' && /timed out after|establish a connection/.test(known.message))
    return timeout(known, call)
  if (known.message.startsWith('Checksum mismatch'))
    return unreachable(known, call, 'what arrived does not have its checksum')
  return fromNetwork(known, call) ?? unexpected(known, call)
}

function fromService(error: SdkError, call: Call): LazyCredError {
  const status = error.$metadata?.httpStatusCode
  const known = serviceErrors.find(
    ({ names, said }) => names.includes(error.name) && (said?.test(error.message) ?? true),
  )
  const code = known?.code ?? (status === 403 ? 'ACCESS_DENIED' : status === 429 ? 'THROTTLED' : 'SERVICE_ERROR')
  const said = isSilent(error) ? `HTTP status ${status}` : printable(error.message.slice(0, 500))
  const reason = `${call.service} ${call.operation} on ${call.subject}: ${said} (${error.name})`
  return new LazyCredError(code, reason, { hint: known?.hint(call), cause: causeOf(error) })
}

/** Some of AWS's errors come without a message; the SDK then gives one of its own. */
function isSilent({ message }: Error): boolean {
  return message === '' || message === 'UnknownError'
}

/** What of AWS's answer may be kept. The SDK's own error holds the whole exchange, tokens and data keys in it. */
function causeOf(error: SdkError): Error {
  const cause = Object.assign(new Error(error.message.slice(0, 500)), { $metadata: { ...error.$metadata } })
  cause.name = error.name
  return cause
}

function fromCredentials(error: SdkError): LazyCredError {
  // Behind this prefix come the command line and the error output of a credential_process, which may hold anything.
  const said = error.message.startsWith('Command failed')
    ? 'the credential_process of the profile failed'
    : error.message
  const expired = /expired|re-?authenticate|sso login/i.test(said)
  return new LazyCredError(expired ? 'CREDENTIALS_EXPIRED' : 'CREDENTIALS_MISSING', printable(said.slice(0, 500)), {
    hint: expired
      ? 'Sign in again, for example with: aws sso login'
      : 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role gives credentials.',
    cause: withoutMessage(error),
  })
}

function timeout(error: SdkError, call: Call): LazyCredError {
  const connecting = error.message.includes('establish a connection')
  const limit = connecting ? CONNECT_LIMIT_MS : SILENCE_LIMIT_MS
  const what = connecting ? 'did not take the connection within' : 'was silent for'
  return new LazyCredError('TIMEOUT', `${call.service} at ${call.endpoint} ${what} ${limit / 1000} seconds`, {
    hint: unsure(call) ?? 'Check the network, and AWS_ENDPOINT_URL where it is set.',
    cause: withoutMessage(error),
  })
}

/** Node's codes for what can go wrong on the way to a server. */
const NETWORK: readonly (readonly [RegExp, string])[] = [
  [/^(ENOTFOUND|EAI_AGAIN|EAI_FAIL)$/, 'its name cannot be resolved'],
  [/^ECONNREFUSED$/, 'nothing listens there'],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ENETDOWN|EHOSTDOWN)$/, 'there is no route to it'],
  [/^(ETIMEDOUT)$/, 'it does not answer'],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE)$/, 'it broke the connection off'],
  [/^(CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/, 'its TLS certificate is not trusted'],
  [/^(EPROTO|ERR_SSL_)/, 'it does not speak TLS as expected'],
  [/^HPE_/, 'it does not speak HTTP'],
]

function fromNetwork(error: SdkError, call: Call): LazyCredError | undefined {
  const code = typeof error.code === 'string' ? error.code : ''
  const words = NETWORK.find(([pattern]) => pattern.test(code))?.[1]
  if (words === undefined) return undefined
  const trust = words.includes('trusted') ? 'To trust a private authority, set NODE_EXTRA_CA_CERTS.' : undefined
  return unreachable(error, call, `${words} (${code})`, trust)
}

function unreachable(error: SdkError, call: Call, words: string, mend?: string): LazyCredError {
  return new LazyCredError('UNREACHABLE', `${call.service} at ${call.endpoint}: ${words}`, {
    hint: mend ?? unsure(call) ?? 'Check the network, the region, and AWS_ENDPOINT_URL where it is set.',
    cause: withoutMessage(error),
  })
}

function unsure({ operation }: Call): string | undefined {
  return operation === 'PutObject'
    ? 'Whether S3 took the new value is not known: old or new, it is whole. Get it to see.'
    : undefined
}

function unexpected(error: unknown, call: Call): LazyCredError {
  const status = (error as Partial<SdkError> | undefined)?.$metadata?.httpStatusCode
  const name = error instanceof Error ? error.name : typeof error
  const what =
    status === undefined ? `failed (${name})` : `had an answer that is not ${call.service}'s (HTTP status ${status})`
  return new LazyCredError('SERVICE_ERROR', `${call.service} ${call.operation} at ${call.endpoint} ${what}`, {
    hint: 'A proxy, or an endpoint that is not the right one, can be behind this.',
    cause: withoutMessage(error),
  })
}
