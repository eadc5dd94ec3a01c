import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { get, newBucket, put, rawPut, refusalOf, type S3 } from './s3-client.js'

const OTHER = '"00000000000000000000000000000000"'

/** Conditional reads and writes (AWS pages "Conditional reads", "How to prevent object overwrites with conditional writes"). */
export function conditionChecks(s3: S3, check: Check): void {
  const write = (Bucket: string, condition: { IfMatch?: string; IfNoneMatch?: string }) =>
    s3.client.send(new PutObjectCommand({ Bucket, Key: 'path', Body: Buffer.from('new'), ...condition }))
  const readBack = async (bucket: string) => (await get(s3, bucket, 'path')).body.toString()

  readChecks(s3, check)

  check('puts with If-None-Match: * where there is nothing', async () => {
    const bucket = await newBucket(s3)
    await write(bucket, { IfNoneMatch: '*' })
    expect(await readBack(bucket)).toBe('new')
  })

  check('puts nothing with If-None-Match: * over an object: PreconditionFailed', async () => {
    const bucket = await newBucket(s3)
    await put(s3, bucket, 'path', 'old')
    const refusal = await refusalOf(write(bucket, { IfNoneMatch: '*' }))
    expect(refusal).toMatchObject({ code: 'PreconditionFailed', status: 412, error: { Condition: 'If-None-Match' } })
    expect(await readBack(bucket)).toBe('old')
  })

  check('puts with If-None-Match: * over a delete marker', async () => {
    const bucket = await newBucket(s3, { versioned: true })
    await put(s3, bucket, 'path', 'old')
    await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'path' }))
    await write(bucket, { IfNoneMatch: '*' })
    expect(await readBack(bucket)).toBe('new')
  })

  check('knows no If-None-Match but * on a PUT: NotImplemented', async () => {
    const answer = await rawPut(s3.target, await newBucket(s3), { headers: { 'if-none-match': OTHER } })
    expect(answer).toMatchObject({ status: 501, code: 'NotImplemented' })
  })

  check('puts with If-Match over the version it names', async () => {
    const bucket = await newBucket(s3)
    const { ETag } = await put(s3, bucket, 'path', 'old')
    await write(bucket, { IfMatch: ETag ?? '' })
    expect(await readBack(bucket)).toBe('new')
  })

  check('puts nothing with If-Match over another version: PreconditionFailed', async () => {
    const bucket = await newBucket(s3)
    await put(s3, bucket, 'path', 'old')
    const refusal = await refusalOf(write(bucket, { IfMatch: OTHER }))
    expect(refusal).toMatchObject({ code: 'PreconditionFailed', status: 412, error: { Condition: 'If-Match' } })
    expect(await readBack(bucket)).toBe('old')
  })

  check('puts nothing with If-Match where there is nothing: NoSuchKey', async () => {
    const refusal = await refusalOf(write(await newBucket(s3), { IfMatch: OTHER }))
    expect(refusal).toMatchObject({ code: 'NoSuchKey', status: 404 })
  })
}

function readChecks(s3: S3, check: Check): void {
  const reads = {
    GET: (bucket: string, condition: object) => get(s3, bucket, 'path', condition),
    HEAD: (Bucket: string, condition: object) =>
      s3.client.send(new HeadObjectCommand({ Bucket, Key: 'path', ...condition })),
  }
  for (const [method, read] of Object.entries(reads)) {
    check(`answers ${method} with If-None-Match of the same version: 304`, async () => {
      const bucket = await newBucket(s3)
      const { ETag } = await put(s3, bucket, 'path')
      expect((await refusalOf(read(bucket, { IfNoneMatch: ETag }))).status).toBe(304)
      expect(await read(bucket, { IfNoneMatch: OTHER })).toMatchObject({ ETag })
    })

    check(`answers ${method} with If-Match of another version: 412`, async () => {
      const bucket = await newBucket(s3)
      const { ETag } = await put(s3, bucket, 'path')
      expect((await refusalOf(read(bucket, { IfMatch: OTHER }))).status).toBe(412)
      expect(await read(bucket, { IfMatch: ETag })).toMatchObject({ ETag })
    })
  }
}
