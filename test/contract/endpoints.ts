import { expect, it } from 'vitest'
import { TEST_CREDENTIALS, type Credentials } from '../support/aws/sigv4.js'
import { DEVIATIONS } from './deviations.js'

/** A server that a contract suite runs against: one of our own stand-ins, or an independent one. */
export interface Target {
  /** Whose server it is, as in `DEVIATIONS`. */
  name: string
  endpoint: string
  region: string
  credentials: Credentials
  /** Titles of the checks that this server is known to fail, each with the reason. */
  deviations: Readonly<Record<string, string>>
  close(): Promise<void>
}

type Service = 's3' | 'kms'

/** The server of LAZYCRED_TEST_KMS_ENDPOINT where that is set, else a stand-in of our own. */
export async function kmsTarget(): Promise<Target> {
  return (
    given('kms', process.env['LAZYCRED_TEST_KMS_ENDPOINT']) ?? own((await import('../support/aws/kms.js')).startKms)
  )
}

/** The server of LAZYCRED_TEST_S3_ENDPOINT where that is set, else a stand-in of our own. */
export async function s3Target(): Promise<Target> {
  return given('s3', process.env['LAZYCRED_TEST_S3_ENDPOINT']) ?? own((await import('../support/aws/s3.js')).startS3)
}

export type Check = (title: string, body: () => Promise<void> | void) => void

/**
 * How a suite states its checks. Those that the target is known to fail are expected to fail, and every known deviation
 * must belong to a check, so that an entry that no longer holds is noticed.
 */
export function checksOn(target: Target, suite: (check: Check) => void): void {
  const titles = new Set<string>()
  suite((title, body) => {
    titles.add(title)
    const known = target.deviations[title] !== undefined
    if (known) it.fails(title, body)
    else it(title, body)
  })
  it('has no deviation listed that no check is about', () => {
    expect(Object.keys(target.deviations).filter((title) => !titles.has(title))).toEqual([])
  })
}

function given(service: Service, endpoint: string | undefined): Target | undefined {
  if (endpoint === undefined || endpoint === '') return undefined
  const name = process.env['LAZYCRED_TEST_SERVER'] ?? 'unnamed'
  return { ...COMMON, name, endpoint, deviations: DEVIATIONS[name]?.[service] ?? {}, close: () => Promise.resolve() }
}

async function own(start: () => Promise<{ url: string; close(): Promise<void> }>): Promise<Target> {
  const server = await start()
  return { ...COMMON, name: 'own', endpoint: server.url, deviations: {}, close: () => server.close() }
}

const COMMON = { region: 'us-east-1', credentials: TEST_CREDENTIALS }
