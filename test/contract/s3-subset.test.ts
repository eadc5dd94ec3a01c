import { describe, expect, it } from 'vitest'
import { put, rawPut, rawRequest, refusalOf } from './s3-client.js'
import { s3Fixture } from './s3-fixture.js'

/** Where the S3 stand-in ends, and by which names its buckets are found. */
describe('the subset of S3', () => {
  const fixture = s3Fixture({ sizeLimit: 1000 })

  describe('limits', () => {
    it('takes no object above the size limit', async () => {
      await put(fixture.s3, 'bucket', 'path', Buffer.alloc(1000))
      const refusal = await refusalOf(put(fixture.s3, 'bucket', 'path', Buffer.alloc(1001)))
      expect(refusal).toMatchObject({ code: 'EntityTooLarge', status: 400 })
    })

    it('refuses an expected owner that is no account', async () => {
      const headers = { 'x-amz-expected-bucket-owner': 'me' }
      const answer = await rawPut(fixture.target, 'bucket', { headers })
      expect(answer).toMatchObject({ status: 400, code: 'InvalidBucketOwnerAWSAccountID' })
    })

    it('refuses a body in aws-chunked encoding', async () => {
      const headers = {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'content-encoding': 'aws-chunked',
      }
      const answer = await rawPut(fixture.target, 'bucket', { headers })
      expect(answer).toMatchObject({ status: 501, code: 'NotImplemented' })
      expect(answer.body).toContain('aws-chunked')
    })

    for (const request of [
      { path: '/' },
      { path: '/bucket' },
      { path: '/bucket', query: 'acl' },
      { path: '/bucket/path', query: 'tagging' },
      { path: '/bucket', method: 'DELETE' },
      { path: '/bucket/path', method: 'POST', query: 'uploads' },
      { path: '/bucket/path', headers: { range: 'bytes=0-1' } },
      { path: '/bucket/path', method: 'PUT', headers: { 'x-amz-copy-source': '/bucket/other' } },
      { path: '/bucket/path', method: 'PUT', headers: { 'x-amz-acl': 'public-read' } },
    ]) {
      it(`says that it does not do ${JSON.stringify(request)}`, async () => {
        const answer = await rawRequest(fixture.target, request)
        expect(answer).toMatchObject({ status: 501, code: 'NotImplemented' })
      })
    }
  })

  describe('virtual-hosted buckets', () => {
    const at = (host: string, path: string) => rawRequest(fixture.target, { path, headers: { host } })

    it('finds the bucket in the host name', async () => {
      await put(fixture.s3, 'bucket', 'a/b', 'found')
      const hosts = [
        'bucket.localhost',
        'bucket.s3.localhost',
        'bucket.s3.amazonaws.com',
        'bucket.s3.eu-west-1.amazonaws.com',
      ]
      for (const host of hosts) {
        expect(await at(`${host}:${fixture.server.port}`, '/a/b')).toMatchObject({ status: 200, body: 'found' })
        expect(await at(host, '/a/b')).toMatchObject({ status: 200, body: 'found' })
      }
    })

    it('keeps every slash of the object path', async () => {
      await put(fixture.s3, 'bucket', '/a//b', 'found')
      expect(await at('bucket.localhost', '//a//b')).toMatchObject({ status: 200, body: 'found' })
    })

    it('takes a dot in a bucket name for a dot', async () => {
      fixture.server.createBucket('my.own.bucket')
      fixture.server.writeObject('my.own.bucket', 'path', Buffer.from('found'))
      expect(await at('my.own.bucket.s3.amazonaws.com', '/path')).toMatchObject({ status: 200, body: 'found' })
    })

    it('finds no bucket in an address or in its own name', async () => {
      await put(fixture.s3, 'bucket', 'path', 'found')
      for (const host of ['127.0.0.1:1', '[::1]:1', 'localhost', 's3.localhost', 's3.eu-west-1.amazonaws.com']) {
        expect(await at(host, '/bucket/path')).toMatchObject({ status: 200, body: 'found' })
      }
    })
  })
})
