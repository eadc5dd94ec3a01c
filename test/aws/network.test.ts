import { describe, expect, it } from 'vitest'
import type { Fault } from '../support/aws/http.js'
import type { RunResult } from '../support/run.js'
import { startStandIns, type StandIns } from '../support/stand-ins.js'

const OPERATIONS = { get: { s3: 'GetObject', kms: 'Decrypt' }, put: { s3: 'PutObject', kms: 'Encrypt' } } as const
type Verb = keyof typeof OPERATIONS
type Service = 's3' | 'kms'

const everyCase = (['get', 'put'] as const).flatMap((verb) =>
  (['s3', 'kms'] as const).map((service) => ({ verb, service })),
)

/** One attempt, so that the time limits of one are what is waited for. */
const once = { AWS_MAX_ATTEMPTS: '1' }

async function withSecret(): Promise<StandIns> {
  const servers = await startStandIns()
  expect(await servers.sandbox.lazycred(['put', 'db'], { input: 'old' })).toMatchObject({ status: 0, stderr: '' })
  return servers
}

async function attempt({ s3, sandbox }: StandIns, verb: Verb, env: Record<string, string> = {}): Promise<RunResult> {
  const before = s3.readObject('vault', 'team/db')
  const result = await sandbox.lazycred([verb, 'db'], { input: 'new', env: { ...once, ...env } })
  expect(s3.readObject('vault', 'team/db')).toEqual(before)
  return result
}

function expectTold(result: RunResult, code: string, words: string): void {
  expect({ ...result, stdout: result.stdout.toString() }).toMatchObject({ status: 1, stdout: '' })
  expect(result.stderr).toMatch(
    new RegExp(`^ERROR:LazyCredLogger:Unable to (get|put) <Key: vault,team/db>\\. ${code}: `),
  )
  expect(result.stderr).toContain(words)
  expect(result.stderr.trimEnd().split('\n')).toHaveLength(2)
}

/** Faults that do not have to be waited for are in test/security/fault-table.test.ts. */
describe('a network that fails is told with the service, its endpoint and the reason', () => {
  // These wait for real time limits, so they wait together.
  it('when a server accepts the connection and never answers, or falls silent after its headers', async () => {
    const cases = [
      ...everyCase.map((each) => ({ ...each, at: 'headers' as const })),
      ...everyCase
        .filter(({ verb, service }) => verb === 'get' || service === 'kms')
        .map((each) => ({ ...each, at: 'body' as const })),
    ]
    const waits = cases.map(async ({ verb, service, at }) => {
      const servers = await withSecret()
      servers[service].inject({ kind: 'silence', at })
      const result = await attempt(servers, verb)
      expectTold(
        result,
        'TIMEOUT',
        `${service.toUpperCase()} at ${servers[service].url}: it was silent for more than 10 seconds`,
      )
    })
    await Promise.all([...waits, kernelOnly(), afterTheWrite()])
  })

  async function kernelOnly(): Promise<void> {
    const servers = await withSecret()
    servers.s3.silenceConnections(true)
    expectTold(
      await attempt(servers, 'get'),
      'TIMEOUT',
      `S3 at ${servers.s3.url}: it was silent for more than 10 seconds`,
    )
  }

  async function afterTheWrite(): Promise<void> {
    const servers = await withSecret()
    servers.s3.inject({ kind: 'silence', at: 'body' }, { operation: 'PutObject' })
    const result = await servers.sandbox.lazycred(['put', 'db'], { input: 'new', env: once })
    expectTold(result, 'TIMEOUT', 'Whether S3 took the new value is not known')
    expect((await servers.sandbox.lazycred(['get', 'db'])).stdout.toString()).toBe('new')
  }
})

describe('a write whose answer is lost', () => {
  it('fails, says that the outcome is not known, and leaves a whole record', async () => {
    const servers = await withSecret()
    servers.s3.inject({ kind: 'reset', at: 'body' }, { operation: 'PutObject' })
    const result = await servers.sandbox.lazycred(['put', 'db'], { input: 'new', env: once })
    expect(result.status).toBe(1)
    expect(result.stderr).toContain('Whether S3 took the new value is not known')
    const { stdout } = await servers.sandbox.lazycred(['get', 'db'])
    expect(['old', 'new']).toContain(stdout.toString())
  })
})

describe('what passes by is overcome by trying again', () => {
  const passing: [string, Service, Fault][] = [
    ['an internal error of S3', 's3', { kind: 'error', status: 500, code: 'InternalError' }],
    ['SlowDown', 's3', { kind: 'error', status: 503, code: 'SlowDown' }],
    ['a reset by S3', 's3', { kind: 'reset', at: 'headers' }],
    ['a clock that was found wrong', 's3', { kind: 'error', status: 403, code: 'RequestTimeTooSkewed' }],
    ['a clock that KMS found wrong', 'kms', { kind: 'error', status: 400, code: 'RequestTimeTooSkewed' }],
    ['ThrottlingException', 'kms', { kind: 'error', status: 400, code: 'ThrottlingException' }],
    ['an internal error of KMS', 'kms', { kind: 'error', status: 500, code: 'KMSInternalException' }],
    ['a reset by KMS', 'kms', { kind: 'reset', at: 'headers' }],
  ]
  it.each(passing)('%s', async (_what, service, fault) => {
    const servers = await startStandIns()
    servers[service].inject(fault, { operation: OPERATIONS.put[service], times: 1 })
    servers[service].inject(fault, { operation: OPERATIONS.get[service], times: 1 })
    expect(await servers.sandbox.lazycred(['put', 'db'], { input: 'value' })).toMatchObject({ status: 0, stderr: '' })
    const { status, stdout, stderr } = await servers.sandbox.lazycred(['get', 'db'])
    expect({ status, stdout: stdout.toString(), stderr }).toEqual({ status: 0, stdout: 'value', stderr: '' })
  })

  it('and silence too, in bounded time', async () => {
    const servers = await withSecret()
    servers.kms.inject({ kind: 'silence', at: 'headers' }, { operation: 'Decrypt', times: 1 })
    const { status, stdout } = await servers.sandbox.lazycred(['get', 'db'])
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: 'old' })
  })
})
