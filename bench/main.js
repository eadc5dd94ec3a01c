/**
 * Measures LazyCred against what else there is, prints one table, and writes the figures to bench/results.json.
 *
 *     npm run bench [-- SECTION...]      cold, far, memory, fernet, library; all of them by default
 *
 * LAZYCRED_BENCH_RUNS sets how often each command is run.
 */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { measureCold, measureRoundTrips } from './cold.js'
import { measureFernet } from './fernet.js'
import { measureLibrary } from './library.js'
import { RUNS } from './measure.js'
import { measureMemory } from './memory.js'
import { measureOthers } from './peers.js'
import { tableOf } from './table.js'
import { openWorld, PROJECT } from './world.js'
import { handshakeOf } from './relay.js'

/** @typedef {import('./table.js').Row} Row */
/** @typedef {import('./world.js').World} World */

const FAR_MS = 25
const NEARER_MS = 10

/** @type {Record<string, { delayMs: number, measure: (world: World) => Promise<Row[]> | Row[] }>} */
const SECTIONS = {
  cold: { delayMs: 0, measure: async (world) => [...(await measureCold(world)), ...(await measureOthers())] },
  far: {
    delayMs: FAR_MS,
    measure: async (world) => [
      await handshakeOf(world.servers.far.echo, FAR_MS),
      ...(await measureRoundTrips(world, FAR_MS)),
    ],
  },
  memory: { delayMs: 0, measure: measureMemory },
  fernet: { delayMs: 0, measure: measureFernet },
  library: { delayMs: NEARER_MS, measure: measureLibrary },
}

/** @param {string} name @returns {Promise<Row[]>} */
async function measure(name) {
  const section = SECTIONS[name]
  if (section === undefined) throw new Error(`there is no section ${name}: ${Object.keys(SECTIONS).join(', ')}`)
  process.stderr.write(`measuring ${name} …\n`)
  const world = await openWorld(section.delayMs)
  try {
    return await section.measure(world)
  } finally {
    world.close()
  }
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(SECTIONS)
const rows = []
for (const name of names) rows.push(...(await measure(name)))
const machine = { node: process.version, cpu: cpus()[0]?.model ?? '?', cpus: cpus().length, runs: RUNS }
writeFileSync(join(PROJECT, 'bench/results.json'), `${JSON.stringify({ machine, rows }, null, 2)}\n`)
process.stdout.write(`\n${tableOf(rows)}\n\nNode ${machine.node}, ${machine.cpus} × ${machine.cpu}, ${RUNS} runs\n`)
