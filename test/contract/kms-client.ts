import { randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  KMSClient,
  KMSServiceException,
  type CreateKeyCommandInput,
  type DecryptCommandInput,
  type EncryptCommandInput,
} from '@aws-sdk/client-kms'
import { expect } from 'vitest'
import { signHeaders, type Signer } from '../support/aws/sigv4.js'
import type { Target } from './endpoints.js'

/** What a check needs of KMS; everything about the client is given, so that no environment gets in. */
export interface Kms {
  client: KMSClient
  target: Target
}

export interface NamedKey {
  keyId: string
  arn: string
  alias: string
  aliasArn: string
}

export function kmsOf(target: Target, overrides: Partial<Pick<Target, 'region' | 'credentials'>> = {}): Kms {
  const { region, credentials } = { ...target, ...overrides }
  const client = new KMSClient({
    endpoint: target.endpoint,
    region,
    credentials,
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  })
  return { client, target: { ...target, region, credentials } }
}

export async function createKey(kms: Kms, input: CreateKeyCommandInput = {}): Promise<{ keyId: string; arn: string }> {
  const { KeyMetadata } = await kms.client.send(new CreateKeyCommand(input))
  return { keyId: KeyMetadata?.KeyId ?? expect.fail(), arn: KeyMetadata?.Arn ?? expect.fail() }
}

/** A new key with a new alias. */
export async function createNamedKey(kms: Kms): Promise<NamedKey> {
  const { keyId, arn } = await createKey(kms)
  const alias = randomAlias()
  await kms.client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: keyId }))
  return { keyId, arn, alias, aliasArn: arn.replace(/key\/.*/, alias) }
}

export function randomAlias(): string {
  return `alias/contract-${randomUUID()}`
}

export async function encrypt(kms: Kms, input: EncryptCommandInput): Promise<Uint8Array> {
  const { CiphertextBlob } = await kms.client.send(new EncryptCommand(input))
  return CiphertextBlob ?? expect.fail()
}

export async function decrypt(kms: Kms, input: DecryptCommandInput): Promise<Buffer> {
  const { Plaintext } = await kms.client.send(new DecryptCommand(input))
  return Buffer.from(Plaintext ?? expect.fail())
}

export interface Refusal {
  code: string
  message: string
  status: number | undefined
}

/** How KMS refused; fails where it did not. */
export async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  const error = await promise.then(
    () => expect.fail('not refused'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof KMSServiceException)) throw error
  return { code: error.name, message: error.message, status: error.$metadata.httpStatusCode }
}

export interface RawAnswer {
  status: number | undefined
  headers: Record<string, unknown>
  body: Record<string, unknown>
}

/** A request that no client would send: `null` in `headers` leaves one out, after signing. */
export async function rawRequest(
  target: Target,
  operation: string,
  body: string | Buffer,
  changes: { headers?: Record<string, string | null>; signer?: Partial<Signer> } = {},
): Promise<RawAnswer> {
  const bytes = Buffer.from(body)
  const own = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}` }
  const unsigned = { ...own, host: new URL(target.endpoint).host }
  const signer = { service: 'kms', region: target.region, credentials: target.credentials, ...changes.signer } as const
  const request = { method: 'POST', path: '/', query: '', headers: unsigned, body: bytes }
  const headers = Object.entries({ ...signHeaders(request, signer), ...changes.headers })
  return send(target.endpoint, Object.fromEntries(headers.filter(isPresent)), bytes)
}

function isPresent(header: [string, string | null]): header is [string, string] {
  return header[1] !== null
}

function send(endpoint: string, headers: Record<string, string>, body: Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(endpoint, { method: 'POST', headers, agent: false, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = []
      response.on('error', reject).on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode, headers: response.headers, body: parse(text) })
      })
    })
    call.on('error', reject).on('timeout', () => call.destroy(new Error('no answer')))
    call.end(body)
  })
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return { unparsed: text }
  }
}
