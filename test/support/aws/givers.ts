/** Whoever gives credentials on a machine in the cloud or at a desk, on one loopback port: STS, SSO, a container's agent, EC2. */
import { startLoopback, type AwsRequest, type AwsResponse, type LoopbackServer } from './http.js'
import { verifySignature, type Credentials } from './sigv4.js'

/** What the giver asks for before it gives anything. */
export const ASKED = {
  webIdentity: 'token-of-the-web-identity',
  sso: 'access-token-of-the-sso-session',
  container: 'authorization-of-the-container',
} as const

const METADATA = '/latest/meta-data/iam/security-credentials/'
const METADATA_TOKEN = 'token-of-the-metadata-session'
export const ROLE_ARN = 'arn:aws:iam::000000000000:role/reader'

/** Credentials that no other source has, so that a server sees by the access key id where they came from. */
export function credentialsFrom(source: string): Credentials & { sessionToken: string } {
  const { length } = source
  return {
    accessKeyId: `ASIA${source.toUpperCase()}`,
    secretAccessKey: `${source}/secret+${length}`,
    sessionToken: `session//${source}==`,
    account: '000000000000',
  }
}

/** @param known whose signature STS accepts */
export async function startGivers(known: readonly Credentials[]): Promise<LoopbackServer> {
  return startLoopback({
    operationOf: ({ method, path, body }) =>
      method === 'POST' ? (formOf(body).get('Action') ?? path) : `${method} ${path}`,
    handle: (request) => give(request, known),
    renderError: ({ status, message = '' }) => ({ status, body: message }),
  })
}

function give(request: AwsRequest, known: readonly Credentials[]): AwsResponse {
  const { method, path, query, headers, body } = request
  const form = formOf(body)
  if (method === 'POST' && form.get('RoleArn') === ROLE_ARN) return sts(request, form, known)
  if (path === '/federation/credentials') {
    const isRight = headers['x-amz-sso_bearer_token'] === ASKED.sso && query.includes('role_name=reader')
    return isRight ? json({ roleCredentials: shaped('sso') }) : refused()
  }
  if (path === '/container') return headers['authorization'] === ASKED.container ? json(remote('container')) : refused()
  if (path === '/open-container') return json(remote('container'))
  return metadata(method, path, headers)
}

function sts(request: AwsRequest, form: URLSearchParams, known: readonly Credentials[]): AwsResponse {
  const action = form.get('Action') ?? ''
  if (action === 'AssumeRoleWithWebIdentity') {
    return form.get('WebIdentityToken') === ASKED.webIdentity ? xml(action, 'webidentity') : refused()
  }
  return verifySignature(request, 'sts', known).ok ? xml(action, 'role') : refused()
}

/** IMDSv2: nothing without the token. */
function metadata(method: string, path: string, headers: AwsRequest['headers']): AwsResponse {
  if (method === 'PUT' && path === '/latest/api/token') return { status: 200, body: METADATA_TOKEN }
  if (headers['x-aws-ec2-metadata-token'] !== METADATA_TOKEN) return { status: 401 }
  if (path === METADATA) return { status: 200, body: 'machine' }
  return path === `${METADATA}machine` ? json({ Code: 'Success', ...remote('metadata') }) : { status: 404 }
}

function formOf(body: Buffer): URLSearchParams {
  return new URLSearchParams(body.toString())
}

function refused(): AwsResponse {
  return { status: 403, body: 'not for you' }
}

function json(value: object): AwsResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}

function inAnHour(): Date {
  return new Date(Date.now() + 3_600_000)
}

function shaped(source: string): object {
  return { ...credentialsFrom(source), expiration: inAnHour().getTime() }
}

function remote(source: string): object {
  const { accessKeyId, secretAccessKey, sessionToken } = credentialsFrom(source)
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: inAnHour().toISOString(),
  }
}

function xml(action: string, source: string): AwsResponse {
  const { accessKeyId, secretAccessKey, sessionToken } = credentialsFrom(source)
  const body = `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials>
    <AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>
    <SessionToken>${sessionToken}</SessionToken><Expiration>${inAnHour().toISOString()}</Expiration>
    </Credentials></${action}Result></${action}Response>`
  return { status: 200, headers: { 'content-type': 'text/xml' }, body }
}
