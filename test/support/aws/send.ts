import type { ServerResponse } from 'node:http'
import type { Connections } from './connections.js'
import type { Fault } from './faults.js'
import type { AwsResponse } from './http.js'

type WireFault = Exclude<Fault, { kind: 'error' }>

/** Lets the client see the part that was sent before the connection breaks under it. */
const SETTLE_MS = 50

export function sendWhole(response: ServerResponse, result: AwsResponse): void {
  const body = bodyOf(result)
  writeHead(response, result, body.length)
  response.end(body)
}

/** Sends the headers and half of the body, then does what the fault says. */
export function sendFaulty(
  response: ServerResponse,
  result: AwsResponse,
  fault: WireFault,
  connections: Connections,
): void {
  if (fault.kind === 'delay' && fault.at === 'headers') {
    sendWhole(response, result)
    return
  }
  const body = bodyOf(result)
  const half = body.subarray(0, Math.floor(body.length / 2))
  // Of an empty body nothing could be missing: one byte is promised, so that the fault shows.
  writeHead(response, result, Math.max(body.length, fault.kind === 'delay' ? 0 : 1))
  response.flushHeaders()
  if (half.length > 0) response.write(half)
  if (fault.kind === 'silence') return
  if (fault.kind === 'delay') connections.after(fault.ms, () => response.end(body.subarray(half.length)))
  else
    connections.after(SETTLE_MS, () => {
      breakOff(response, fault, connections)
    })
}

function breakOff(response: ServerResponse, fault: WireFault, connections: Connections): void {
  if (fault.kind === 'reset') connections.reset(response.socket?.remotePort)
  else response.socket?.end()
}

function writeHead(response: ServerResponse, result: AwsResponse, length: number): void {
  const own = Object.entries(result.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
  const bodiless = result.status === 204 || result.status === 304
  // What the service says of the length goes first: an answer to HEAD has a length and no body.
  response.writeHead(result.status, {
    ...(bodiless ? {} : { 'content-length': String(length) }),
    ...Object.fromEntries(own),
  })
}

function bodyOf(result: AwsResponse): Buffer {
  return Buffer.isBuffer(result.body) ? result.body : Buffer.from(result.body ?? '')
}
