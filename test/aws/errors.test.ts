import { describe, expect, it } from 'vitest'
import { startStandIns, type StandIns } from '../support/stand-ins.js'

interface Trouble {
  readonly what: string
  readonly service: 's3' | 'kms'
  /** AWS's status and code. */
  readonly error: readonly [number, string, string?]
  readonly code: string
  readonly hint: RegExp
}

const s3 = (what: string, error: Trouble['error'], code: string, hint: RegExp): Trouble => ({
  what,
  service: 's3',
  error,
  code,
  hint,
})
const kms = (what: string, error: Trouble['error'], code: string, hint: RegExp): Trouble => ({
  what,
  service: 'kms',
  error,
  code,
  hint,
})

const troubles: Trouble[] = [
  s3('access denied', [403, 'AccessDenied', 'Access Denied'], 'ACCESS_DENIED', /Allow s3:(Get|Put)Object/),
  s3('no such bucket', [404, 'NoSuchBucket', 'The specified bucket does not exist'], 'BUCKET_NOT_FOUND', /"s3_path"/),
  s3('an unknown access key', [403, 'InvalidAccessKeyId'], 'CREDENTIALS_INVALID', /AWS_ACCESS_KEY_ID/),
  s3('a wrong secret access key', [403, 'SignatureDoesNotMatch'], 'CREDENTIALS_INVALID', /AWS_SECRET_ACCESS_KEY/),
  s3('an expired token', [400, 'ExpiredToken'], 'CREDENTIALS_EXPIRED', /Sign in again/),
  s3('a clock that is off', [403, 'RequestTimeTooSkewed'], 'CLOCK_SKEW', /Set the clock/),
  s3('a redirect that names no region', [301, 'PermanentRedirect'], 'WRONG_REGION', /"region"/),
  s3('throttling', [503, 'SlowDown', 'Please reduce your request rate.'], 'THROTTLED', /try again/),
  s3('an internal error', [500, 'InternalError'], 'SERVICE_ERROR', /^$/),
  kms('access denied', [400, 'AccessDeniedException'], 'ACCESS_DENIED', /Allow kms:(En|De)crypt/),
  kms('an unknown access key', [400, 'UnrecognizedClientException'], 'CREDENTIALS_INVALID', /AWS_ACCESS_KEY_ID/),
  kms('an expired token', [400, 'ExpiredTokenException'], 'CREDENTIALS_EXPIRED', /Sign in again/),
  kms(
    'no such alias',
    [400, 'NotFoundException', 'Alias is not found.'],
    'KMS_KEY_NOT_FOUND',
    /"key_alias" and "region"/,
  ),
  kms('a disabled KMS key', [400, 'DisabledException'], 'KMS_KEY_UNUSABLE', /Enable the KMS key/),
  kms('a KMS key pending deletion', [400, 'KMSInvalidStateException'], 'KMS_KEY_UNUSABLE', /cancel its deletion/),
  kms('throttling', [400, 'ThrottlingException', 'Rate exceeded'], 'THROTTLED', /try again/),
  kms('an internal error', [500, 'KMSInternalException'], 'SERVICE_ERROR', /^$/),
]

async function storeThenBreak({ service, error }: Trouble): Promise<StandIns> {
  const servers = await startStandIns()
  expect(await servers.sandbox.lazycred(['put', 'db'], { input: 'old' })).toMatchObject({ status: 0, stderr: '' })
  const [status, code, message] = error
  servers[service].inject({ kind: 'error', status, code, ...(message === undefined ? {} : { message }) })
  return servers
}

describe.each(troubles)('$service: $what', (trouble) => {
  it.each(['get', 'put'])('is told by %s so that one can act on it, and nothing is lost', async (verb) => {
    const servers = await storeThenBreak(trouble)
    const before = servers.s3.readObject('vault', 'team/db')
    const { status, stdout, stderr } = await servers.sandbox.lazycred([verb, 'db'], { input: 'new value' })
    const [line = '', hint = '', ...rest] = stderr.trimEnd().split('\n')
    expect({ status, stdout: stdout.toString(), rest }).toEqual({ status: 1, stdout: '', rest: [] })
    expect(line.startsWith(`ERROR:LazyCredLogger:Unable to ${verb} <Key: vault,team/db>. ${trouble.code}: `)).toBe(true)
    expect(line).toContain(`${trouble.service.toUpperCase()} `)
    expect(line).toContain(`(${trouble.error[1]})`)
    expect(hint).toMatch(trouble.hint)
    expect(servers.s3.readObject('vault', 'team/db')).toEqual(before)
  })
})
