import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { Connections } from './connections.js'
import { FaultQueue, type ErrorFault, type Fault } from './faults.js'
import { sendFaulty, sendWhole } from './send.js'

export type { ErrorFault, Fault } from './faults.js'

/** A request, its body read whole. */
export interface AwsRequest {
  method: string
  /** As sent: still percent-encoded, without the query. */
  path: string
  /** As sent, without the question mark. */
  query: string
  /** Names in lower case. */
  headers: Record<string, string>
  body: Buffer
}

export interface AwsResponse {
  status: number
  headers?: Record<string, string>
  body?: Buffer | string
  /** What it was, e.g. `GetObject`, where the handler knows better than `operationOf`. */
  operation?: string
}

/** One request as it arrived; `status` is that of the answer, nothing where none was sent. */
export interface LoggedRequest {
  operation: string
  request: AwsRequest
  status: number | undefined
}

/** What a service says for itself; the loopback server does the rest. */
export interface AwsService {
  /** The name that faults and the log go by. */
  operationOf(request: AwsRequest): string
  handle(request: AwsRequest): AwsResponse | Promise<AwsResponse>
  /** An injected error, in the service's own shape. */
  renderError(fault: ErrorFault, request: AwsRequest): AwsResponse
}

export interface LoopbackServer {
  /** `http://127.0.0.1:PORT`, or https. */
  readonly url: string
  readonly port: number
  /** Every request that arrived whole, in order. */
  readonly requests: LoggedRequest[]
  /**
   * Applies to the next `times` (default: all) requests of that operation (default: any), first injected first used.
   * The faults `error` and those at the headers strike before the operation has any effect; those at the body after it.
   */
  inject(fault: Fault, where?: { operation?: string; times?: number }): void
  clearFaults(): void
  /** While on, new connections are accepted and never read. */
  silenceConnections(on: boolean): void
  /** New connections are read only after so many milliseconds. */
  delayConnections(ms: number): void
  /** Ends open connections too; resolves when the port is free. */
  close(): Promise<void>
}

export interface ServerOptions {
  /** Both in PEM. */
  tls?: { cert: string; key: string }
}

const BODY_LIMIT = 400 * 1024 * 1024

/** Starts a service on a free port of 127.0.0.1. */
export async function startLoopback(service: AwsService, options: ServerOptions = {}): Promise<LoopbackServer> {
  const faults = new FaultQueue()
  const requests: LoggedRequest[] = []
  const http = createHttp(options, (message, response) => {
    void answer({ service, faults, requests, connections }, message, response)
  })
  const connections = new Connections((socket) => {
    http.emit('connection', socket)
    socket.resume()
  })
  const port = await connections.listen()
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests,
    inject: (fault, where) => {
      faults.inject(fault, where)
    },
    clearFaults: () => {
      faults.clear()
    },
    silenceConnections: (on) => {
      connections.silence(on)
    },
    delayConnections: (ms) => {
      connections.delay(ms)
    },
    close: () => connections.close(),
  }
}

interface Parts {
  service: AwsService
  faults: FaultQueue
  requests: LoggedRequest[]
  connections: Connections
}

type Listener = (message: IncomingMessage, response: ServerResponse) => void

function createHttp(options: ServerOptions, listener: Listener): Server {
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener)
  // An idle connection that the server drops would race with the client's next request.
  Object.assign(server, { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 })
  return server
}

async function answer(parts: Parts, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(message).catch(() => undefined)
  if (body === undefined) {
    message.destroy()
    return
  }
  const request = requestOf(message, body)
  const logged: LoggedRequest = { operation: parts.service.operationOf(request), request, status: undefined }
  parts.requests.push(logged)
  await serve(parts, logged, response)
}

async function serve(parts: Parts, logged: LoggedRequest, response: ServerResponse): Promise<void> {
  const { service, faults, connections } = parts
  const { request } = logged
  const fault = faults.take(logged.operation)
  const send = (result: AwsResponse) => {
    logged.status = result.status
    logged.operation = result.operation ?? logged.operation
    if (fault === undefined || fault.kind === 'error') sendWhole(response, result)
    else sendFaulty(response, result, fault, connections)
  }
  if (fault?.kind === 'error') {
    send(service.renderError(fault, request))
    return
  }
  if (fault !== undefined && 'at' in fault && fault.at === 'headers') {
    if (fault.kind === 'silence') return
    if (fault.kind === 'reset') {
      connections.reset(response.socket?.remotePort)
      return
    }
    await new Promise<void>((resolve) => {
      connections.after(fault.ms, resolve)
    })
  }
  send(await handle(service, request))
}

/** A bug in a handler must be seen in the test that met it, not take the run down. */
async function handle(service: AwsService, request: AwsRequest): Promise<AwsResponse> {
  try {
    return await service.handle(request)
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return service.renderError({ kind: 'error', status: 500, code: 'HandlerFailed', message }, request)
  }
}

function requestOf(message: IncomingMessage, body: Buffer): AwsRequest {
  const target = message.url ?? '/'
  const mark = target.indexOf('?')
  const headers = Object.entries(message.headers).map(([name, value]) => [name, String(value)])
  return {
    method: message.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body,
  }
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_LIMIT) throw new RangeError('the request body is larger than the server reads')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}
