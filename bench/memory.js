/** How far the memory of the command rises over that of Node alone, for a large secret. */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { awsEnvironment, LAZYCRED, localEnvironment, PROJECT } from './world.js'

/** @typedef {import('./table.js').Row} Row */
/** @typedef {import('./world.js').World} World */

const SIZE = 100e6

/** @param {World} world @returns {Row[]} */
export function measureMemory(world) {
  const file = join(world.folder, 'large')
  writeFileSync(file, Buffer.alloc(SIZE, 'x'))
  const node = peakOf(world, ['-e', '0'], localEnvironment(world))
  const rows = []
  for (const [place, env] of /** @type {const} */ ([
    ['', awsEnvironment(world, 'https')],
    [', local backend', localEnvironment(world)],
  ])) {
    for (const verb of ['put', 'get']) {
      const peak = peakOf(world, [LAZYCRED, verb, 'large', ...(verb === 'put' ? [file] : [])], env)
      const ratio = (peak - node) / SIZE
      rows.push({
        what: `peak memory, ${verb} of 100 MB${place}`,
        against: 'the secret',
        unit: '×',
        median: ratio,
        low: ratio,
        high: ratio,
        goal: { atMost: 3 },
      })
    }
  }
  return rows
}

/** @param {World} world @param {string[]} args @param {Record<string, string>} env @returns {number} bytes */
function peakOf({ folder }, args, env) {
  const report = join(folder, 'peak')
  const out = openSync('/dev/null', 'w')
  const argv = ['--require', join(PROJECT, 'bench/report-peak.cjs'), ...args]
  const { status, stderr } = spawnSync(process.execPath, argv, {
    env: { ...env, LAZYCRED_BENCH_PEAK: report },
    stdio: ['ignore', out, 'pipe'],
  })
  closeSync(out)
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return Number(readFileSync(report, 'utf8')) * 1024
}
