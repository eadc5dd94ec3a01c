/** What the SDK throws, told so that a person can act on it. */
import { LazyCredError, printable, withoutMessage, type LazyCredErrorCode } from '../errors.js'
import type { Call } from './call.js'
import { fromCredentials } from './credential-errors.js'
import { fromNetwork } from './network-errors.js'
import { saidBy, type SdkError } from './sdk-error.js'
import { serviceErrors } from './service-errors.js'
import { wasNeverSent } from './watch.js'

/**
 * @param error what a client's `send`, or the stream of a body, threw
 * @returns the same told as a `LazyCredError`; its `cause` keeps what AWS said, and neither request nor answer
 */
export function explain(error: unknown, call: Call): LazyCredError {
  if (error instanceof LazyCredError) return error
  if (!(error instanceof Error)) return unexpected(error, call)
  if (wasNeverSent(error) && error.name !== 'AbortError')
    return isAboutEndpoint(error) ? withoutEndpoint(error, call) : fromCredentials(error)
  const known: SdkError = error
  if (known.$fault !== undefined) return fromService(known, call)
  return fromNetwork(known, call) ?? unexpected(known, call)
}

/** Of answers that do not say more. */
const BY_STATUS: Readonly<Record<number, LazyCredErrorCode>> = {
  403: 'ACCESS_DENIED',
  412: 'CONDITION_FAILED',
  429: 'THROTTLED',
}

function fromService(error: SdkError, call: Call): LazyCredError {
  const status = error.$metadata?.httpStatusCode
  const said = saidBy(error)
  const known = serviceErrors.find(
    ({ names, about }) => names.includes(error.name) && (about?.test(said.message) ?? true),
  )
  const code = known?.code ?? BY_STATUS[status ?? 0] ?? 'SERVICE_ERROR'
  const reason = `${call.service} ${call.operation} on ${call.subject}: ${said.message} (${said.name})`
  return new LazyCredError(code, reason, { hint: known?.hint(call), cause: said })
}

/** What is no endpoint shows itself in the parser of URLs, or in the rules for endpoints. */
function isAboutEndpoint(error: SdkError): boolean {
  return error.name === 'EndpointError' || error.code === 'ERR_INVALID_URL'
}

function withoutEndpoint(error: Error, { service }: Call): LazyCredError {
  const said = error.name === 'EndpointError' ? printable(error.message.slice(0, 300)) : 'it is not a URL'
  return new LazyCredError('UNREACHABLE', `the endpoint of ${service} is of no use: ${said}`, {
    hint: `Check AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_${service}, such as https://host:port, and AWS_USE_FIPS_ENDPOINT.`,
    cause: withoutMessage(error),
  })
}

function unexpected(error: unknown, call: Call): LazyCredError {
  const status = (error as Partial<SdkError> | undefined)?.$metadata?.httpStatusCode
  const name = error instanceof Error ? printable(error.name.slice(0, 64)) : typeof error
  const what =
    status === undefined ? `failed (${name})` : `had an answer that is not ${call.service}'s (HTTP status ${status})`
  return new LazyCredError('SERVICE_ERROR', `${call.service} ${call.operation} at ${call.endpoint} ${what}`, {
    hint: 'A proxy, or an endpoint that is not the right one, can be behind this.',
    cause: withoutMessage(error),
  })
}
