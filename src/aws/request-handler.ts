import type { Agent } from 'node:https'
import { Readable } from 'node:stream'
import { NodeHttpHandler, type NodeHttpHandlerOptions } from '@smithy/node-http-handler'
import { CONNECT_LIMIT_MS, SILENCE_LIMIT_MS } from './limits.js'
import { isRehearsal, rehearsedAnswer } from './rehearsal.js'

type Handle = NodeHttpHandler['handle']
type Request = Parameters<Handle>[0]

/** TLS encrypts what it is given at once, and keeps it until it is sent. */
const PIECE = 256 * 1024

/** Sends the requests of all clients, so that the limit on connections holds for them together. */
export class RequestHandler extends NodeHttpHandler {
  /** Waits for S3's leave before it sends what is large, which the SDK does only where the agent is its own. */
  readonly #patient: NodeHttpHandler

  constructor(agent: Agent, logger: NonNullable<NodeHttpHandlerOptions['logger']>) {
    const options = {
      connectionTimeout: CONNECT_LIMIT_MS,
      socketTimeout: SILENCE_LIMIT_MS,
      throwOnRequestTimeout: true,
      logger,
    }
    super({ ...options, httpsAgent: agent })
    this.#patient = new NodeHttpHandler(options)
  }

  override handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
    if (isRehearsal(options)) return Promise.resolve(rehearsedAnswer())
    const sent = inPieces(request)
    return 'Expect' in request.headers ? this.#patient.handle(sent, options) : super.handle(sent, options)
  }
}

/** The request stays as it is, to be sent again where that is needed. */
function inPieces(request: Request): Request {
  const { body } = request as { body: unknown }
  if (!Buffer.isBuffer(body) || body.length <= PIECE) return request
  return Object.assign(Object.create(request) as Request, { body: Readable.from(piecesOf(body)) })
}

function* piecesOf(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += PIECE) yield body.subarray(at, at + PIECE)
}
