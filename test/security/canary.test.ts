/** SECURITY.md: nothing secret is in any error, log, temporary file or process argument. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { get, LazyCred, put, setConfig, setLogger, type Config } from '../../src/index.js'
import type { Fault } from '../support/aws/http.js'
import { CANARY, everythingOf, expectSilence, plaintextIn } from '../support/canary.js'
import { PROJECT } from '../support/sandbox.js'
import { startStandIns, type StandIns } from '../support/stand-ins.js'

const config: Config = { s3_path: 'vault/team/', key_alias: 'lazy', region: 'us-east-1' }

/** As KMS explains a signature: with the headers that were signed, the session token among them. */
const EXPLAINED = `The request signature we calculated does not match the signature you provided.

The Canonical String for this request should have been
'POST
/

x-amz-security-token:${CANARY}`

const faults: [string, 's3' | 'kms', Fault][] = [
  ['access denied', 's3', { kind: 'error', status: 403, code: 'AccessDenied' }],
  ['an error nobody knows', 's3', { kind: 'error', status: 400, code: 'Strange' }],
  ['no S3', 's3', { kind: 'error', status: 502, code: 'InternalError' }],
  ['a reset', 's3', { kind: 'reset', at: 'body' }],
  ['a cut', 's3', { kind: 'truncate' }],
  ['access denied by KMS', 'kms', { kind: 'error', status: 400, code: 'AccessDeniedException' }],
  [
    'a signature that KMS explains',
    'kms',
    { kind: 'error', status: 400, code: 'InvalidSignatureException', message: EXPLAINED },
  ],
  ['an answer of KMS that is cut', 'kms', { kind: 'truncate' }],
  ['a reset by KMS', 'kms', { kind: 'reset', at: 'body' }],
]

function useEnvironment({ sandbox }: StandIns): void {
  for (const [name, value] of Object.entries(sandbox.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, value)
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe.each(faults)('after %s', (_what, service, fault) => {
  it('the error of a put or a get holds neither the value nor a data key nor credentials', async () => {
    const servers = await startStandIns()
    useEnvironment(servers)
    const lazycred = new LazyCred(config)
    await lazycred.put('db', CANARY)
    servers[service].inject(fault)
    const attempts = [lazycred.put('db', CANARY), lazycred.put('db', Buffer.from(CANARY)), lazycred.get('db')]
    const settled = await Promise.allSettled(attempts)
    const dataKeys = servers.kms.requests.flatMap(({ request }) => plaintextIn(request.body))
    for (const result of settled) {
      if (result.status === 'fulfilled') continue
      const shown = everythingOf(result.reason)
      expectSilence(shown)
      for (const dataKey of dataKeys) expect(shown).not.toContain(dataKey)
      expect(shown).not.toContain('wJalrXUtnFEMI/K7MDENG')
    }
    expect(settled.some(({ status }) => status === 'rejected')).toBe(true)
  })

  it('the command says nothing of the value, with --verbose either', async () => {
    const servers = await startStandIns()
    const { sandbox } = servers
    await sandbox.lazycred(['put', 'db'], { input: CANARY })
    servers[service].inject(fault)
    for (const verb of ['put', 'get']) {
      const env = { AWS_MAX_ATTEMPTS: '1' }
      const { stderr } = await sandbox.lazycred(['--verbose', verb, 'db'], { input: CANARY, env })
      expectSilence(stderr)
    }
    for (const file of await filesBelow(sandbox.root)) expectSilence((await readFile(file)).toString('latin1'))
  })
})

describe.each([
  ['while KMS is asked', 'kms', 'Encrypt'],
  ['while S3 is asked', 's3', 'PutObject'],
] as const)('%s', (_when, service, operation) => {
  it('neither the arguments nor the environment of the process nor any file hold the value', async () => {
    const servers = await startStandIns()
    const { root, cwd, env } = servers.sandbox
    servers[service].inject({ kind: 'silence', at: 'headers' }, { operation, times: 1 })
    const options = { cwd, env: { ...env, TMPDIR: root } }
    const child = spawn(process.execPath, [join(PROJECT, 'bin/lazycred.js'), 'put', 'db'], options)
    child.stdin.end(CANARY)
    const asked = (): boolean => servers[service].requests.some((each) => each.operation === operation)
    await expect.poll(asked, { timeout: 10_000 }).toBe(true)
    const shown = ['cmdline', 'environ'].map((file) => `/proc/${child.pid}/${file}`)
    for (const file of [...shown, ...(await filesBelow(root))]) expectSilence((await readFile(file)).toString('latin1'))
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
})

it.each(faults)('after %s the functions log nothing of the value, at whatever level', async (_what, service, fault) => {
  const servers = await startStandIns()
  useEnvironment(servers)
  const log = vi.fn()
  setLogger({ error: log, warn: log, debug: log })
  setConfig(config)
  expect(await put('db', CANARY)).toBe(true)
  servers[service].inject(fault)
  const failed = [await put('db', CANARY), await get('db')].filter((given) => given === false || given === null)
  expect(failed).not.toEqual([])
  setLogger(null)
  setConfig(null)
  expect(log).toHaveBeenCalled()
  expectSilence(JSON.stringify(log.mock.calls))
})

/** Answers every request with what it was sent, as a debugging proxy does, or KMS where a signature does not fit. */
async function startEcho(): Promise<{ url: string; sent: string[] }> {
  const sent: string[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { Plaintext = '' } = JSON.parse(body) as { Plaintext?: string }
      sent.push(Plaintext, Buffer.from(Plaintext, 'base64').toString())
      const message = `the request was\n${JSON.stringify(request.headers)}\n${body} and ${Plaintext.slice(0, 30)}`
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': Plaintext }
      response.writeHead(400, headers).end(JSON.stringify({ __type: `Strange${Plaintext}`, message }))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent }
}

it('an answer that quotes the request is told without its data key and its session token', async () => {
  const servers = await startStandIns()
  const echo = await startEcho()
  const token = 'FwoGZXIvYXdzEBYaDNotASessionTokenButAsLongAsOne1234567890'
  const env = { AWS_ENDPOINT_URL_KMS: echo.url, AWS_SESSION_TOKEN: token, AWS_MAX_ATTEMPTS: '1' }
  const { status, stderr } = await servers.sandbox.lazycred(['--verbose', 'put', 'db'], { input: CANARY, env })
  expect(status).toBe(1)
  expect(stderr).toContain('the request was')
  expectSilence(stderr)
  expect(echo.sent).toHaveLength(2)
  for (const secret of [token, ...echo.sent]) {
    expect(stderr).not.toContain(secret)
    expect(stderr).not.toContain(secret.slice(0, 30))
  }
})

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
