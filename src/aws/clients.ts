/** How the SDK's clients are made. What users set by `AWS_*` variables and in `~/.aws` is left to the SDK. */
import { KMSClient } from '@aws-sdk/client-kms'
import { S3Client } from '@aws-sdk/client-s3'
import type { Logger } from '../log.js'
import { CONNECT_LIMIT_MS, SILENCE_LIMIT_MS } from './limits.js'

const requestHandler = { connectionTimeout: CONNECT_LIMIT_MS, socketTimeout: SILENCE_LIMIT_MS }

export function makeKmsClient(region: string, log: Logger): KMSClient {
  const client = new KMSClient({ region, requestHandler, logger: quiet(log) })
  client.middlewareStack.add(
    (next) => (args) => {
      remember(client, args.request)
      return next(args)
    },
    lastStep,
  )
  return client
}

/** Path-style addressing wherever the endpoint is not AWS's own, whichever way it was configured. */
export function makeS3Client(region: string, log: Logger): S3Client {
  const client = new S3Client({ region, requestHandler, logger: quiet(log) })
  client.middlewareStack.add(
    (next) => (args) => {
      remember(client, args.request)
      return next(args)
    },
    lastStep,
  )
  const { endpointProvider } = client.config
  client.config.endpointProvider = (params, context) =>
    endpointProvider(isForeign(params.Endpoint) ? { ...params, ForcePathStyle: true } : params, context)
  return client
}

function isForeign(endpoint: unknown): boolean {
  return typeof endpoint === 'string' && !/\.amazonaws\.(com|com\.cn|eu)$/.test(new URL(endpoint).hostname)
}

const lastStep = { step: 'finalizeRequest', priority: 'low', name: 'lazycredEndpoint' } as const
const endpoints = new WeakMap<object, string>()

function remember(client: object, request: unknown): void {
  const { protocol, hostname, port } = request as { protocol: string; hostname: string; port?: number }
  endpoints.set(client, `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`)
}

/** @returns where this client sent its last request, for people to read */
export function endpointOf(client: object): string {
  return endpoints.get(client) ?? 'its endpoint'
}

/** The SDK warns on the console where it has no logger; what it says at the other levels is whole requests and answers. */
function quiet(log: Logger): Record<'debug' | 'info' | 'warn' | 'error', (message: unknown) => void> {
  const tell = (message: unknown): void => {
    log.debug(String(message))
  }
  const drop = (): void => undefined
  return { debug: drop, info: drop, warn: tell, error: tell }
}
