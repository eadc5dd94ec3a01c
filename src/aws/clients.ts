/** How the SDK's clients are made. What users set by `AWS_*` variables and in `~/.aws` is left to the SDK. */
import { KMSClient } from '@aws-sdk/client-kms'
import { S3Client } from '@aws-sdk/client-s3'
import type { Logger } from '../log.js'
import { CONNECT_LIMIT_MS, SILENCE_LIMIT_MS } from './limits.js'
import { boundAnswers } from './small-answers.js'
import { watch } from './watch.js'

const requestHandler = {
  connectionTimeout: CONNECT_LIMIT_MS,
  socketTimeout: SILENCE_LIMIT_MS,
  throwOnRequestTimeout: true,
}

export function makeKmsClient(region: string, log: Logger): KMSClient {
  const client = new KMSClient({ region, requestHandler, logger: quiet(log) })
  watch(client)
  boundAnswers(client)
  return client
}

/** Path-style addressing wherever the endpoint is not AWS's own, whichever way it was configured. */
export function makeS3Client(region: string, log: Logger): S3Client {
  const client = new S3Client({ region, requestHandler, logger: quiet(log) })
  watch(client)
  boundAnswers(client)
  const { endpointProvider } = client.config
  client.config.endpointProvider = (params, context) =>
    endpointProvider(isForeign(params.Endpoint) ? { ...params, ForcePathStyle: true } : params, context)
  return client
}

function isForeign(endpoint: unknown): boolean {
  return typeof endpoint === 'string' && !/\.amazonaws\.(com|com\.cn|eu)$/.test(new URL(endpoint).hostname)
}

/** The SDK warns on the console where it has no logger; what it says at the other levels is whole requests and answers. */
function quiet(log: Logger): Record<'debug' | 'info' | 'warn' | 'error', (message: unknown) => void> {
  const drop = (): void => undefined
  const tell = (message: unknown): void => {
    if (typeof message === 'string') log.debug(message)
  }
  return { debug: drop, info: drop, warn: tell, error: drop }
}
