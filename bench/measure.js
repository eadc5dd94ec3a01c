/** Measuring: whole processes, in turn, and what becomes of the figures. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * @typedef {{ name: string, argv: string[], env?: Record<string, string>, input?: Uint8Array }} Command
 * @typedef {{ median: number, low: number, high: number }} Spread the middle, and the quartiles around it
 */

const { LAZYCRED_BENCH_RUNS = 15 } = process.env
export const RUNS = Number(LAZYCRED_BENCH_RUNS)
const WARM_UPS = 2
const LIMIT_MS = 120_000

/**
 * @param {Command} command
 * @returns {Promise<{ ms: number, lastByteMs: number, stdout: Buffer }>} from its start to its end, and to the last byte it wrote
 */
export async function run({ name, argv: [program = '', ...args], env, input }) {
  const begin = performance.now()
  const child = spawn(program, args, { env, timeout: LIMIT_MS })
  /** @type {{ stdout: Buffer[], stderr: Buffer[] }} */
  const output = { stdout: [], stderr: [] }
  let lastByteMs = NaN
  child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
    output.stdout.push(chunk)
    lastByteMs = performance.now() - begin
  })
  child.stderr.on('data', (/** @type {Buffer} */ chunk) => output.stderr.push(chunk))
  child.stdin.on('error', () => undefined).end(input)
  const [status] = await once(child, 'close')
  const ms = performance.now() - begin
  // What failed must not pass for fast.
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${Buffer.concat(output.stderr).toString()}`)
  return { ms, lastByteMs, stdout: Buffer.concat(output.stdout) }
}

/**
 * Runs the commands in turn, so that what disturbs the machine disturbs all of them.
 *
 * @param {readonly Command[]} commands
 * @param {'ms' | 'lastByteMs'} what is measured of each
 * @returns {Promise<Map<string, number[]>>} milliseconds of each run by the commands' names; those of one round have one index
 */
export async function interleave(commands, runs = RUNS, what = 'ms') {
  const times = new Map(commands.map(({ name }) => [name, /** @type {number[]} */ ([])]))
  for (let round = -WARM_UPS; round < runs; round++) {
    for (const command of commands) {
      const { [what]: ms } = await run(command)
      if (round >= 0) times.get(command.name)?.push(ms)
    }
  }
  return times
}

/** @param {readonly number[]} values @returns {Spread} */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (/** @type {number} */ part) => sorted[Math.round((sorted.length - 1) * part)] ?? NaN
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

/**
 * @param {readonly number[]} values @param {readonly number[]} others
 * @returns {number[]} one by the other, round by round
 */
export function ratios(values, others) {
  return values.map((value, round) => value / (others[round] ?? NaN))
}
