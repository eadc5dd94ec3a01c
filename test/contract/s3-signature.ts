import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { get, newBucket, put, rawPut, rawRequest, refusalOf, s3Of, type RawRequest, type S3 } from './s3-client.js'

const MINUTE_MS = 60 * 1000

/** Whom S3 lets in (AWS pages "Authenticating Requests (AWS Signature Version 4)" and "Error responses"). */
export function signatureChecks(s3: S3, check: Check): void {
  const { target } = s3
  const refusalFor = async (credentials: { accessKeyId?: string; secretAccessKey?: string; sessionToken?: string }) => {
    const bucket = await newBucket(s3)
    const stranger = s3Of(target, { credentials: { ...target.credentials, ...credentials } })
    return refusalOf(get(stranger, bucket, 'path')).finally(() => {
      stranger.client.destroy()
    })
  }

  check('refuses an access key id that it does not know: InvalidAccessKeyId', async () => {
    const refusal = await refusalFor({ accessKeyId: 'AKIDUNKNOWN' })
    expect(refusal).toMatchObject({ code: 'InvalidAccessKeyId', status: 403 })
  })

  check('refuses a signature with another secret: SignatureDoesNotMatch', async () => {
    const refusal = await refusalFor({ secretAccessKey: 'another' })
    expect(refusal).toMatchObject({ code: 'SignatureDoesNotMatch', status: 403 })
    expect(refusal.message).toContain('Check your key and signing method.')
  })

  check('refuses a session token that is none: InvalidToken', async () => {
    expect(await refusalFor({ sessionToken: 'no token' })).toMatchObject({ code: 'InvalidToken', status: 400 })
  })

  check('refuses a request without a signature: AccessDenied', async () => {
    const path = `/${await newBucket(s3)}/path`
    const answer = await rawRequest(target, { path, tampered: { headers: { authorization: null } } })
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' })
  })

  for (const [title, authorization] of Object.entries({
    'half a signature': 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE',
    'a scope without its parts': 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/us-east-1, SignedHeaders=host, Signature=0',
  })) {
    check(`refuses ${title}: AuthorizationHeaderMalformed`, async () => {
      const path = `/${await newBucket(s3)}/path`
      const answer = await rawRequest(target, { path, tampered: { headers: { authorization } } })
      expect(answer).toMatchObject({ status: 400, code: 'AuthorizationHeaderMalformed' })
    })
  }

  check('refuses a signature for another service: AuthorizationHeaderMalformed', async () => {
    const answer = await rawPut(target, await newBucket(s3), { signer: { service: 'kms' }, headers: UNSIGNED_PAYLOAD })
    expect(answer).toMatchObject({ status: 400, code: 'AuthorizationHeaderMalformed' })
  })

  timeChecks(s3, check)
  tamperChecks(s3, check)
  payloadChecks(s3, check)
}

const UNSIGNED_PAYLOAD = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }

function timeChecks(s3: S3, check: Check): void {
  for (const [title, minutes] of Object.entries({ past: -16, future: 16 })) {
    check(`refuses a signature from too far in the ${title}: RequestTimeTooSkewed`, async () => {
      const time = new Date(Date.now() + minutes * MINUTE_MS)
      const answer = await rawPut(s3.target, await newBucket(s3), { signer: { time } })
      expect(answer).toMatchObject({ status: 403, code: 'RequestTimeTooSkewed' })
    })
  }

  check('takes a signature from a clock that is a little off', async () => {
    const bucket = await newBucket(s3)
    for (const minutes of [-14, 14]) {
      const time = new Date(Date.now() + minutes * MINUTE_MS)
      expect(await rawPut(s3.target, bucket, { signer: { time } })).toMatchObject({ status: 200 })
    }
  })
}

function tamperChecks(s3: S3, check: Check): void {
  const changes: Record<string, Partial<RawRequest>> = {
    'the path': { tampered: { path: '/another-bucket/path' } },
    'the query': { query: 'versionId=null', tampered: { query: '' } },
    'a signed header': { headers: { 'x-amz-meta-a': 'b' }, tampered: { headers: { 'x-amz-meta-a': 'c' } } },
    'the hash of the body': { tampered: { headers: UNSIGNED_PAYLOAD } },
  }
  for (const [what, change] of Object.entries(changes)) {
    check(`refuses a request of which ${what} was changed on the way: SignatureDoesNotMatch`, async () => {
      const answer = await rawRequest(s3.target, { path: `/${await newBucket(s3)}/path`, ...change })
      expect(answer).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' })
    })
  }

  check('refuses a header of its own that was added on the way: AccessDenied', async () => {
    const tampered = { headers: { 'x-amz-meta-added': 'on the way' } }
    const answer = await rawPut(s3.target, await newBucket(s3), { tampered })
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' })
  })
}

function payloadChecks(s3: S3, check: Check): void {
  const { target } = s3

  check('refuses a body that was changed on the way, and keeps the old one: XAmzContentSHA256Mismatch', async () => {
    const bucket = await newBucket(s3)
    await put(s3, bucket, 'raw', 'old')
    const answer = await rawPut(target, bucket, { body: 'new', tampered: { body: 'bad' } })
    expect(answer).toMatchObject({ status: 400, code: 'XAmzContentSHA256Mismatch' })
    expect((await get(s3, bucket, 'raw')).body.toString()).toBe('old')
  })

  check('refuses a hash of the body that is none: InvalidArgument', async () => {
    const answer = await rawPut(target, await newBucket(s3), { headers: { 'x-amz-content-sha256': 'none' } })
    expect(answer).toMatchObject({ status: 400, code: 'InvalidArgument' })
  })

  check('takes a body of which no hash is signed', async () => {
    expect(await rawPut(target, await newBucket(s3), { headers: UNSIGNED_PAYLOAD })).toMatchObject({ status: 200 })
  })
}
