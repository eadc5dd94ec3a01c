/**
 * What an error of the SDK does not say of itself: where its request was sent, whether it was, what was in it, and whether
 * once is enough.
 */
import { rememberSent } from './echo.js'

interface Middleware {
  add(middleware: (next: Next, context: object) => Next, options: object): void
}

type Next = (args: { request?: unknown }) => Promise<never>

const endpoints = new WeakMap<object, string>()
const neverSent = new WeakSet()

/** Has `endpointOf`, `wasNeverSent` and `withoutEcho` know of every request of the client. */
export function watch(client: { readonly middlewareStack: unknown }): void {
  const stack = client.middlewareStack as Middleware
  const sent = new WeakSet()
  const outermost = (next: Next, context: object) => (args: { request?: unknown }) =>
    next(args).catch((error: unknown) => {
      if (error instanceof Error && !sent.has(context)) neverSent.add(error)
      throw error
    })
  const innermost = (next: Next, context: object) => (args: { request?: unknown }) => {
    sent.add(context)
    endpoints.set(client, urlOf(args.request))
    return next(args).catch((error: unknown) => {
      rememberSent(error, args.request as object)
      throw markPassing(error)
    })
  }
  stack.add(outermost, { step: 'initialize', priority: 'high', name: 'lazycredOutermost' })
  stack.add(innermost, { step: 'finalizeRequest', priority: 'low', name: 'lazycredInnermost' })
}

/**
 * The SDK sends again only where it finds our clock wrong by that of the answer; else it is the clock of the one server
 * that says so, and the next may be right.
 */
function markPassing(error: unknown): unknown {
  const isSkew = error instanceof Error && /^Request(TimeTooSkewed|InTheFuture|Expired)$/.test(error.name)
  return isSkew ? Object.assign(error, { $retryable: {} }) : error
}

function urlOf(request: unknown): string {
  const { protocol, hostname, port } = request as { protocol: string; hostname: string; port?: number }
  return `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`
}

/** @returns where this client sent its last request, for people to read */
export function endpointOf(client: object): string {
  return endpoints.get(client) ?? 'its endpoint'
}

/** @returns whether the client threw this before it had anything to send: for want of credentials, or of an endpoint */
export function wasNeverSent(error: Error): boolean {
  return neverSent.has(error)
}
