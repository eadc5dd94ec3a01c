import { pipeline, Readable, Transform, type TransformCallback } from 'node:stream'
import { LazyCredError } from '../errors.js'

/** A page of a listing is the largest: 1,000 paths of 1,024 bytes, each byte written as three. */
const LIMIT = 16 * 1024 * 1024

interface Middleware {
  add(middleware: (next: Next, context: { commandName?: string }) => Next, options: object): void
}

interface Response {
  readonly statusCode?: number
  readonly headers?: Readonly<Record<string, string>>
  body?: unknown
}

type Next = (args: unknown) => Promise<{ response: Response }>

/** Has every answer of the client end where it is larger than any of AWS's, records excepted: the SDK reads what comes. */
export function boundAnswers(client: { readonly middlewareStack: unknown }): void {
  const bound =
    (next: Next, { commandName }: { commandName?: string }) =>
    async (args: unknown) => {
      const result = await next(args)
      const { response } = result
      const isRecord = commandName === 'GetObjectCommand' && response.statusCode === 200
      const { body } = response
      if (!isRecord && !isKnownToBeSmall(response) && body instanceof Readable) response.body = upToLimit(body)
      return result
    }
  const stack = client.middlewareStack as Middleware
  stack.add(bound, { step: 'deserialize', priority: 'low', name: 'lazycredBoundAnswers' })
}

/** Node reads no more of a body than its length. */
function isKnownToBeSmall({ headers }: Response): boolean {
  return Number(headers?.['content-length'] ?? Infinity) <= LIMIT
}

function upToLimit(body: Readable): Readable {
  let size = 0
  const transform = (chunk: Buffer, _encoding: string, done: TransformCallback): void => {
    size += chunk.length
    done(size > LIMIT ? tooLarge() : null, chunk)
  }
  // Whoever reads the result is told of errors by it.
  return pipeline(body, new Transform({ transform }), () => undefined)
}

function tooLarge(): LazyCredError {
  return new LazyCredError('SERVICE_ERROR', `the answer is larger than ${LIMIT} bytes, which none of AWS is`, {
    hint: 'A proxy, or an endpoint that is not the right one, can be behind this.',
  })
}
