import { createHash } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ASKED, credentialsFrom, ROLE_ARN, startGivers } from '../support/aws/givers.js'
import type { LoopbackServer } from '../support/aws/http.js'
import { TEST_CREDENTIALS } from '../support/aws/sigv4.js'
import { faces, type Face } from '../support/faces.js'
import { outcome, printed } from '../support/outcome.js'
import { startStandIns, type StandIns } from '../support/stand-ins.js'

const SOURCES = ['variables', 'file', 'process', 'role', 'webidentity', 'sso', 'container', 'metadata']

/** Where nothing listens. */
const NOBODY = 'http://127.0.0.1:1'

interface World extends StandIns {
  readonly givers: LoopbackServer
}

/** Everything that could be asked is on loopback, what the test forgets included; no credentials are in reach. */
async function startWorld(): Promise<World> {
  const credentials = [TEST_CREDENTIALS, ...SOURCES.map(credentialsFrom)]
  const [servers, givers] = await Promise.all([
    startStandIns({ s3: { credentials }, kms: { credentials } }),
    startGivers(credentials),
  ])
  onTestFinished(() => givers.close())
  Reflect.deleteProperty(servers.sandbox.env, 'AWS_ACCESS_KEY_ID')
  Reflect.deleteProperty(servers.sandbox.env, 'AWS_SECRET_ACCESS_KEY')
  Object.assign(servers.sandbox.env, { AWS_ENDPOINT_URL: NOBODY })
  return { ...servers, givers }
}

interface Source {
  readonly what: string
  /** What credentials S3 and KMS are to see. */
  readonly gives: string
  /** Paths from the home folder. */
  readonly files?: (world: World) => Record<string, string>
  readonly env?: (world: World) => Record<string, string>
  /** What the givers are to be asked, in order, once or again. */
  readonly asks?: readonly string[]
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`
}

function asFile(source: string): string[] {
  const { accessKeyId, secretAccessKey, sessionToken } = credentialsFrom(source)
  return [
    `aws_access_key_id = ${accessKeyId}`,
    `aws_secret_access_key = ${secretAccessKey}`,
    `aws_session_token = ${sessionToken}`,
  ]
}

function asVariables({
  accessKeyId,
  secretAccessKey,
  sessionToken = '',
}: typeof TEST_CREDENTIALS): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  }
}

/** What a program prints for `credential_process`. */
function program(source: string): string {
  const { accessKeyId, secretAccessKey, sessionToken } = credentialsFrom(source)
  const answer = {
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  }
  return `echo '${JSON.stringify(answer)}'\n`
}

function ssoToken(name: string): Record<string, string> {
  const file = `${createHash('sha1').update(name).digest('hex')}.json`
  const token = { accessToken: ASKED.sso, expiresAt: new Date(Date.now() + 3_600_000).toISOString() }
  return { [`.aws/sso/cache/${file}`]: JSON.stringify(token) }
}

const START = 'https://start.invalid/start'
const ROLE = [`role_arn = ${ROLE_ARN}`, 'region = us-east-1']
const SSO_ROLE = ['sso_account_id = 000000000000', 'sso_role_name = reader']
const ASKS_SSO = ['GET /federation/credentials']
const ASKS_METADATA = [
  'PUT /latest/api/token',
  ...['', 'machine'].map((name) => `GET /latest/meta-data/iam/security-credentials/${name}`),
]

const sources: readonly Source[] = [
  {
    what: 'variables, with a session token',
    gives: 'variables',
    env: () => asVariables(credentialsFrom('variables')),
  },
  {
    what: 'variables, whatever the files say',
    gives: 'variables',
    files: () => ({ '.aws/credentials': lines('[default]', ...asFile('file')) }),
    env: () => asVariables(credentialsFrom('variables')),
  },
  {
    what: 'the default profile of ~/.aws/credentials',
    gives: 'file',
    files: () => ({ '.aws/credentials': lines('[default]', ...asFile('file'), '[other]', ...asFile('process')) }),
  },
  {
    what: 'the profile that AWS_PROFILE names in ~/.aws/credentials',
    gives: 'file',
    files: () => ({ '.aws/credentials': lines('[default]', ...asFile('process'), '[team]', ...asFile('file')) }),
    env: () => ({ AWS_PROFILE: 'team' }),
  },
  {
    what: 'the profile that AWS_PROFILE names in ~/.aws/config',
    gives: 'file',
    files: () => ({ '.aws/config': lines('[profile team]', ...asFile('file')) }),
    env: () => ({ AWS_PROFILE: 'team' }),
  },
  {
    what: 'files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name',
    gives: 'role',
    files: () => ({
      'elsewhere/config': lines('[profile team]', 'source_profile = base', ...ROLE),
      'elsewhere/credentials': lines('[base]', ...asFile('file')),
    }),
    env: ({ sandbox, givers }) => ({
      AWS_ENDPOINT_URL_STS: givers.url,
      AWS_CONFIG_FILE: `${sandbox.home}/elsewhere/config`,
      AWS_SHARED_CREDENTIALS_FILE: `${sandbox.home}/elsewhere/credentials`,
      AWS_PROFILE: 'team',
    }),
    asks: ['AssumeRole'],
  },
  {
    what: 'a credential_process of ~/.aws/config',
    gives: 'process',
    files: ({ sandbox }) => ({
      'give.sh': program('process'),
      '.aws/config': lines('[default]', `credential_process = sh ${sandbox.home}/give.sh`),
    }),
  },
  {
    what: 'a role, by a source profile',
    gives: 'role',
    files: () => ({
      '.aws/config': lines('[profile team]', 'source_profile = base', ...ROLE),
      '.aws/credentials': lines('[base]', ...asFile('file')),
    }),
    env: ({ givers }) => ({ AWS_PROFILE: 'team', AWS_ENDPOINT_URL_STS: givers.url }),
    asks: ['AssumeRole'],
  },
  {
    what: 'a role, by the variables',
    gives: 'role',
    files: () => ({ '.aws/config': lines('[profile team]', 'credential_source = Environment', ...ROLE) }),
    env: ({ givers }) => ({
      ...asVariables(TEST_CREDENTIALS),
      AWS_SESSION_TOKEN: '',
      AWS_PROFILE: 'team',
      AWS_ENDPOINT_URL_STS: givers.url,
    }),
    asks: ['AssumeRole'],
  },
  {
    what: 'a web identity of the variables',
    gives: 'webidentity',
    files: () => ({ identity: ASKED.webIdentity }),
    env: ({ sandbox, givers }) => ({
      AWS_WEB_IDENTITY_TOKEN_FILE: `${sandbox.home}/identity`,
      AWS_ROLE_ARN: ROLE_ARN,
      AWS_ENDPOINT_URL_STS: givers.url,
    }),
    asks: ['AssumeRoleWithWebIdentity'],
  },
  {
    what: 'a web identity of a profile',
    gives: 'webidentity',
    files: ({ sandbox }) => ({
      identity: ASKED.webIdentity,
      '.aws/config': lines('[default]', `web_identity_token_file = ${sandbox.home}/identity`, ...ROLE),
    }),
    env: ({ givers }) => ({ AWS_ENDPOINT_URL_STS: givers.url }),
    asks: ['AssumeRoleWithWebIdentity'],
  },
  {
    what: 'an SSO session with a token kept',
    gives: 'sso',
    files: () => ({
      ...ssoToken('corp'),
      '.aws/config': lines(
        ...['[sso-session corp]', `sso_start_url = ${START}`, 'sso_region = us-east-1'],
        ...['[default]', 'sso_session = corp', ...SSO_ROLE],
      ),
    }),
    env: ({ givers }) => ({ AWS_ENDPOINT_URL_SSO: givers.url }),
    asks: ASKS_SSO,
  },
  {
    what: 'SSO without a session, as it was configured before',
    gives: 'sso',
    files: () => ({
      ...ssoToken(START),
      '.aws/config': lines('[default]', `sso_start_url = ${START}`, 'sso_region = us-east-1', ...SSO_ROLE),
    }),
    env: ({ givers }) => ({ AWS_ENDPOINT_URL_SSO: givers.url }),
    asks: ASKS_SSO,
  },
  {
    what: 'the agent of a container',
    gives: 'container',
    env: ({ givers }) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${givers.url}/open-container` }),
    asks: ['GET /open-container'],
  },
  {
    what: 'the agent of a container, with an authorization',
    gives: 'container',
    env: ({ givers }) => ({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${givers.url}/container`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: ASKED.container,
    }),
    asks: ['GET /container'],
  },
  {
    what: 'the agent of a container, with an authorization in a file',
    gives: 'container',
    files: () => ({ authorization: ASKED.container }),
    env: ({ sandbox, givers }) => ({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${givers.url}/container`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${sandbox.home}/authorization`,
    }),
    asks: ['GET /container'],
  },
  {
    what: 'the agent of a container, for a role',
    gives: 'role',
    files: () => ({ '.aws/config': lines('[profile team]', 'credential_source = EcsContainer', ...ROLE) }),
    env: ({ givers }) => ({
      AWS_PROFILE: 'team',
      AWS_ENDPOINT_URL_STS: givers.url,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${givers.url}/open-container`,
    }),
    asks: ['GET /open-container', 'AssumeRole'],
  },
  {
    what: 'the metadata of the instance, for a role',
    gives: 'role',
    files: () => ({ '.aws/config': lines('[profile team]', 'credential_source = Ec2InstanceMetadata', ...ROLE) }),
    env: ({ givers }) => ({
      AWS_PROFILE: 'team',
      AWS_ENDPOINT_URL_STS: givers.url,
      AWS_EC2_METADATA_DISABLED: '',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: givers.url,
    }),
    asks: [...ASKS_METADATA, 'AssumeRole'],
  },
  {
    what: 'the metadata of the instance',
    gives: 'metadata',
    env: ({ givers }) => ({ AWS_EC2_METADATA_DISABLED: '', AWS_EC2_METADATA_SERVICE_ENDPOINT: givers.url }),
    asks: ASKS_METADATA,
  },
]

async function write({ sandbox }: World, files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) await sandbox.write(`../../home/${path}`, content)
}

/** @returns whose credentials signed each request that a server has had */
function signers({ requests }: LoopbackServer): string[] {
  const id = /Credential=(\w+)/
  return requests.map(({ request }) => id.exec(request.headers['authorization'] ?? '')?.[1] ?? '')
}

async function expectRoundTrip(world: World, { put, get }: Face, env: Record<string, string>): Promise<void> {
  expect(outcome(await put(world.sandbox, 'value', env))).toEqual(printed(''))
  expect(outcome(await get(world.sandbox, env))).toEqual(printed('value'))
}

/** With static credentials, so that only the file decides about the rest. */
async function startConfigured(of: (world: World) => readonly string[], path = '.aws/config'): Promise<World> {
  const world = await startWorld()
  Object.assign(world.sandbox.env, asVariables(credentialsFrom('variables')))
  await write(world, { [path]: lines('[default]', ...of(world)) })
  return world
}

/** Where no variable decides, the file does; what it does not say is told to be nowhere. */
function here({ s3, kms }: World): string[] {
  return [
    'services = here',
    '[services here]',
    `s3 =\n  endpoint_url = ${s3.url}`,
    `kms =\n  endpoint_url = ${kms.url}`,
  ]
}

const noEndpoints = { AWS_ENDPOINT_URL: '', AWS_ENDPOINT_URL_S3: '', AWS_ENDPOINT_URL_KMS: '' }

describe.each(faces)('~/.aws/config decides for $face', (face) => {
  it('about the endpoint of everything', async () => {
    const world = await startConfigured(({ s3 }) => [`endpoint_url = ${s3.url}`])
    await expectRoundTrip(world, face, { AWS_ENDPOINT_URL: '', AWS_ENDPOINT_URL_S3: '' })
  })

  it('about the endpoints of services', async () => {
    await expectRoundTrip(await startConfigured(here), face, noEndpoints)
  })

  it('wherever AWS_CONFIG_FILE says that it lies', async () => {
    const world = await startConfigured(here, 'elsewhere')
    await expectRoundTrip(world, face, { ...noEndpoints, AWS_CONFIG_FILE: `${world.sandbox.home}/elsewhere` })
  })

  it('about how often it tries', async () => {
    const world = await startConfigured(() => ['max_attempts = 2'])
    world.s3.inject({ kind: 'error', status: 500, code: 'InternalError' })
    expect(await face.get(world.sandbox)).toMatchObject({ status: 1 })
    expect(world.s3.requests).toHaveLength(2)
  })

  it.each([
    ['standard', 'E'],
    ['adaptive', 'F'],
  ])('about the retry mode, such as %s', async (mode, mark) => {
    const world = await startConfigured(() => [`retry_mode = ${mode}`])
    await expectRoundTrip(world, face, {})
    const agents = [...world.s3.requests, ...world.kms.requests].map(({ request }) => request.headers['user-agent'])
    for (const agent of agents) expect(/ m\/(\S+)/.exec(agent ?? '')?.[1]?.split(',')).toContain(mark)
  })

  it('about the checksums that are sent', async () => {
    const world = await startConfigured(() => ['request_checksum_calculation = when_required'])
    await expectRoundTrip(world, face, {})
    expect(world.s3.requests[0]?.request.headers['x-amz-checksum-crc32']).toBeUndefined()
  })

  it.each(['use_fips_endpoint', 'use_dualstack_endpoint'])('about %s, which no other server has', async (field) => {
    const world = await startConfigured(() => [`${field} = true`])
    const { status, stdout, stderr } = await face.get(world.sandbox)
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain('UNREACHABLE: the endpoint of S3 is of no use: ')
    expect([...world.s3.requests, ...world.kms.requests]).toEqual([])
  })
})

const everyCase = faces.flatMap((face) => sources.map((source) => ({ ...face, ...source })))

describe('credentials', () => {
  it.each(everyCase)('come to $face from $what', async (each) => {
    const world = await startWorld()
    await write(world, each.files?.(world) ?? {})
    await expectRoundTrip(world, each, each.env?.(world) ?? {})
    const { accessKeyId } = credentialsFrom(each.gives)
    expect([...signers(world.s3), ...signers(world.kms)]).toEqual(Array(4).fill(accessKeyId))
    expect([...new Set(world.givers.requests.map(({ operation }) => operation))]).toEqual(each.asks ?? [])
  })
})
