import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { selfSignedCertificate } from '../support/aws/certificate.js'
import { faces } from '../support/faces.js'
import { outcome, printed } from '../support/outcome.js'
import { startRelay, type Relay, type Treatment } from '../support/relay.js'
import { startStandIns, type StandIns } from '../support/stand-ins.js'

interface World extends StandIns {
  /** In front of the servers, which speak TLS. */
  readonly toS3: Relay
  readonly toKms: Relay
}

/** The secret `db` is there. */
async function startWorld(host = '127.0.0.1'): Promise<World> {
  const tls = selfSignedCertificate()
  const servers = await startStandIns({ s3: { tls }, kms: { tls } })
  const { s3, kms, sandbox } = servers
  const authority = await sandbox.write('authority.pem', tls.cert)
  Object.assign(sandbox.env, { NODE_EXTRA_CA_CERTS: authority })
  await sandbox.lazycred(['put', 'db'], { input: 'value' })
  const [toS3, toKms] = [await startRelay(s3.port, host), await startRelay(kms.port, host)]
  Object.assign(sandbox.env, endpoints(host.includes(':') ? `[${host}]` : host, { toS3, toKms }))
  for (const { requests } of [s3, kms]) requests.length = 0
  return { ...servers, toS3, toKms }
}

function endpoints(host: string, { toS3, toKms }: Pick<World, 'toS3' | 'toKms'>): Record<string, string> {
  return { AWS_ENDPOINT_URL_S3: `https://${host}:${toS3.port}`, AWS_ENDPOINT_URL_KMS: `https://${host}:${toKms.port}` }
}

async function counts({ toS3, toKms }: World): Promise<number[]> {
  return [await toS3.count(), await toKms.count()]
}

const noCredentials = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }

describe.each(faces)('for $face, connections are opened early', (face) => {
  it('one to each service, by get, to KMS before S3 has said a word', async () => {
    const world = await startWorld()
    world.toS3.holdUntil(world.toKms.opened)
    expect(outcome(await face.get(world.sandbox))).toEqual(printed('value'))
    expect(await counts(world)).toEqual([1, 1])
  })

  it('one to each service, by put, to S3 before KMS has said a word', async () => {
    const world = await startWorld()
    world.toKms.holdUntil(world.toS3.opened)
    expect(outcome(await face.put(world.sandbox, 'new'))).toEqual(printed(''))
    expect(await counts(world)).toEqual([1, 1])
  })

  it('and before it is known whether there are credentials', async () => {
    const world = await startWorld()
    const { stderr } = await face.get(world.sandbox, noCredentials)
    expect(stderr).toContain('CREDENTIALS_MISSING')
    expect(await counts(world)).toEqual([1, 1])
    expect([...world.s3.requests, ...world.kms.requests]).toEqual([])
  })

  it('and one that is lost costs time only', async () => {
    const treatments: Treatment[] = ['close', 'reset', 'silence']
    const lost = treatments.map(async (treatment) => {
      const world = await startWorld()
      world.toS3.treat(treatment)
      world.toKms.treat(treatment)
      expect([treatment, outcome(await face.get(world.sandbox))]).toEqual([treatment, printed('value')])
      world.toS3.treat(treatment)
      world.toKms.treat(treatment)
      expect([treatment, outcome(await face.put(world.sandbox, 'new'))]).toEqual([treatment, printed('')])
    })
    await Promise.all(lost)
  })

  it('and one that a server has given up, with an answer to what nobody asked, is not used', async () => {
    const world = await startWorld()
    const { cert, key } = selfSignedCertificate()
    const plain = await startStandIns()
    let count = 0
    const front = createTlsServer({ cert, key }, (socket) => {
      socket.on('error', () => undefined)
      if (++count > 1) socket.pipe(connect(plain.s3.port, '127.0.0.1')).pipe(socket)
      else setTimeout(() => socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'), 100)
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void front.close())
    await once(front, 'listening')
    plain.kms.inject({ kind: 'delay', at: 'headers', ms: 1000 }, { operation: 'Encrypt' })
    const { port } = front.address() as AddressInfo
    const env = {
      AWS_ENDPOINT_URL_S3: `https://127.0.0.1:${port}`,
      AWS_ENDPOINT_URL_KMS: plain.kms.url,
      NODE_EXTRA_CA_CERTS: await world.sandbox.write('front.pem', cert),
    }
    expect(outcome(await face.put(world.sandbox, 'new', env))).toEqual(printed(''))
    expect(count).toBe(2)
  })

  it('where one endpoint is both services, there is one', async () => {
    const world = await startWorld()
    // Of a secret that is not there: one request, of one service.
    await world.sandbox.write('.lazycred', '{"s3_path": "vault/other/", "key_alias": "lazy", "region": "us-east-1"}')
    const url = `https://127.0.0.1:${world.toS3.port}`
    const { stderr } = await face.get(world.sandbox, { AWS_ENDPOINT_URL_S3: url, AWS_ENDPOINT_URL_KMS: url })
    expect(stderr).toContain('NOT_FOUND')
    expect(await world.toS3.count()).toBe(1)
  })

  it('and where TLS cannot be had, the error is one like any other', async () => {
    const world = await startWorld()
    const { status, stderr } = await face.get(world.sandbox, { NODE_OPTIONS: '--tls-cipher-list=NONSENSE' })
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringMatching(/[A-Z_]+: S3 /) as string })
  })

  it('and what is rehearsed while an answer is awaited is never sent', async () => {
    const world = await startWorld()
    const operations = (): string[][] =>
      [world.s3, world.kms].map(({ requests }) => requests.splice(0).map(({ operation }) => operation))
    for (const server of [world.s3, world.kms]) server.inject({ kind: 'delay', at: 'headers', ms: 300 })
    expect(outcome(await face.get(world.sandbox))).toEqual(printed('value'))
    expect(operations()).toEqual([['GetObject'], ['Decrypt']])
    expect(outcome(await face.put(world.sandbox, 'new'))).toEqual(printed(''))
    expect(operations()).toEqual([['PutObject'], ['Encrypt']])
    expect(world.s3.listObjects('vault')).toEqual(['team/db'])
  })

  // Node 22.23 itself does not find such an address in a certificate.
  it.skipIf(process.version.startsWith('v22.'))('by an address of IPv6', async () => {
    const world = await startWorld('::1')
    expect(outcome(await face.get(world.sandbox))).toEqual(printed('value'))
    expect(await counts(world)).toEqual([1, 1])
  })

  it.each(['127.0.0.1', '::1'])('by a name with two addresses, of which only %s listens', async (host) => {
    const world = await startWorld(host)
    for (const addresses of [
      ['127.0.0.1', '::1'],
      ['::1', '127.0.0.1'],
    ]) {
      const env = { ...endpoints('localhost', world), ...(await resolveTo(world, addresses)) }
      expect([addresses, outcome(await face.get(world.sandbox, env))]).toEqual([addresses, printed('value')])
    }
    // On a machine that is slow, Node gives up on an address after 250 ms, and a connection is lost: that costs time only.
    for (const count of await counts(world)) expect(count).toBeGreaterThanOrEqual(2)
  })

  it('and keep nobody waiting where there is no such secret, though KMS is silent', async () => {
    const world = await startWorld()
    await world.sandbox.write('.lazycred', '{"s3_path": "vault/other/", "key_alias": "lazy", "region": "us-east-1"}')
    world.toKms.treat('silence')
    expect((await face.get(world.sandbox)).stderr).toContain('NOT_FOUND')
    expect(world.kms.requests).toEqual([])
  })

  it('to nobody whose certificate is not trusted, and nothing is sent', async () => {
    const world = await startWorld()
    const { status, stdout, stderr } = await face.get(world.sandbox, { NODE_EXTRA_CA_CERTS: '' })
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/UNREACHABLE: S3 at https:\S+: its TLS certificate is not trusted/)
    expect([...world.s3.requests, ...world.kms.requests]).toEqual([])
  })

  it.each([
    { HTTPS_PROXY: 'http://127.0.0.1:1' },
    { https_proxy: 'http://127.0.0.1:1' },
    { ALL_PROXY: 'http://127.0.0.1:1' },
    { all_proxy: 'http://127.0.0.1:1' },
    { NODE_USE_ENV_PROXY: '1' },
    { AWS_USE_FIPS_ENDPOINT: 'true' },
    { AWS_USE_DUALSTACK_ENDPOINT: 'true' },
    { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
  ])('but not with %o', async (env) => {
    await expectNone(await startWorld(), env)
  })

  it.each(['endpoint_url = https://127.0.0.1:1', 'services = here', 'use_fips_endpoint = true'])(
    'but not where ~/.aws/config says %s',
    async (line) => {
      const world = await startWorld()
      await world.sandbox.write('../../home/.aws/config', `[profile other]\n${line}\n`)
      await expectNone(world, {})
    },
  )

  it('but not where there is no TLS', async () => {
    const world = await startWorld()
    await expectNone(world, Object.fromEntries(Object.entries(endpoints('127.0.0.1', world)).map(withoutTls)))
  })

  /** Whether one is opened early shows where the process has nothing to send. */
  async function expectNone(world: World, env: Record<string, string>): Promise<void> {
    const { status } = await face.get(world.sandbox, { ...noCredentials, ...env })
    expect({ status, counts: await counts(world) }).toEqual({ status: 1, counts: [0, 0] })
  }

  const regions = [
    'us-east-1',
    'eu-central-1',
    'ap-southeast-4',
    'us-gov-west-1',
    'cn-north-1',
    'us-iso-east-1',
    'mars-1',
  ]
  it.each(regions)('to the host that the SDK asks, or to none, in %s', async (region) => {
    const { names } = await startWatched()
    const asked = await names({ AWS_DEFAULT_REGION: region })
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter((name) => !/^(vault\.s3|kms)\./.test(name))).toEqual([])
    expect(new Set(asked.filter((name) => name.includes('s3.'))).size).toBe(1)
  })

  it('to nobody else where ~/.aws/credentials gives the endpoint', async () => {
    const { world, names } = await startWatched()
    const { s3 } = world
    await world.sandbox.write('../../home/.aws/credentials', `[default]\nendpoint_url = https://127.0.0.1:${s3.port}\n`)
    expect(await names({})).toEqual([])
    expect(s3.requests.map(({ operation }) => operation)).toContain('GetObject')
  })

  /** Names are not resolved, but written down. */
  async function startWatched(): Promise<{ world: World; names: (env: Record<string, string>) => Promise<string[]> }> {
    const world = await startWorld()
    const { sandbox } = world
    const env = { AWS_ENDPOINT_URL_S3: '', AWS_ENDPOINT_URL_KMS: '', AWS_MAX_ATTEMPTS: '1' }
    const names = async (more: Record<string, string>): Promise<string[]> => {
      await face.get(sandbox, { ...env, ...(await resolveTo(world, [])), ...more })
      return (await readFile(join(sandbox.cwd, 'names'), 'utf8').catch(() => ''))
        .split('\n')
        .filter((name) => name !== '')
    }
    return { world, names }
  }
})

function withoutTls([variable, url]: [string, string]): [string, string] {
  return [variable, url.replace('https:', 'http:')]
}

/** Has every name resolved to these addresses, by nobody, and written to the file `names`. */
async function resolveTo({ sandbox }: World, addresses: readonly string[]): Promise<Record<string, string>> {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  const hook = await sandbox.write(
    'hook.cjs',
    `const dns = require('node:dns')
    const found = ${JSON.stringify(found)}
    dns.lookup = (name, options, callback) => {
      require('node:fs').appendFileSync(${JSON.stringify(join(sandbox.cwd, 'names'))}, name + '\\n')
      const error = found.length > 0 ? null : Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
      setImmediate(() => options.all ? callback(error, found) : callback(error, found[0]?.address, found[0]?.family))
    }`,
  )
  return { NODE_OPTIONS: `--require ${hook}` }
}
