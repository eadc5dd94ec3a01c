import { expect } from 'vitest'
import { xmlValue } from '../support/aws/s3-xml.js'
import type { Check } from './endpoints.js'
import { newBucket, rawPut, rawRequest, type S3 } from './s3-client.js'

/** How S3's answers look on the wire (Amazon S3 API reference, "Error responses" and "Common response headers"). */
export function protocolChecks(s3: S3, check: Check): void {
  const { target } = s3

  check('answers with the headers that all its answers have', async () => {
    const { status, headers } = await rawPut(target, await newBucket(s3), {})
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'x-amz-request-id': expect.stringMatching(/^\S{16,}$/) as string,
      'x-amz-id-2': expect.stringMatching(/^\S{16,}$/) as string,
      date: expect.stringMatching(/ GMT$/) as string,
      server: 'AmazonS3',
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/) as string,
    })
  })

  check('tells an error as XML, which names the request and the object', async () => {
    const answer = await rawRequest(target, { path: `/${await newBucket(s3)}/a%20%3Cb%3E` })
    expect(answer).toMatchObject({ status: 404, headers: { 'content-type': 'application/xml' } })
    expect(answer.body).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*<Error>.*<\/Error>\s*$/s)
    expect(answer.body).toMatch(/<Key>a (&lt;|&#x3c;)b(&gt;|&#x3e;)<\/Key>/)
    expect(Object.fromEntries(ELEMENTS.map((name) => [name, xmlValue(answer.body, name)]))).toEqual({
      Code: 'NoSuchKey',
      Message: 'The specified key does not exist.',
      RequestId: answer.headers['x-amz-request-id'],
      HostId: answer.headers['x-amz-id-2'],
    })
  })

  check('tells an error to a HEAD by the status alone', async () => {
    const answer = await rawRequest(target, { method: 'HEAD', path: `/${await newBucket(s3)}/nothing` })
    expect(answer).toMatchObject({ status: 404, body: '' })
  })

  check('gives an object as octets where it was not told better', async () => {
    const bucket = await newBucket(s3)
    await rawPut(target, bucket, {})
    const { headers } = await rawRequest(target, { path: `/${bucket}/raw` })
    expect(headers).toMatchObject({
      'content-type': 'binary/octet-stream',
      'content-length': '3',
      'accept-ranges': 'bytes',
    })
  })

  check('refuses a path that is no percent-encoded UTF-8: 400', async () => {
    const bucket = await newBucket(s3)
    for (const path of ['%ff', '%C3%28']) {
      expect((await rawRequest(target, { path: `/${bucket}/${path}` })).status).toBe(400)
    }
  })
}

const ELEMENTS = ['Code', 'Message', 'RequestId', 'HostId'] as const
