import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What happens to the connection behind the answer. */
export type Afterwards = 'end' | 'reset' | 'stay'

export interface Wire {
  readonly url: string
  /** How many requests have come. */
  readonly count: () => number
}

/** Lets the client see what was sent before a reset takes it away. */
const SETTLE_MS = 50

/** Answers every request with these bytes as they are, HTTP or not; closed when the test has finished. */
export async function startWire(answer: string | Buffer, afterwards: Afterwards): Promise<Wire> {
  let count = 0
  const server = createServer((request, { socket }) => {
    request.resume().once('end', () => {
      count++
      socket?.write(answer)
      if (afterwards === 'end') socket?.end()
      if (afterwards === 'reset') setTimeout(() => socket?.resetAndDestroy(), SETTLE_MS)
    })
  })
  onTestFinished(() => {
    server.close().closeAllConnections()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, count: () => count }
}

/** @returns an answer as HTTP/1.1 has it, with whatever headers, right or not */
export function httpAnswer(status: string, headers: Readonly<Record<string, string>>, body: string | Buffer): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`), Buffer.from(body)])
}
