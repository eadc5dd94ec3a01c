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

/** @returns the error that the SDK throws where it is told to give a request up */
export function tookTooLong(): Error {
  return Object.assign(new Error('the call took too long'), { name: 'AbortError' })
}

/** What a client's `send` takes besides the command. */
export interface SendOptions {
  readonly abortSignal: AbortSignal
  /** To the head of the answer. */
  readonly requestTimeout?: number
}

/**
 * Sends within the limit of the whole call, the credentials that it waits for included. What is large has no fixed time to be
 * sent in; what is read of an answer after `send` has settled is not counted.
 *
 * @param bytes how many are sent
 * @throws Error with the name `AbortError` where the limit is reached; what `send` throws
 */
export async function withinLimit<Answer>(
  bytes: number,
  send: (options: SendOptions) => Promise<Answer>,
): Promise<Answer> {
  const controller = new AbortController()
  const { signal: abortSignal } = controller
  const limit = new Promise<never>((_, reject) => {
    abortSignal.addEventListener('abort', () => {
      reject(tookTooLong())
    })
  })
  const timer = setTimeout(() => {
    controller.abort()
  }, callLimitMs(bytes))
  try {
    return await Promise.race([
      limit,
      send(bytes > 0 ? { abortSignal } : { abortSignal, requestTimeout: SILENCE_LIMIT_MS }),
    ])
  } finally {
    clearTimeout(timer)
  }
}
