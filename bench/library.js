/** The library in an application: what its import costs, and what a call costs over the requests it is made of. */
import { join } from 'node:path'
import { interleave, run, RUNS, spread } from './measure.js'
import { awsEnvironment, localEnvironment, PROJECT } from './world.js'

/** @typedef {import('./table.js').Row} Row */
/** @typedef {import('./world.js').World} World */

const NODE = process.execPath
const INDEX = join(PROJECT, 'dist/index.js')
const SECRETS = 1000

/** @param {World} world @returns {Promise<Row[]>} */
export async function measureLibrary(world) {
  return [...(await importCost(world)), await warmGet(world), ...(await manyGets(world))]
}

/** @param {World} world @returns {Promise<Row[]>} */
async function importCost(world) {
  const env = localEnvironment(world)
  const module = (/** @type {string} */ source) => [NODE, '--input-type=module', '-e', source]
  const commands = [
    { name: 'module', argv: module('0'), env },
    { name: 'import', argv: module(`import { get } from ${JSON.stringify(INDEX)}`), env },
    { name: 'node', argv: [NODE, '-e', '0'], env },
    { name: 'require', argv: [NODE, '-e', `require(${JSON.stringify(INDEX)})`], env },
  ]
  const times = await interleave(commands)
  /** @param {string} name @param {string} base @param {string} what @returns {Row} */
  const row = (name, base, what) => ({
    what,
    against: 'the same without it',
    unit: 'ms more',
    ...spread((times.get(name) ?? []).map((ms, round) => ms - (times.get(base)?.[round] ?? NaN))),
    goal: { atMost: 5 },
  })
  return [row('import', 'module', "import { get } from 'lazycred'"), row('require', 'node', "require('lazycred')")]
}

/** @param {World} world @returns {Promise<Row>} */
async function warmGet(world) {
  const argv = [NODE, join(PROJECT, 'bench/warm.js')]
  const { stdout } = await run({ name: 'warm get', argv, env: awsEnvironment(world, 'https') })
  /** @type {{ gets: number[], floors: number[] }} */
  const { gets, floors } = JSON.parse(stdout.toString())
  const ratios = gets.map((ms, round) => ms / (floors[round] ?? NaN))
  return { what: 'warm get', against: 'its two requests alone', unit: '×', ...spread(ratios) }
}

/** @param {World} world @returns {Promise<Row[]>} */
async function manyGets(world) {
  const argv = [NODE, join(PROJECT, 'bench/many.js'), String(SECRETS)]
  // What was counted before is of no interest.
  await countsOf(world)
  const rounds = []
  for (let round = 0; round < Math.ceil(RUNS / 5); round++) {
    const { stdout } = await run({ name: 'many gets', argv, env: awsEnvironment(world, 'far') })
    const counts = await countsOf(world)
    /** @type {{ one: number, all: number }} */
    const { one, all } = JSON.parse(stdout.toString())
    rounds.push({ part: (100 * all) / (SECRETS * one), most: Math.max(counts.s3.most, counts.kms.most), ...counts })
  }
  const what = `${SECRETS} gets, one instance`
  return [
    { what, against: 'one after the other', unit: '%', ...spread(rounds.map(({ part }) => part)), goal: { atMost: 5 } },
    {
      what: `${what}: most connections to a host`,
      against: '',
      unit: '',
      ...spread(rounds.map(({ most }) => most)),
      goal: { atMost: 50 },
    },
    {
      what: `${what}: requests, of ${2 * SECRETS} needed`,
      against: '',
      unit: '',
      ...spread(rounds.map(({ requests }) => requests - 2 * WARM_UPS)),
    },
  ]
}

/** What many.js does before it is measured: a put, and gets to learn how long one takes. */
const WARM_UPS = 11

/** @param {World} world @returns {Promise<{ requests: number, s3: { most: number }, kms: { most: number } }>} since it was last asked */
async function countsOf({ servers }) {
  const response = await fetch(`http://127.0.0.1:${servers.counts}/`)
  return /** @type {any} */ (await response.json())
}
