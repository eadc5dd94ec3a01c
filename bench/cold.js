/** The command, cold, as scripts call it: whole processes from start to end. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findAwsCli, findPythonOriginal } from './peers.js'
import { interleave, ratios, run, RUNS, spread } from './measure.js'
import { awsEnvironment, LAZYCRED, localEnvironment, PROJECT } from './world.js'

/** @typedef {import('./measure.js').Command} Command */
/** @typedef {import('./table.js').Row} Row */
/** @typedef {import('./world.js').World} World */

const NODE = process.execPath
const FLOOR = join(PROJECT, 'bench/floor.cjs')
const SECRET = 'D4nger Zone'

/** @param {World} world @returns {Promise<Row[]>} */
export async function measureCold(world) {
  const aws = awsEnvironment(world, 'https')
  const local = localEnvironment(world)
  const input = Buffer.from(SECRET)
  const put = [NODE, LAZYCRED, 'put', 'secret']
  const get = [NODE, LAZYCRED, 'get', 'secret']
  const commands = [
    { name: 'node', argv: [NODE, '-e', '0'], env: local },
    { name: 'floor put', argv: [NODE, FLOOR, 'put', '/bench/floor'], env: aws },
    { name: 'floor get', argv: [NODE, FLOOR, 'get', '/bench/floor'], env: aws },
    { name: 'put', argv: put, env: aws, input },
    { name: 'get', argv: get, env: aws },
    { name: 'get, no code cache', argv: get, env: { ...aws, NODE_DISABLE_COMPILE_CACHE: '1' } },
    { name: 'local put', argv: put, env: local, input },
    { name: 'local get', argv: get, env: local },
  ]
  const times = await interleave(commands)
  const against = byName(times)
  return [
    against('get', 'floor get', 'cold get', 'node:https alone', { atMost: 1.6 }),
    against('put', 'floor put', 'cold put', 'node:https alone', { atMost: 1.6 }),
    against('get, no code cache', 'floor get', 'cold get, first run (no code cache yet)', 'node:https alone'),
    against('floor get', 'node', 'the floor: node:https alone', 'node -e 0'),
    against('get', 'node', 'cold get', 'node -e 0'),
    against('put', 'node', 'cold put', 'node -e 0'),
    against('local get', 'node', 'cold get, local backend', 'node -e 0', { atMost: 1.5 }),
    against('local put', 'node', 'cold put, local backend', 'node -e 0'),
    ...(await measurePeers(world, commands)),
  ]
}

/** @param {World} world @param {readonly Command[]} commands @returns {Promise<Row[]>} */
async function measurePeers(world, commands) {
  const ours = commands.filter(({ name }) => name === 'get' || name === 'put')
  const original = await findPythonOriginal()
  const awsCli = await findAwsCli()
  const peers = [
    ...(original ? pythonOriginal(world, original) : []),
    ...(awsCli ? await awsCommands(world, awsCli) : []),
  ]
  const times = await interleave([...ours, ...peers], Math.ceil(RUNS / 3))
  const against = byName(times)
  /** @param {string} peer @param {string} verb @param {string} what @param {number} atLeast @returns {Row} */
  const timesFaster = (peer, verb, what, atLeast) =>
    times.has(peer)
      ? against(peer, verb, what, `cold ${verb}`, { atLeast })
      : { what, against: `cold ${verb}`, unit: '×', absent: true }
  return [
    timesFaster('aws get', 'get', 'AWS CLI: s3 cp and kms decrypt', 15),
    timesFaster('aws put', 'put', 'AWS CLI: kms encrypt and s3 cp', 15),
    timesFaster('python get', 'get', 'Python original’s path, get', 2),
    timesFaster('python put', 'put', 'Python original’s path, put', 2),
  ]
}

/** @param {World} world @param {string} python @returns {Command[]} */
function pythonOriginal(world, python) {
  const env = awsEnvironment(world, 'https')
  const script = join(PROJECT, 'bench/python-original.py')
  return [
    { name: 'python put', argv: [python, script, 'put', 'python'], env, input: Buffer.from(SECRET) },
    { name: 'python get', argv: [python, script, 'get', 'python'], env },
  ]
}

/** What a script without LazyCred would do; the AWS CLI has no Fernet, so a little less. @param {World} world @param {string} aws @returns {Promise<Command[]>} */
async function awsCommands(world, aws) {
  const env = awsEnvironment(world, 'https')
  const blob = join(world.folder, 'blob')
  writeFileSync(blob, 'wrapped')
  const shell = (/** @type {string} */ line) => ['/bin/sh', '-c', line]
  // CLIs before 2.13 do not know the variables.
  const s3 = `${aws} s3 cp --quiet --endpoint-url ${env['AWS_ENDPOINT_URL_S3']} --no-verify-ssl`
  const kms = `${aws} kms --endpoint-url ${env['AWS_ENDPOINT_URL_KMS']} --no-verify-ssl`
  const put = `${kms} encrypt --key-id alias/bench --plaintext fileb://${blob} >/dev/null && ${s3} ${blob} s3://bench/aws`
  const get = `${s3} s3://bench/aws - >/dev/null && ${kms} decrypt --ciphertext-blob fileb://${blob} >/dev/null`
  const commands = [
    { name: 'aws put', argv: shell(put), env },
    { name: 'aws get', argv: shell(get), env },
  ]
  for (const command of commands) await run(command)
  return commands
}

/**
 * A get from the start of the process to its last byte, a put to the end of the process, which writes nothing.
 *
 * @param {World} world @param {number} delayMs
 * @returns {Promise<Row[]>}
 */
export async function measureRoundTrips(world, delayMs) {
  const env = awsEnvironment(world, 'far')
  const input = Buffer.from(SECRET)
  const puts = await interleave([
    { name: 'floor', argv: [NODE, FLOOR, 'put', '/bench/far'], env },
    { name: 'lazycred', argv: [NODE, LAZYCRED, 'put', 'secret'], env, input },
  ])
  const gets = await interleave(
    [
      { name: 'floor', argv: [NODE, FLOOR, 'get', '/bench/far'], env },
      { name: 'lazycred', argv: [NODE, LAZYCRED, 'get', 'secret'], env },
    ],
    RUNS,
    'lastByteMs',
  )
  /** @param {number[]} [times] @returns {Pick<Row, 'against' | 'unit' | 'median' | 'low' | 'high'>} */
  const inRoundTrips = (times = []) => ({
    against: `round trip of ${2 * delayMs} ms`,
    unit: 'RT',
    ...spread(times.map((ms) => ms / (2 * delayMs))),
  })
  return [
    { what: 'cold get', ...inRoundTrips(gets.get('lazycred')), goal: { atMost: 5.5 } },
    { what: 'cold put', ...inRoundTrips(puts.get('lazycred')), goal: { atMost: 5.5 } },
    { what: 'node:https alone, get', ...inRoundTrips(gets.get('floor')) },
    { what: 'node:https alone, put', ...inRoundTrips(puts.get('floor')) },
  ]
}

/** @param {ReadonlyMap<string, number[]>} times */
function byName(times) {
  /** @param {string} name @param {string} other @param {string} what @param {string} against @param {import('./table.js').Goal} [goal] @returns {Row} */
  return (name, other, what, against, goal) => ({
    what,
    against,
    unit: '×',
    ...spread(ratios(times.get(name) ?? [], times.get(other) ?? [])),
    ...(goal && { goal }),
  })
}
