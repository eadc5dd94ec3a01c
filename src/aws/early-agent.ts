import { Agent, type RequestOptions } from 'node:https'
import { connect, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import type { Address } from './addresses.js'

/** A connection on its way; `secure` once there is one to speak TLS on. */
interface Early {
  readonly tcp: Socket
  secure?: TLSSocket
}

type Created = (error: Error | null, stream: Duplex) => void

/** One that no request has come for by then was opened in vain. */
const UNUSED_MS = 10_000

/**
 * Opens connections before anything is there to be sent, so that the handshakes take place while the SDK is loaded, and
 * KMS's while S3 answers. The first request to such an address gets the connection, ready or under way. One that has died
 * by then is forgotten, and the request opens its own, as if there had been none.
 */
export class EarlyAgent extends Agent {
  readonly #early = new Map<string, Early>()
  #context: SecureContext | undefined

  /** Never throws, and keeps no process from ending. */
  open(address: Address): void {
    const { host, port } = address
    const name = nameOf(host, port)
    if (this.#early.has(name)) return
    const tcp = connect({ host, port, noDelay: true }).on('error', ignore).unref()
    const early: Early = { tcp }
    // For each address of the host that it tries, it has another handle: TLS on one that is given up ends the process.
    tcp.on('connectionAttempt', () => tcp.unref())
    tcp.once('connect', () => {
      this.#secure(early, address)
    })
    this.#early.set(name, early)
    // Node connects when what it is doing is done; the certificates of all authorities are read meanwhile.
    setImmediate(() => {
      this.#tryContext()
    })
    setTimeout(() => {
      if (this.#early.get(name) === early) this.#take(name)?.tcp.destroy()
    }, UNUSED_MS).unref()
  }

  override createConnection(options: RequestOptions, callback?: Created): Duplex | null | undefined {
    const early = this.#take(nameOf(options.host, options.port))
    if (early === undefined || callback === undefined) return super.createConnection(options, callback)
    if (early.secure !== undefined) return early.secure.off('error', ignore).ref()
    this.#onceConnected(early, options, callback)
    return undefined
  }

  #onceConnected(early: Early, options: RequestOptions, callback: Created): void {
    const { tcp } = early
    const settle = (): void => {
      tcp.off('connect', settle).off('close', settle)
      try {
        const stream = early.secure?.off('error', ignore).ref() ?? super.createConnection(options, callback)
        if (stream) callback(null, stream)
      } catch (error) {
        callback(error as Error, tcp)
      }
    }
    // Whoever waits for it has a time limit, which keeps the process.
    tcp.once('connect', settle).once('close', settle)
  }

  /** Where TLS cannot be had as it is configured, the request says so. */
  #secure(early: Early, { host, port }: Address): void {
    const secureContext = this.#tryContext()
    if (secureContext === undefined) {
      early.tcp.destroy()
      return
    }
    const servername = isIP(host) === 0 ? host : ''
    const options = { ...this.options, host, port, servername, socket: early.tcp, secureContext }
    early.secure = (super.createConnection(options) as TLSSocket).on('error', ignore)
  }

  #tryContext(): SecureContext | undefined {
    try {
      return (this.#context ??= createSecureContext())
    } catch {
      return undefined
    }
  }

  #take(name: string): Early | undefined {
    const early = this.#early.get(name)
    this.#early.delete(name)
    if (early === undefined || isFresh(early)) return early
    early.tcp.destroy()
    return undefined
  }
}

/** What a server says before it was asked is no answer: that it waited too long for a request, mostly. */
function isFresh({ tcp, secure }: Early): boolean {
  if (tcp.destroyed || secure === undefined) return !tcp.destroyed
  return !secure.destroyed && secure.writable && secure.readableLength === 0 && !secure.readableEnded
}

function nameOf(host: string | null | undefined, port: number | string | null | undefined): string {
  return `${host ?? ''}:${port ?? 443}`
}

function ignore(): void {
  // Whoever needs a connection opens another.
}
