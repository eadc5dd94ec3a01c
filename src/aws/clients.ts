/** How the SDK's clients are made. What users set by `AWS_*` variables and in `~/.aws` is left to the SDK. */
import { KMSClient } from '@aws-sdk/client-kms'
import { S3Client } from '@aws-sdk/client-s3'
import type { Logger } from '../log.js'
import type { RequestHandler } from './request-handler.js'
import { boundAnswers } from './small-answers.js'
import { watch } from './watch.js'

export function makeKmsClient(region: string, requestHandler: RequestHandler, log: Logger): KMSClient {
  const client = new KMSClient({ region, requestHandler, logger: quiet(log) })
  watch(client)
  boundAnswers(client)
  return client
}

/**
 * Path-style addressing wherever the endpoint is not AWS's own, whichever way it was configured.
 *
 * @param kms whose credentials are used: to fetch them can take several requests
 */
export function makeS3Client(region: string, requestHandler: RequestHandler, kms: KMSClient, log: Logger): S3Client {
  const { credentials } = kms.config
  const client = new S3Client({ region, requestHandler, credentials, logger: quiet(log) })
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

/**
 * The SDK warns on the console where it has no logger; what it says at the other levels is whole requests and answers. There is no
 * `info`: for that the SDK goes through every field of each, whatever becomes of it.
 */
export function quiet(log: Logger): SdkLogger {
  const drop = (): void => undefined
  const tell = (message: unknown): void => {
    if (typeof message === 'string') log.debug(message)
  }
  const logger: Partial<SdkLogger> = { debug: drop, warn: tell, error: drop }
  return logger as SdkLogger
}

type SdkLogger = Record<'debug' | 'info' | 'warn' | 'error', (message: unknown) => void>
