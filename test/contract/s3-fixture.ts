import { afterEach, beforeEach } from 'vitest'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { startS3, type S3Options, type S3Server } from '../support/aws/s3.js'
import { TEST_CREDENTIALS, type Credentials } from '../support/aws/sigv4.js'
import type { Target } from './endpoints.js'
import { s3Of, type S3 } from './s3-client.js'

/** A stand-in of its own for each test, with a bucket named `bucket`. */
export interface Fixture {
  server: S3Server
  s3: S3
  target: Target
  /** Another client of the same server, or of another one. */
  client(target: Partial<Target>, config?: S3ClientConfig): S3
  as(credentials: Credentials): S3
}

/** To be called in a `describe`: what it gives is filled in before each test. */
export function s3Fixture(options: S3Options = {}): Fixture {
  const made: S3[] = []
  const fixture = {} as Fixture
  beforeEach(async () => {
    const server = await startS3(options)
    server.createBucket('bucket')
    Object.assign(fixture, filled(server, made))
  })
  afterEach(async () => {
    for (const { client } of made.splice(0)) client.destroy()
    await fixture.server.close()
  })
  return fixture
}

function filled(server: S3Server, made: S3[]): Fixture {
  const place = { name: 'own', endpoint: server.url, region: 'us-east-1', credentials: TEST_CREDENTIALS }
  const target: Target = { ...place, deviations: {}, close: () => server.close() }
  const client = (changes: Partial<Target>, config: S3ClientConfig = {}) => {
    const s3 = s3Of({ ...target, ...changes }, config)
    made.push(s3)
    return s3
  }
  return { server, target, s3: client({}), client, as: (credentials) => client({ credentials }) }
}
