import { HeadBucketCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { startS3 } from '../support/aws/s3.js'
import { TEST_CREDENTIALS, type Credentials } from '../support/aws/sigv4.js'
import { get, put, rawRequest, refusalOf, type S3 } from './s3-client.js'
import { s3Fixture } from './s3-fixture.js'

const SESSION: Credentials = { accessKeyId: 'ASIASESSION', secretAccessKey: 'secret', sessionToken: 'token' }
const EXPIRED: Credentials = { ...SESSION, accessKeyId: 'ASIAEXPIRED', expired: true }
const STRANGER: Credentials = { accessKeyId: 'AKIDSTRANGER', secretAccessKey: 'secret', account: '111111111111' }

/** What the stand-in does beyond what independent servers can be asked for. */
describe('the S3 stand-in', () => {
  const fixture = s3Fixture({ credentials: [TEST_CREDENTIALS, SESSION, EXPIRED, STRANGER] })

  describe('for tests without HTTP', () => {
    it('reads and lists what was put, and writes what can be got', async () => {
      await put(fixture.s3, 'bucket', 'by/http', 'from afar')
      fixture.server.writeObject('bucket', 'by/hand', Buffer.from('from here'))
      expect(fixture.server.readObject('bucket', 'by/http')?.toString()).toBe('from afar')
      expect((await get(fixture.s3, 'bucket', 'by/hand')).body.toString()).toBe('from here')
      expect(fixture.server.listObjects('bucket')).toEqual(['by/hand', 'by/http'])
      expect(fixture.server.readObject('bucket', 'nothing')).toBeUndefined()
    })

    it('calls it a mistake to use a bucket that there is not', () => {
      expect(() => fixture.server.readObject('no-bucket', 'path')).toThrow('there is no bucket no-bucket')
    })

    it('shows no deleted object', async () => {
      fixture.server.createBucket('versioned', { versioned: true })
      fixture.server.writeObject('versioned', 'path', Buffer.from('gone'))
      await rawRequest(fixture.target, { method: 'DELETE', path: '/versioned/path' })
      expect(fixture.server.readObject('versioned', 'path')).toBeUndefined()
      expect(fixture.server.listObjects('versioned')).toEqual([])
    })
  })

  describe('credentials', () => {
    it('takes temporary ones with their token', async () => {
      expect(await put(fixture.as(SESSION), 'bucket', 'path')).toHaveProperty('ETag')
    })

    it('does not know temporary ones without their token', async () => {
      const { accessKeyId, secretAccessKey } = SESSION
      const refusal = await refusalOf(put(fixture.as({ accessKeyId, secretAccessKey }), 'bucket', 'path'))
      expect(refusal).toMatchObject({ code: 'InvalidAccessKeyId', status: 403 })
    })

    it('refuses temporary ones with another token', async () => {
      const refusal = await refusalOf(put(fixture.as({ ...SESSION, sessionToken: 'another' }), 'bucket', 'path'))
      expect(refusal).toMatchObject({ code: 'InvalidToken', status: 400 })
    })

    it('refuses temporary ones that have expired', async () => {
      const refusal = await refusalOf(put(fixture.as(EXPIRED), 'bucket', 'path'))
      expect(refusal).toMatchObject({ code: 'ExpiredToken', status: 400, message: 'The provided token has expired.' })
    })
  })

  it('is met again by the SDK at the right time, where the clocks differ', async () => {
    const ahead = await startS3({ now: () => new Date(Date.now() + 60 * 60 * 1000) })
    ahead.createBucket('bucket')
    const client = fixture.client({ endpoint: ahead.url }, { maxAttempts: 2 })
    await put(client, 'bucket', 'path').finally(() => ahead.close())
    expect(ahead.requests.map(({ status }) => status)).toEqual([403, 200])
  })

  describe('owners', () => {
    const create = (by: S3) => rawRequest(by.target, { method: 'PUT', path: '/bucket' })

    it('gives a bucket that one has to no other', async () => {
      expect(await create(fixture.s3)).toMatchObject({ status: 200 })
      expect(await create(fixture.as(STRANGER))).toMatchObject({ status: 409, code: 'BucketAlreadyExists' })
    })

    it('serves no bucket that has passed to another owner, where the owner is checked', async () => {
      fixture.server.createBucket('sniped', { owner: '999999999999' })
      const input = { Bucket: 'sniped', Key: 'path', Body: Buffer.from(''), ExpectedBucketOwner: '000000000000' }
      const refusal = await refusalOf(fixture.s3.client.send(new PutObjectCommand(input)))
      expect(refusal).toMatchObject({ code: 'AccessDenied', status: 403 })
      expect(fixture.server.listObjects('sniped')).toEqual([])
    })

    it('hides what is missing from whoever may not list the bucket', async () => {
      fixture.server.createBucket('private', { hideMissing: true })
      const missing = await refusalOf(get(fixture.s3, 'private', 'missing'))
      expect(missing).toMatchObject({ code: 'AccessDenied', status: 403 })
      const head = fixture.s3.client.send(new HeadObjectCommand({ Bucket: 'private', Key: 'missing' }))
      expect((await refusalOf(head)).status).toBe(403)
      await put(fixture.s3, 'private', 'there', 'found')
      expect((await get(fixture.s3, 'private', 'there')).body.toString()).toBe('found')
    })
  })

  describe('regions', () => {
    const following = () => fixture.client({}, { followRegionRedirects: true })

    it('is followed by the SDK at every request anew', async () => {
      fixture.server.createBucket('far', { region: 'eu-west-1' })
      const client = following()
      await put(client, 'far', 'path')
      await get(client, 'far', 'path')
      const seen = fixture.server.requests.map(({ operation, status }) => `${operation} ${status ?? ''}`)
      expect(seen).toEqual(['PutObject 301', 'PutObject 200', 'GetObject 301', 'GetObject 200'])
    })

    it('can answer a wrong region as a malformed signature, which the SDK does not follow but at HeadBucket', async () => {
      fixture.server.createBucket('far', { region: 'eu-west-1', wrongRegion: 'AuthorizationHeaderMalformed' })
      const refusal = await refusalOf(put(following(), 'far', 'path'))
      expect(refusal).toMatchObject({
        code: 'AuthorizationHeaderMalformed',
        status: 400,
        error: { Region: 'eu-west-1' },
      })
      expect(refusal.message).toContain("the region 'us-east-1' is wrong; expecting 'eu-west-1'")
      const head = await following().client.send(new HeadBucketCommand({ Bucket: 'far' }))
      expect(head.BucketRegion).toBe('eu-west-1')
    })
  })

  describe('faults', () => {
    it('denies one operation and no other', async () => {
      fixture.server.inject({ kind: 'error', status: 403, code: 'AccessDenied' }, { operation: 'PutObject' })
      const refusal = await refusalOf(put(fixture.s3, 'bucket', 'path'))
      expect(refusal).toMatchObject({ code: 'AccessDenied', status: 403, message: 'Access Denied' })
      expect((await refusalOf(get(fixture.s3, 'bucket', 'path'))).code).toBe('NoSuchKey')
    })

    it('can have a conditional write meet another one', async () => {
      const fault = { kind: 'error', status: 409, code: 'ConditionalRequestConflict' } as const
      fixture.server.inject(fault, { operation: 'PutObject', times: 1 })
      expect(await refusalOf(put(fixture.s3, 'bucket', 'path'))).toMatchObject({ code: fault.code, status: 409 })
      expect(fixture.server.listObjects('bucket')).toEqual([])
      expect(await put(fixture.s3, 'bucket', 'path')).toHaveProperty('ETag')
    })

    it('is asked again by the SDK when it wants to be asked less', async () => {
      fixture.server.inject({ kind: 'error', status: 503, code: 'SlowDown' }, { times: 1 })
      const patient = fixture.client({}, { maxAttempts: 2 })
      await put(patient, 'bucket', 'path', 'at last')
      expect(fixture.server.requests.map(({ status }) => status)).toEqual([503, 200])
      expect(fixture.server.readObject('bucket', 'path')?.toString()).toBe('at last')
    })
  })

  it('says in its log what each request was', async () => {
    await put(fixture.s3, 'bucket', 'path')
    await get(fixture.s3, 'bucket', 'path')
    await rawRequest(fixture.target, { path: '/bucket', query: 'acl' })
    const log = fixture.server.requests.map(({ operation, status }) => [operation, status])
    expect(log).toEqual([
      ['PutObject', 200],
      ['GetObject', 200],
      ['Unknown', 501],
    ])
  })
})
