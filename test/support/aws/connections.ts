import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/**
 * The TCP side of a loopback server: it listens on a free port of 127.0.0.1 and hands each connection on, unless a
 * fault of the connection itself is asked for. It stands in front of node:http because a silent connection must never
 * be read, which node:http does at once.
 */
export class Connections {
  readonly #listener: Server
  readonly #serve: (socket: Socket) => void
  readonly #sockets = new Map<number, Socket>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #held: Socket[] = []
  #silent = false
  #delay = 0
  #closed: Promise<void> | undefined

  constructor(serve: (socket: Socket) => void) {
    this.#serve = serve
    // Without delay, as node:http has it: else half a body would wait for the acknowledgement of the headers.
    this.#listener = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      this.#track(socket)
      if (this.#silent) this.#held.push(socket)
      else
        this.after(this.#delay, () => {
          this.#serveOpen(socket)
        })
    })
  }

  /** Resolves with the port. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#listener.once('error', reject)
      this.#listener.listen(0, '127.0.0.1', () => {
        resolve((this.#listener.address() as AddressInfo).port)
      })
    })
  }

  /** Connections made while this is on are accepted and not read; they are served once it is off again. */
  silence(on: boolean): void {
    this.#silent = on
    if (on) return
    for (const socket of this.#held.splice(0)) this.#serveOpen(socket)
  }

  /** Later connections are read only after so many milliseconds. */
  delay(ms: number): void {
    this.#delay = ms
  }

  /** Ends the connection of this remote port with a TCP RST. TLS sockets cannot do this themselves. */
  reset(remotePort: number | undefined): void {
    if (remotePort !== undefined) this.#sockets.get(remotePort)?.resetAndDestroy()
  }

  /** Calls back later; never once the server is closed. */
  after(ms: number, then: () => void): void {
    if (ms <= 0) {
      then()
      return
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      then()
    }, ms)
    this.#timers.add(timer)
  }

  /** Ends every connection; resolves when the port is free. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#listener.close(() => {
        resolve()
      })
      for (const timer of this.#timers) clearTimeout(timer)
      for (const socket of this.#sockets.values()) socket.destroy()
    })
    return this.#closed
  }

  /** What waited may have gone away meanwhile. */
  #serveOpen(socket: Socket): void {
    if (!socket.destroyed) this.#serve(socket)
  }

  #track(socket: Socket): void {
    const port = socket.remotePort
    if (port === undefined) {
      socket.destroy()
      return
    }
    this.#sockets.set(port, socket)
    socket.on('close', () => this.#sockets.delete(port))
    // A peer that goes away in the middle is no failure of the server.
    socket.on('error', () => undefined)
  }
}
