import { LazyCredError, withoutMessage, type LazyCredErrorCode } from '../errors.js'
import type { Call } from './call.js'
import { callLimitMs, CONNECT_LIMIT_MS, SILENCE_LIMIT_MS } from './limits.js'
import type { SdkError } from './sdk-error.js'

interface Trouble {
  /** What the error shows of itself. */
  readonly code?: RegExp
  readonly name?: string
  readonly message?: RegExp
  readonly words: string
  readonly hint: string
  /** Whether nothing has been sent when this happens. */
  readonly early?: true
  readonly told?: LazyCredErrorCode
}

const NETWORK = 'Check the network, the region, and AWS_ENDPOINT_URL where it is set.'
const AUTHORITY = 'To trust a private authority, set NODE_EXTRA_CA_CERTS to its certificate.'
const CLOCK = 'Check the certificate of the server, and the clock of this machine.'
const seconds = (ms: number): string => `${ms / 1000} seconds`

/** Node's and the SDK's ways of saying what can go wrong on the way to a server; the first that fits counts. */
const TROUBLES: readonly Trouble[] = [
  {
    message: /establish a connection/,
    words: `it did not take the connection within ${seconds(CONNECT_LIMIT_MS)}`,
    hint: NETWORK,
    early: true,
    told: 'TIMEOUT',
  },
  {
    name: 'TimeoutError',
    message: /timed out after|has exceeded/,
    words: `it was silent for more than ${seconds(SILENCE_LIMIT_MS)}`,
    hint: NETWORK,
    told: 'TIMEOUT',
  },
  {
    name: 'AbortError',
    words: `it was not done within ${seconds(callLimitMs(0))} and what its size allows`,
    hint: NETWORK,
    told: 'TIMEOUT',
  },
  { message: /^Checksum mismatch/, words: 'what arrived does not have its checksum', hint: NETWORK },
  { code: /^(ENOTFOUND|EAI_AGAIN|EAI_FAIL)$/, words: 'its name cannot be resolved', hint: NETWORK, early: true },
  { code: /^ECONNREFUSED$/, words: 'nothing listens there', hint: NETWORK, early: true },
  {
    code: /^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ENETDOWN|EHOSTDOWN|EACCES|EPERM)$/,
    words: 'there is no way to it from here',
    hint: NETWORK,
    early: true,
  },
  { code: /^(ETIMEDOUT)$/, words: 'it does not answer', hint: NETWORK },
  {
    code: /^(ECONNRESET|ENETRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE)$/,
    words: 'it broke the connection off',
    hint: NETWORK,
  },
  {
    code: /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    words: 'its TLS certificate does not fit',
    hint: CLOCK,
    early: true,
  },
  {
    code: /^(CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/,
    words: 'its TLS certificate is not trusted',
    hint: AUTHORITY,
    early: true,
  },
  { code: /^(EPROTO|ERR_SSL_)/, words: 'it does not speak TLS as expected', hint: NETWORK, early: true },
  { code: /^HPE_/, words: 'it does not speak HTTP', hint: NETWORK },
  {
    code: /^ERR_INVALID_CHAR$/,
    words: 'the credentials hold characters that no header can have',
    hint: 'Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN for line breaks.',
    early: true,
    told: 'CREDENTIALS_INVALID',
  },
]

/** @returns the error of a request that did not get through, told as ours; `undefined` where it is no such error */
export function fromNetwork(error: SdkError, call: Call): LazyCredError | undefined {
  const trouble = TROUBLES.find((each) => fits(each, error))
  if (trouble === undefined) return undefined
  const { attempts = 1 } = error.$metadata ?? {}
  const code = typeof error.code === 'string' && trouble.told === undefined ? ` (${error.code})` : ''
  const tries = attempts > 1 ? `, in ${attempts} attempts` : ''
  const isUnsure = call.operation === 'PutObject' && (trouble.early !== true || attempts > 1)
  return new LazyCredError(
    trouble.told ?? 'UNREACHABLE',
    `${call.service} at ${call.endpoint}: ${trouble.words}${code}${tries}`,
    {
      hint: isUnsure
        ? 'Whether S3 took the new value is not known: old or new, it is whole. Get it to see.'
        : trouble.hint,
      cause: withoutMessage(error),
    },
  )
}

function fits({ code, name, message }: Trouble, error: SdkError): boolean {
  return (
    (code === undefined || code.test(String(error.code))) &&
    (name === undefined || name === error.name) &&
    (message === undefined || message.test(error.message))
  )
}
