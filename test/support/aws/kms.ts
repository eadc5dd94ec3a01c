import { randomBytes, randomUUID } from 'node:crypto'
import { startLoopback, type AwsRequest, type AwsResponse, type LoopbackServer, type ServerOptions } from './http.js'
import * as admin from './kms-admin.js'
import { decrypt, encrypt, reEncrypt, type Operation } from './kms-crypto.js'
import { KmsError, renderKmsError, unknownOperation } from './kms-errors.js'
import { Input } from './kms-input.js'
import { KeyStore, type KeyState, type KmsSeed } from './kms-keys.js'
import { TEST_CREDENTIALS, verifySignature, type Credentials } from './sigv4.js'

export type { KeyState, KmsSeed } from './kms-keys.js'

/** A KMS of one account in one region, in memory. */
export interface KmsServer extends LoopbackServer {
  createKey(options?: { alias?: string; state?: KeyState }): { keyId: string; arn: string }
  /** Makes the alias, or moves it. */
  setAlias(alias: string, keyId: string): void
  setState(keyId: string, state: KeyState): void
  /** Later Encrypt calls use a new backing key; older blobs still open. */
  rotate(keyId: string): void
}

export interface KmsOptions extends ServerOptions {
  /** Default: TEST_CREDENTIALS. */
  credentials?: Credentials[]
  region?: string
  account?: string
  /** Keys and aliases from the start; its region and account hold unless others are given. */
  seed?: KmsSeed
}

const OPERATIONS = new Map<string, Operation>([
  ['Encrypt', encrypt],
  ['Decrypt', decrypt],
  ['ReEncrypt', reEncrypt],
  ['CreateKey', admin.createKey],
  ['DescribeKey', admin.describeKey],
  ['EnableKey', admin.enableKey],
  ['DisableKey', admin.disableKey],
  ['ScheduleKeyDeletion', admin.scheduleKeyDeletion],
  ['CreateAlias', admin.createAlias],
  ['UpdateAlias', admin.updateAlias],
  ['DeleteAlias', admin.deleteAlias],
  ['ListAliases', admin.listAliases],
])

const TARGET = 'TrentService.'
const JSON_TYPE = 'application/x-amz-json-1.1'

/** Starts a stand-in for AWS KMS on a free port of 127.0.0.1 (AWS KMS API Reference; protocol AWS JSON 1.1). */
export async function startKms(options: KmsOptions = {}): Promise<KmsServer> {
  const { seed, credentials = [TEST_CREDENTIALS] } = options
  const region = options.region ?? seed?.region ?? 'us-east-1'
  const store = new KeyStore(region, options.account ?? seed?.account ?? '000000000000', seed)
  const server = await startLoopback(
    {
      operationOf,
      handle: (request) => dress(respond(store, credentials, request)),
      renderError: ({ status, code, message = '', headers }) =>
        dress(renderKmsError({ status, code, message }), headers),
    },
    options,
  )
  return Object.assign(server, directAccess(store))
}

/** What tests do to the keys without asking over HTTP. */
function directAccess(store: KeyStore): Omit<KmsServer, keyof LoopbackServer> {
  return {
    createKey({ alias, state = 'Enabled' } = {}) {
      const { keyId, arn } = store.create({ state })
      if (alias !== undefined) store.setAlias(alias, keyId)
      return { keyId, arn }
    },
    setAlias: (alias, keyId) => {
      store.setAlias(alias, keyId)
    },
    setState: (keyId, state) => {
      store.must(keyId).state = state
    },
    rotate: (keyId) => {
      store.must(keyId).backingKeys.push(randomBytes(32))
    },
  }
}

function operationOf(request: AwsRequest): string {
  const target = request.headers['x-amz-target'] ?? ''
  return target.startsWith(TARGET) ? target.slice(TARGET.length) : 'Unknown'
}

function respond(store: KeyStore, credentials: readonly Credentials[], request: AwsRequest): AwsResponse {
  try {
    const action = operationOf(request)
    const operation = OPERATIONS.get(action)
    if (operation === undefined || !isAwsJson(request)) throw unknownOperation()
    const caller = { action, account: authenticate(store, credentials, request) }
    return { status: 200, body: JSON.stringify(operation(store, new Input(request.body), caller)) }
  } catch (error) {
    if (error instanceof KmsError) return renderKmsError(error)
    throw error
  }
}

function isAwsJson({ method, path, headers }: AwsRequest): boolean {
  return method === 'POST' && path === '/' && headers['content-type'] === JSON_TYPE
}

/** The account that the request's credentials belong to. */
function authenticate(store: KeyStore, credentials: readonly Credentials[], request: AwsRequest): string {
  const verdict = verifySignature(request, 'kms', credentials)
  if (!verdict.ok) throw new KmsError(verdict.code, verdict.message, verdict.status)
  if (verdict.region !== store.region) {
    throw new KmsError('InvalidSignatureException', 'Credential should be scoped to a valid region.')
  }
  return verdict.credentials.account ?? store.account
}

function dress(response: AwsResponse, headers: Record<string, string> = {}): AwsResponse {
  return {
    ...response,
    headers: { 'content-type': JSON_TYPE, 'x-amzn-requestid': randomUUID(), ...headers },
  }
}
