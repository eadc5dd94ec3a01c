/**
 * Faults of the network and of AWS, a row each, for put and for get: the right status and code, the old record intact,
 * and no secret told, by the command and by the library. What takes until a time limit is in test/aws/network.test.ts.
 */
import dns from 'node:dns'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LazyCred, type LazyCredError } from '../../src/index.js'
import { TEST_CREDENTIALS } from '../support/aws/sigv4.js'
import { CANARY, everythingOf, expectSilence, plaintextIn } from '../support/canary.js'
import { ANSWERED_DATA_KEY, faultRows, type Env, type FaultRow } from '../support/fault-rows.js'
import { startStandIns, type StandIns } from '../support/stand-ins.js'

const OLD = `old ${CANARY}`
const NEW = `new ${CANARY}`
const config = { s3_path: 'vault/team/', key_alias: 'lazy', region: 'us-east-1' }
/** Retries are not the point here. */
const once: Env = { AWS_MAX_ATTEMPTS: '1' }

function inEnvironment(env: Env): void {
  for (const [name, value] of Object.entries(env)) if (name.startsWith('AWS_')) vi.stubEnv(name, value)
}

/** @returns what the servers were sent and said must not show, besides the canary */
function secretsOf({ kms }: StandIns): string[] {
  const dataKeys = kms.requests.flatMap(({ request }) => plaintextIn(request.body))
  const answered = [ANSWERED_DATA_KEY, Buffer.from(ANSWERED_DATA_KEY).toString('base64')]
  return [...dataKeys, ...answered, TEST_CREDENTIALS.secretAccessKey]
}

function expectNoSecret(text: string, servers: StandIns): void {
  expectSilence(text)
  for (const secret of secretsOf(servers)) expect(text).not.toContain(secret)
}

/** Puts the old value, then has the fault happen to what comes next. */
async function arranged({ arrange }: FaultRow): Promise<{ servers: StandIns; env: Env }> {
  const servers = await startStandIns()
  inEnvironment(servers.sandbox.env)
  await new LazyCred(config).put('db', OLD)
  return { servers, env: { ...once, ...(await arrange(servers)) } }
}

/** The record is whole and holds the old value; after a fault that struck late, either one. */
async function expectIntact({ late, verb }: FaultRow, servers: StandIns, before: Buffer | undefined): Promise<void> {
  const isLate = late === true && verb === 'put'
  if (!isLate) expect(servers.s3.readObject('vault', 'team/db')).toEqual(before)
  for (const server of [servers.s3, servers.kms]) server.clearFaults()
  servers.kms.setState(servers.keyId, 'Enabled')
  vi.unstubAllEnvs()
  inEnvironment(servers.sandbox.env)
  expect(isLate ? [OLD, NEW] : [OLD]).toContain(await new LazyCred(config).get('db'))
}

beforeEach(() => {
  const { lookup } = dns
  const without = (name: string, ...rest: [dns.LookupOptions, (error: Error) => void]): void => {
    if (!name.endsWith('.invalid')) (lookup as (...args: unknown[]) => void)(name, ...rest)
    else process.nextTick(rest[1], Object.assign(new Error('not found'), { code: 'ENOTFOUND' }))
  }
  vi.spyOn(dns, 'lookup').mockImplementation(without as typeof dns.lookup)
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('the command', () => {
  it.each(faultRows)('$verb, $service: $what: $code', async (row) => {
    const { servers, env } = await arranged(row)
    const before = servers.s3.readObject('vault', 'team/db')
    const options = { input: NEW, env, limitMs: 30_000 }
    const { status, stdout, stderr } = await servers.sandbox.lazycred(['--verbose', row.verb, 'db'], options)
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' })
    const line = `ERROR:LazyCredLogger:Unable to ${row.verb} <Key: vault,team/db>. ${row.code}: `
    expect(stderr).toContain(line)
    expect(stderr.slice(stderr.indexOf(line) + line.length)).toMatch(row.told)
    expectNoSecret(stderr, servers)
    await expectIntact(row, servers, before)
  })
})

describe('the library', () => {
  it.each(faultRows)('$verb, $service: $what: $code', async (row) => {
    const { servers, env } = await arranged(row)
    const before = servers.s3.readObject('vault', 'team/db')
    inEnvironment(env)
    const lazycred = new LazyCred(config)
    const call = row.verb === 'get' ? lazycred.get('db') : lazycred.put('db', NEW)
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => thrown as LazyCredError,
    )
    expect(error).toMatchObject({ name: 'LazyCredError', code: row.code, verb: row.verb, secretName: 'db' })
    expectNoSecret(everythingOf(error), servers)
    await expectIntact(row, servers, before)
  })
})
