/** A relay in front of a server, which sees connections as they are made and can spoil them before a byte is read. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export type Treatment = 'pass' | 'close' | 'reset' | 'silence'

export interface Relay {
  readonly port: number
  /** Resolves with the number of connections that were made until now, those included that nobody has seen yet. */
  readonly count: () => Promise<number>
  /** Resolves at the first connection. */
  readonly opened: Promise<unknown>
  /** For the next connections, in order; those after them pass. */
  readonly treat: (...treatments: Treatment[]) => void
  /** Whatever arrives is passed on only once this has resolved. */
  readonly holdUntil: (moment: Promise<unknown>) => void
}

/** Closed when the test has finished. */
export async function startRelay(target: number, host = '127.0.0.1', at = 0): Promise<Relay> {
  const treatments: Treatment[] = []
  const sockets = new Set<Socket>()
  let count = 0
  let moment: Promise<unknown> = Promise.resolve()
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    count++
    sockets.add(socket.on('error', () => undefined))
    const treatment = treatments.shift() ?? 'pass'
    if (treatment === 'close') socket.end()
    if (treatment === 'reset') socket.resetAndDestroy()
    if (treatment !== 'pass') return
    void moment.then(() => sockets.add(pipe(socket, target)))
  })
  server.listen(at, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    port,
    opened: once(server, 'connection'),
    treat: (...next) => {
      treatments.push(...next)
    },
    holdUntil: (then) => {
      moment = then
    },
    count: async () => {
      const seen = once(server, 'connection')
      connect({ host, port })
        .on('error', () => undefined)
        .destroySoon()
      await seen
      return --count
    },
  }
}

function pipe(socket: Socket, target: number): Socket {
  const other = connect({ host: '127.0.0.1', port: target, noDelay: true })
  other.on('error', () => socket.destroy()).on('close', () => socket.destroy())
  socket.on('close', () => other.destroy())
  socket.pipe(other).pipe(socket)
  return other
}
