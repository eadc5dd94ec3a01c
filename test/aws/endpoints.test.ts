import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunResult } from '../support/run.js'
import { startStandIns, type StandIns } from '../support/stand-ins.js'

async function roundTrip({ sandbox }: StandIns, env: Record<string, string>): Promise<RunResult> {
  expect(await sandbox.lazycred(['put', 'db'], { input: 'value', env })).toMatchObject({ status: 0, stderr: '' })
  return sandbox.lazycred(['get', 'db'], { env })
}

async function expectRoundTrip(servers: StandIns, env: Record<string, string>): Promise<void> {
  const { status, stdout, stderr } = await roundTrip(servers, env)
  expect({ status, stdout: stdout.toString(), stderr }).toEqual({ status: 0, stdout: 'value', stderr: '' })
  expect(servers.s3.requests.at(-1)?.request.path).toBe('/vault/team/db')
}

const unset = { AWS_ENDPOINT_URL_S3: '', AWS_ENDPOINT_URL_KMS: '' }

async function writeAwsConfig({ sandbox }: StandIns, file: 'config' | 'credentials', lines: string[]): Promise<void> {
  await mkdir(join(sandbox.home, '.aws'), { recursive: true })
  await writeFile(join(sandbox.home, '.aws', file), `${lines.join('\n')}\n`)
}

describe('endpoints, with path-style addressing where they are not AWS’s', () => {
  it('come from AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL_KMS, as a name or as an address', async () => {
    const servers = await startStandIns()
    await expectRoundTrip(servers, {})
    await expectRoundTrip(servers, {
      AWS_ENDPOINT_URL_S3: `http://localhost:${servers.s3.port}`,
      AWS_ENDPOINT_URL_KMS: `http://localhost:${servers.kms.port}`,
    })
  })

  it('come from AWS_ENDPOINT_URL for both, the service’s own winning', async () => {
    const servers = await startStandIns()
    const env = { AWS_ENDPOINT_URL: servers.kms.url, AWS_ENDPOINT_URL_KMS: '', AWS_ENDPOINT_URL_S3: servers.s3.url }
    await expectRoundTrip(servers, env)
  })

  it('come from the services section of a profile in ~/.aws/config', async () => {
    const servers = await startStandIns()
    await writeAwsConfig(servers, 'config', [
      '[default]',
      'services = here',
      '[services here]',
      `s3 =\n  endpoint_url = ${servers.s3.url}`,
      `kms =\n  endpoint_url = ${servers.kms.url}`,
    ])
    await expectRoundTrip(servers, unset)
  })

  it('never come from the configuration file, whatever is written in it', async () => {
    const { sandbox, s3 } = await startStandIns()
    const fields = { s3_path: 'vault/', key_alias: 'lazy', region: 'us-east-1', endpoint_url: 'http://127.0.0.1:9' }
    await sandbox.write('.lazycred', JSON.stringify(fields))
    const { status, stderr } = await sandbox.lazycred(['get', 'db'])
    expect(status).toBe(4)
    expect(stderr).toContain('CONFIG_INVALID')
    expect(stderr).toContain('"endpoint_url"')
    expect(s3.requests).toEqual([])
  })
})

describe('credentials come from the default chain of the SDK', () => {
  const none = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }
  const pair = ['aws_access_key_id = AKIDEXAMPLE', 'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY']

  it('such as ~/.aws/credentials', async () => {
    const servers = await startStandIns()
    await writeAwsConfig(servers, 'credentials', ['[default]', ...pair])
    await expectRoundTrip(servers, none)
  })

  it('or the profile that AWS_PROFILE names, which wins over the pair of variables', async () => {
    const servers = await startStandIns()
    await writeAwsConfig(servers, 'credentials', ['[team]', ...pair])
    const wrong = { AWS_ACCESS_KEY_ID: 'AKIDWRONG', AWS_SECRET_ACCESS_KEY: 'wrong' }
    await expectRoundTrip(servers, { ...wrong, AWS_PROFILE: 'team' })
  })

  it('or a credential_process', async () => {
    const servers = await startStandIns()
    const [id = '', secret = ''] = pair.map((line) => line.split(' = ')[1])
    const answer = { Version: 1, AccessKeyId: id, SecretAccessKey: secret }
    const script = await servers.sandbox.write('give.sh', `echo '${JSON.stringify(answer)}'\n`)
    await writeAwsConfig(servers, 'config', ['[default]', `credential_process = sh ${script}`])
    await expectRoundTrip(servers, none)
  })

  it('and when there are none, the error says so and nothing is sent', async () => {
    const { sandbox, s3, kms } = await startStandIns()
    for (const verb of ['get', 'put']) {
      const { status, stderr } = await sandbox.lazycred([verb, 'db'], { env: none })
      expect(status).toBe(1)
      expect(stderr).toContain(`Unable to ${verb} <Key: vault,team/db>. CREDENTIALS_MISSING: `)
      expect(stderr).toContain('AWS_PROFILE')
    }
    expect([...s3.requests, ...kms.requests]).toEqual([])
  })

  it('and a credential_process that fails is told without what it printed', async () => {
    const servers = await startStandIns()
    const script = await servers.sandbox.write('give.sh', 'echo canary-4711 >&2; exit 1\n')
    await writeAwsConfig(servers, 'config', ['[default]', `credential_process = sh ${script}`])
    const { status, stderr } = await servers.sandbox.lazycred(['--verbose', 'get', 'db'], { env: none })
    expect(status).toBe(1)
    expect(stderr).toContain('CREDENTIALS_MISSING: ')
    expect(stderr).not.toContain('canary-4711')
  })
})

describe('the SDK’s own variables', () => {
  it('adjust the checksums that are sent', async () => {
    const servers = await startStandIns()
    await expectRoundTrip(servers, { AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required' })
    await expectRoundTrip(servers, {})
    const puts = servers.s3.requests.filter(({ operation }) => operation === 'PutObject')
    const checksums = puts.map(({ request }) => request.headers['x-amz-checksum-crc32'] !== undefined)
    expect(checksums).toEqual([false, true])
  })

  it('adjust how often it tries', async () => {
    const { s3, sandbox } = await startStandIns()
    s3.inject({ kind: 'error', status: 500, code: 'InternalError' })
    await sandbox.lazycred(['get', 'db'], { env: { AWS_MAX_ATTEMPTS: '2' } })
    expect(s3.requests).toHaveLength(2)
  })
})
