/**
 * Faults, each for put and for get: bounded time, the right status and code, the old record intact. Those of the network
 * and of AWS are in the table of test/security/fault-table.test.ts, those of a disk in test/local.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { selfSignedCertificate } from '../support/aws/certificate.js'
import { PROJECT } from '../support/sandbox.js'
import { startStandIns, type StandIns } from '../support/stand-ins.js'

const verbs = ['get', 'put'] as const

async function withSecret(servers: Promise<StandIns> = startStandIns()): Promise<StandIns> {
  const all = await servers
  expect(await all.sandbox.lazycred(['put', 'db'], { input: 'old' })).toMatchObject({ status: 0, stderr: '' })
  return all
}

async function valueNow({ sandbox }: StandIns): Promise<string> {
  return (await sandbox.lazycred(['get', 'db'])).stdout.toString()
}

describe.each(verbs)('%s', (verb) => {
  it('when the TLS certificate is not trusted, until it is', async () => {
    const tls = selfSignedCertificate()
    const servers = await startStandIns({ s3: { tls } })
    const refused = await servers.sandbox.lazycred([verb, 'db'], { input: 'new' })
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(
      /UNREACHABLE: S3 at https:\S+: its TLS certificate is not trusted .*\n.*NODE_EXTRA_CA_CERTS/,
    )
    expect(servers.s3.listObjects('vault')).toEqual([])
    const authority = await servers.sandbox.write('authority.pem', tls.cert)
    const { status } = await servers.sandbox.lazycred([verb, 'db'], {
      input: 'new',
      env: { NODE_EXTRA_CA_CERTS: authority },
    })
    expect(status).toBe(verb === 'get' ? 3 : 0)
  })

  it('when the clock of this machine is off, which the SDK corrects', async () => {
    const servers = await startStandIns({ s3: { now: () => new Date(Date.now() + 3_600_000) } })
    const { status, stderr } = await servers.sandbox.lazycred([verb, 'db'], { input: 'new' })
    expect(status).toBe(verb === 'get' ? 3 : 0)
    if (verb === 'put') expect(stderr).toBe('')
    expect(servers.s3.requests[0]?.status).toBe(403)
  })
})

describe('what lies there instead of a record', () => {
  it.each([
    ['an empty object', Buffer.alloc(0), /RECORD_DAMAGED: .* it is empty/],
    ['300 MB of zeros', Buffer.alloc(300_000_000), /RECORD_DAMAGED: /],
    ['more than any record has', Buffer.alloc(400_000_000), /RECORD_DAMAGED: .* larger than/],
  ])('%s is refused, and can be put over', async (_what, body, told) => {
    const servers = await startStandIns()
    servers.s3.writeObject('vault', 'team/db', body)
    const { status, stdout, stderr } = await servers.sandbox.lazycred(['get', 'db'])
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(told)
    expect(servers.kms.requests).toEqual([])
    await withSecret(Promise.resolve(servers))
  })

  it.each(['overwritten', 'deleted'])(
    'a record that is %s between the two requests does no harm to who has read it',
    async (what) => {
      const servers = await withSecret()
      servers.kms.inject({ kind: 'delay', at: 'headers', ms: 1500 }, { operation: 'Decrypt', times: 1 })
      const reading = servers.sandbox.lazycred(['get', 'db'])
      const asked = () => servers.kms.requests.some(({ operation }) => operation === 'Decrypt')
      await expect.poll(asked, { timeout: 10_000 }).toBe(true)
      if (what === 'deleted') servers.s3.deleteObject('vault', 'team/db')
      else servers.s3.writeObject('vault', 'team/db', Buffer.from('other'))
      expect((await reading).stdout.toString()).toBe('old')
    },
  )

  it('nothing, where the record was deleted between get --etag and put --if-match, and so it stays', async () => {
    const { s3, sandbox } = await withSecret()
    await sandbox.lazycred(['get', '--etag', 'tag', 'db'])
    s3.deleteObject('vault', 'team/db')
    const { status, stderr } = await sandbox.shell('printf new | lazycred put --if-match "$(cat tag)" db')
    expect(status).toBe(1)
    expect(stderr).toContain('. CONDITION_FAILED: ')
    expect(s3.listObjects('vault')).toEqual([])
  })
})

describe('the memory of a process that reads 300 MB of zeros', () => {
  const size = 300_000_000
  const source = `
    import { LazyCred } from 'lazycred'
    const { code } = await new LazyCred().get('db').catch((error) => error)
    console.log(JSON.stringify({ code, peakKb: process.resourceUsage().maxRSS }))`

  async function expectRefused(
    limitKb: number,
    { sandbox }: StandIns,
    env: Record<string, string> = {},
  ): Promise<void> {
    const { stdout } = await sandbox.node(source, { env })
    const { code, peakKb } = JSON.parse(stdout.toString()) as { code: string; peakKb: number }
    expect(code).toBe('RECORD_DAMAGED')
    expect(peakKb).toBeLessThan(limitKb)
  }

  it('is bounded by them where their length is told', async () => {
    const servers = await startStandIns()
    servers.s3.writeObject('vault', 'team/db', Buffer.alloc(size))
    await expectRefused(600_000, servers)
  })

  it.each(['until it is too much', 'to their end'])('is bounded where they come in chunks, %s', async (how) => {
    const url = await startZeros(how === 'to their end' ? size : Infinity)
    await expectRefused(1_200_000, await startStandIns(), { AWS_ENDPOINT_URL_S3: url })
  })

  /** Answers with so many zeros, in chunks. */
  async function startZeros(count: number): Promise<string> {
    const zeros = Buffer.alloc(1_000_000)
    const server = createServer((_, response) => {
      let left = count
      const more = (): void => {
        for (; left > 0; left -= zeros.length) if (!response.write(zeros)) return
        response.end()
      }
      response.on('drain', more)
      more()
    })
    return urlOf(server)
  }
})

/** Has the server listen until the test has finished. */
async function urlOf(server: Server): Promise<string> {
  onTestFinished(() => {
    server.close().closeAllConnections()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('an answer without an end', () => {
  const chunk = Buffer.alloc(65_536, ' ')

  it.each(['S3', 'KMS'])('of %s is not read to the end of memory', async (service) => {
    const { sandbox } = await startStandIns()
    const server = createServer((_, response) => {
      const more = (): void => {
        while (response.write(chunk));
      }
      response.writeHead(400).on('drain', more)
      more()
    })
    const env = { [`AWS_ENDPOINT_URL_${service}`]: await urlOf(server) }
    const { status, stderr } = await sandbox.lazycred(['put', 'db'], { input: 'new', env, limitMs: 20_000 })
    expect(status).toBe(1)
    expect(stderr).toContain('SERVICE_ERROR: the answer is larger than')
  })
})

describe('a put that is ended by a signal', () => {
  const signals = ['SIGTERM', 'SIGINT', 'SIGKILL'] as const
  const stages = [
    ['while KMS is asked', 'kms', 'Encrypt'],
    ['while S3 is asked', 's3', 'PutObject'],
  ] as const
  const cases = stages.flatMap(([what, service, operation]) =>
    signals.map((signal) => ({ what, service, operation, signal })),
  )
  it.each(cases)(
    '$what, by $signal, leaves the old record or the new one, whole',
    async ({ service, operation, signal }) => {
      const servers = await withSecret()
      servers[service].inject({ kind: 'silence', at: 'headers' }, { operation, times: 1 })
      const { cwd, env } = servers.sandbox
      const child = spawn(process.execPath, [join(PROJECT, 'bin/lazycred.js'), 'put', 'db'], { cwd, env })
      child.stdin.end('new')
      const asked = () => servers[service].requests.filter((each) => each.operation === operation).length
      await expect.poll(asked, { timeout: 10_000 }).toBe(2)
      child.kill(signal)
      expect(await once(child, 'exit')).toEqual([null, signal])
      servers[service].clearFaults()
      expect(await valueNow(servers)).toBe('old')
    },
  )

  it.each(signals)('before its value has come to an end, by %s, stores nothing', async (signal) => {
    const servers = await withSecret()
    const { cwd, env } = servers.sandbox
    const child = spawn(process.execPath, [join(PROJECT, 'bin/lazycred.js'), 'put', 'db'], { cwd, env })
    child.stdin.write('half of the val')
    await new Promise((resolve) => setTimeout(resolve, 500))
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([null, signal])
    expect(await valueNow(servers)).toBe('old')
  })
})

describe('standard streams that are closed or full', () => {
  it.each([
    ['stdin closed', 'lazycred put db <&-', 'INPUT_UNREADABLE: standard input is closed'],
    ['stdin closed, and named', 'lazycred put db /dev/stdin <&-', 'INPUT_UNREADABLE: standard input is closed'],
    ['stdout closed', 'lazycred get db >&-', 'OUTPUT_FAILED: standard output is closed'],
    [
      'stdout full',
      'lazycred get db >/dev/full',
      'OUTPUT_FAILED: standard output cannot be written: no space left on device (ENOSPC)',
    ],
  ])('%s: status 1, never 0, and nothing is stored', async (_what, line, told) => {
    const servers = await withSecret()
    const { status, stderr } = await servers.sandbox.shell(line)
    expect(status).toBe(1)
    expect(stderr).toContain(told)
    expect(await valueNow(servers)).toBe('old')
  })

  it('/dev/null is an empty value, and a place for one', async () => {
    const servers = await withSecret()
    expect((await servers.sandbox.shell('lazycred get db >/dev/null')).status).toBe(0)
    expect((await servers.sandbox.shell('lazycred put db </dev/null')).status).toBe(0)
    expect(await valueNow(servers)).toBe('')
  })
})
