import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { spread } from './measure.js'

/**
 * A way to a local server that takes its time: every byte arrives so much later. The kernel has made the connection by the time
 * that the relay learns of it, so what the client sends first waits for the round trip of the handshake besides.
 *
 * @param {number} port of the server
 * @param {number} delayMs each way
 */
export function delayed(port, delayMs) {
  return createServer({ noDelay: true }, (client) => {
    const server = connect({ port, host: '127.0.0.1', noDelay: true })
    pass(client, server, delayMs, Date.now() + 2 * delayMs)
    pass(server, client, delayMs, 0)
  })
}

/**
 * @param {import('node:net').Socket} from @param {import('node:net').Socket} to
 * @param {number} delayMs
 * @param {number} notBefore when the first byte sets out at the earliest
 */
function pass(from, to, delayMs, notBefore) {
  /** @type {(() => void)[]} */
  const due = []
  // In order, however exact the timers are.
  const later = (/** @type {() => void} */ act) => {
    due.push(act)
    setTimeout(() => due.shift()?.(), Math.max(Date.now(), notBefore) + delayMs - Date.now())
  }
  from.on('data', (chunk) => {
    later(() => to.write(chunk))
  })
  from.on('end', () => {
    later(() => to.end())
  })
  from.on('error', () => to.destroy())
  from.on('close', () => {
    later(() => to.destroy())
  })
}

/**
 * What it takes to connect to a far server and to have an answer to the first byte: two round trips, of which the first is the
 * handshake of TCP.
 *
 * @param {number} port of a server that echoes, behind `delayed`
 * @param {number} delayMs each way
 * @returns {Promise<import('./table.js').Row>}
 */
export async function handshakeOf(port, delayMs) {
  const times = []
  for (let round = 0; round < 5; round++) {
    const begin = performance.now()
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.write('x')
    await once(socket, 'data')
    times.push((performance.now() - begin) / (2 * delayMs))
    socket.destroy()
  }
  return {
    what: 'TCP connect and the first byte echoed (2 are due)',
    against: `round trip of ${2 * delayMs} ms`,
    unit: 'RT',
    ...spread(times),
  }
}
