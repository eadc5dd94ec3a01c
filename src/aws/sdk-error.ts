import { printable } from '../errors.js'
import { withoutEcho } from './echo.js'

/** The part of the SDK's errors that is read here. */
export interface SdkError extends Error {
  readonly code?: unknown
  readonly $fault?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string; readonly attempts?: number }
}

/**
 * What of AWS's answer may be kept, and shown: the SDK's own error holds the whole exchange, tokens and data keys in it,
 * and whoever answers chooses its words.
 */
export function saidBy(error: SdkError): Error {
  const { httpStatusCode, requestId, attempts } = error.$metadata ?? {}
  // Some of AWS's errors come without a message; the SDK then gives one of its own.
  const isSilent = error.message === '' || error.message === 'UnknownError'
  const safe = (text: string, limit: number): string => printable(withoutEcho(error, text.slice(0, limit)))
  const said = new Error(isSilent ? `HTTP status ${httpStatusCode}` : safe(firstLineOf(error.message), 500))
  said.name = safe(error.name, 64)
  return Object.assign(said, {
    $metadata: { httpStatusCode, requestId: safe(String(requestId), 128), attempts },
  })
}

/** Behind it, KMS explains a wrong signature: with all the headers that were signed, the session token among them. */
function firstLineOf(message: string): string {
  return message.trimStart().split(/[\r\n]/, 1)[0] ?? ''
}
