/** How long requests may take. A connection, an answer to what is small, and any silence have limits of their own. */
export const CONNECT_LIMIT_MS = 5_000
/** From sending a small request to the head of its answer; and the longest silence on a connection. */
export const SILENCE_LIMIT_MS = 10_000

/** All attempts of a call together, where little is sent and received. */
const CALL_LIMIT_MS = 60_000
/** Slower than this nobody is served: 64 KiB a second. */
const BYTES_PER_MS = 64

/** @returns the limit of a whole call that moves so many bytes */
export function callLimitMs(bytes: number): number {
  return CALL_LIMIT_MS + Math.ceil(bytes / BYTES_PER_MS)
}

/** @returns options of a client's `send` for a call that sends so many bytes: what is large has no fixed time to be sent in */
export function sendOptions(bytes = 0): { abortSignal: AbortSignal; requestTimeout?: number } {
  const abortSignal = AbortSignal.timeout(callLimitMs(bytes))
  return bytes > 0 ? { abortSignal } : { abortSignal, requestTimeout: SILENCE_LIMIT_MS }
}
