/**
 * Seals and opens a value again and again, and prints as JSON how fast that was and how far the memory of the process rose.
 *
 *     node fernet-rate.js INTERNALS lazycred|record|fernet|fernet-nodejs BYTES
 */
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'

/** @typedef {{ seal(value: Buffer): unknown, open(sealed: any): unknown }} Subject what `seal` gives, `open` takes */

const require = createRequire(import.meta.url)
const [, , internals = '', name = '', bytes = ''] = process.argv
/** @type {typeof import('../src/fernet.js') & typeof import('../src/envelope.js')} */
const { decrypt, encrypt, generateDataKey, open, seal, tokenLength } = await import(internals)
const size = Number(bytes)
/** In all, so that what is small is done often enough to be measured. */
const ENOUGH = 32e6
const ROUNDS = 5

const dataKey = generateDataKey()
const wrapper = {
  wrap: async (/** @type {Buffer} */ plain) => Buffer.from(plain),
  unwrap: async (/** @type {Buffer} */ wrapped) => Buffer.from(wrapped),
}

/** @type {Record<string, () => Subject>} */
const subjects = {
  lazycred: () => ({
    seal(value) {
      const token = Buffer.alloc(tokenLength(value.length))
      encrypt(dataKey, value, token)
      return token
    },
    open: (token) => decrypt(dataKey, token),
  }),
  record: () => ({
    seal: (value) => seal(value, wrapper, {}),
    open: (record) => open(record, wrapper, {}),
  }),
  fernet: () => {
    const { Secret, Token } = require('fernet')
    const secret = new Secret(dataKey.toString())
    return {
      seal: (value) => new Token({ secret }).encode(value.toString('latin1')),
      open: (token) => new Token({ secret, token, ttl: 0 }).decode(),
    }
  },
  'fernet-nodejs': () => {
    const { Fernet } = require('fernet-nodejs')
    return {
      seal: (value) => Fernet.encrypt(value.toString('latin1'), dataKey.toString()),
      open: (token) => Fernet.decrypt(token, dataKey.toString()),
    }
  },
}

/** @param {number} count @param {() => unknown} work @returns {Promise<number>} MB/s */
async function rateOf(count, work) {
  const begin = performance.now()
  for (let each = 0; each < count; each++) await work()
  return (size * count) / 1e3 / (performance.now() - begin)
}

const subject = /** @type {Subject} */ (subjects[name]?.())
// Letters: not all of them take bytes.
const value = Buffer.from(randomBytes(size / 2).toString('hex'))
const before = process.resourceUsage().maxRSS
/** @type {{ seal: number[], open: number[] }} */
const rates = { seal: [], open: [] }
const count = Math.max(1, Math.round(ENOUGH / size / (name.startsWith('fernet') ? 20 : 1)))
for (let round = -1; round < ROUNDS; round++) {
  const seals = await rateOf(count, () => subject.seal(value))
  // It may open in place, so each is sealed anew.
  /** @type {unknown[]} */
  const sealed = []
  for (let each = 0; each < count; each++) sealed.push(await subject.seal(value))
  const opens = await rateOf(count, () => subject.open(sealed.pop()))
  // The first round is to warm up.
  if (round >= 0) {
    rates.seal.push(seals)
    rates.open.push(opens)
  }
}
process.stdout.write(JSON.stringify({ ...rates, peak: (process.resourceUsage().maxRSS - before) * 1024 }))
