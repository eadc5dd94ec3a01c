import { createHash, randomBytes } from 'node:crypto'
import { DeleteObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { get, newBucket, put, randomBucket, rawPut, refusalOf, type S3 } from './s3-client.js'

/** GetObject, HeadObject, PutObject and DeleteObject, where nothing is special. */
export function objectChecks(s3: S3, check: Check): void {
  for (const size of [0, 1, 1000, 100_000]) {
    check(`gives ${size} bytes back as they were put`, async () => {
      const bucket = await newBucket(s3)
      const body = randomBytes(size)
      const { ETag } = await put(s3, bucket, 'path', body)
      expect(ETag).toBe(`"${createHash('md5').update(body).digest('hex')}"`)
      expect(await get(s3, bucket, 'path')).toMatchObject({ body, ETag, ContentLength: size })
    })
  }

  check('says of an object when it was put', async () => {
    const bucket = await newBucket(s3)
    await put(s3, bucket, 'path')
    const { LastModified } = await get(s3, bucket, 'path')
    expect(Math.abs(Date.now() - (LastModified?.getTime() ?? 0))).toBeLessThan(60_000)
  })

  check('keeps content type and user metadata', async () => {
    const Bucket = await newBucket(s3)
    const kept = { ContentType: 'application/json', Metadata: { purpose: 'a test' }, CacheControl: 'no-store' }
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'path', Body: Buffer.from('{}'), ...kept }))
    expect(await get(s3, Bucket, 'path')).toMatchObject(kept)
  })

  check('replaces an object by a later one', async () => {
    const bucket = await newBucket(s3)
    await put(s3, bucket, 'path', 'a long first body')
    await put(s3, bucket, 'path', 'second')
    expect((await get(s3, bucket, 'path')).body.toString()).toBe('second')
  })

  check('tells by HEAD what GET would give, without the body', async () => {
    const bucket = await newBucket(s3)
    const { ETag } = await put(s3, bucket, 'path', 'twelve bytes')
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'path' }))
    expect(head).toMatchObject({ ETag, ContentLength: 12 })
  })

  check('deletes an object, and deleting it again does no harm', async () => {
    const bucket = await newBucket(s3)
    await put(s3, bucket, 'path')
    for (const _ of ['once', 'again']) {
      const gone = await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'path' }))
      expect(gone.$metadata.httpStatusCode).toBe(204)
    }
    expect((await refusalOf(get(s3, bucket, 'path'))).code).toBe('NoSuchKey')
  })

  absenceChecks(s3, check)
  bodyChecks(s3, check)
}

function absenceChecks(s3: S3, check: Check): void {
  check('does not know an object: NoSuchKey', async () => {
    const refusal = await refusalOf(get(s3, await newBucket(s3), 'nothing/here'))
    expect(refusal).toMatchObject({ code: 'NoSuchKey', status: 404, error: { Key: 'nothing/here' } })
    expect(refusal.message).toBe('The specified key does not exist.')
  })

  check('does not know an object asked for by HEAD: 404', async () => {
    const input = { Bucket: await newBucket(s3), Key: 'nothing' }
    const refusal = await refusalOf(s3.client.send(new HeadObjectCommand(input)))
    expect(refusal).toMatchObject({ code: 'NotFound', status: 404 })
  })

  const commands = {
    GetObject: (Bucket: string) => get(s3, Bucket, 'path'),
    PutObject: (Bucket: string) => put(s3, Bucket, 'path'),
    DeleteObject: (Bucket: string) => s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'path' })),
    ListObjectsV2: (Bucket: string) => s3.client.send(new ListObjectsV2Command({ Bucket })),
  }
  for (const [operation, send] of Object.entries(commands)) {
    check(`does not know a bucket at ${operation}: NoSuchBucket`, async () => {
      const bucket = randomBucket()
      const refusal = await refusalOf(send(bucket))
      expect(refusal).toMatchObject({ code: 'NoSuchBucket', status: 404, error: { BucketName: bucket } })
    })
  }
}

function bodyChecks(s3: S3, check: Check): void {
  check('takes a body of 3 MiB, which the SDK sends with Expect: 100-continue', async () => {
    const bucket = await newBucket(s3)
    const body = randomBytes(3 * 1024 * 1024)
    await put(s3, bucket, 'large', body)
    expect((await get(s3, bucket, 'large')).body.equals(body)).toBe(true)
  })

  check('answers Expect: 100-continue before it has the body', async () => {
    const bucket = await newBucket(s3)
    const answer = await rawPut(s3.target, bucket, { tampered: { headers: { expect: '100-continue' } } })
    expect(answer).toMatchObject({ status: 200, continued: true })
  })

  check('takes no object without its length: MissingContentLength', async () => {
    const bucket = await newBucket(s3)
    const headers = { 'content-length': null, 'transfer-encoding': 'chunked' }
    expect(await rawPut(s3.target, bucket, { tampered: { headers } })).toMatchObject({
      status: 411,
      code: 'MissingContentLength',
    })
  })
}
