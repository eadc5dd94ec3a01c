import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { enableVersions, get, newBucket, put, refusalOf, type S3 } from './s3-client.js'

/** Versions and delete markers (AWS page "Retaining multiple versions of objects with S3 Versioning"). */
export function versionChecks(s3: S3, check: Check): void {
  const remove = (Bucket: string, Key: string, VersionId?: string) =>
    s3.client.send(new DeleteObjectCommand({ Bucket, Key, ...(VersionId !== undefined && { VersionId }) }))

  check('says whether a bucket has versions', async () => {
    const status = async (Bucket: string) => (await s3.client.send(new GetBucketVersioningCommand({ Bucket }))).Status
    expect(await status(await newBucket(s3))).toBeUndefined()
    expect(await status(await newBucket(s3, { versioned: true }))).toBe('Enabled')
  })

  check('keeps every version, and gives the newest where none is named', async () => {
    const bucket = await newBucket(s3, { versioned: true })
    const first = await put(s3, bucket, 'path', 'first')
    const second = await put(s3, bucket, 'path', 'second')
    expect(first.VersionId).not.toBe(second.VersionId)
    const newest = await get(s3, bucket, 'path')
    expect([newest.body.toString(), newest.VersionId]).toEqual(['second', second.VersionId])
    const older = await get(s3, bucket, 'path', { VersionId: first.VersionId })
    expect([older.body.toString(), older.VersionId]).toEqual(['first', first.VersionId])
  })

  check('names no version where the bucket has none', async () => {
    const bucket = await newBucket(s3)
    expect((await put(s3, bucket, 'path')).VersionId).toBeUndefined()
    expect((await get(s3, bucket, 'path')).VersionId).toBeUndefined()
  })

  check('calls what was put before versions were enabled the version null', async () => {
    const bucket = await newBucket(s3)
    await put(s3, bucket, 'path', 'before')
    await enableVersions(s3.client, bucket)
    await put(s3, bucket, 'path', 'after')
    expect((await get(s3, bucket, 'path', { VersionId: 'null' })).body.toString()).toBe('before')
    expect((await get(s3, bucket, 'path')).body.toString()).toBe('after')
  })

  check('puts a delete marker in front of the versions, which stay', async () => {
    const bucket = await newBucket(s3, { versioned: true })
    const { VersionId } = await put(s3, bucket, 'path', 'kept')
    const marker = await remove(bucket, 'path')
    expect(marker).toMatchObject({ DeleteMarker: true })
    expect(marker.VersionId).not.toBe(VersionId)
    expect((await get(s3, bucket, 'path', { VersionId })).body.toString()).toBe('kept')
  })

  check('answers for a delete marker: NoSuchKey, and says that it is one', async () => {
    const bucket = await newBucket(s3, { versioned: true })
    await put(s3, bucket, 'path')
    await remove(bucket, 'path')
    const refusal = await refusalOf(get(s3, bucket, 'path'))
    expect(refusal).toMatchObject({ code: 'NoSuchKey', status: 404, headers: { 'x-amz-delete-marker': 'true' } })
    const head = await refusalOf(s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'path' })))
    expect(head).toMatchObject({ status: 404, headers: { 'x-amz-delete-marker': 'true' } })
  })

  check('gives no delete marker that is asked for by its version: MethodNotAllowed', async () => {
    const bucket = await newBucket(s3, { versioned: true })
    const { VersionId } = await remove(bucket, 'path')
    const refusal = await refusalOf(get(s3, bucket, 'path', { VersionId }))
    expect(refusal).toMatchObject({
      code: 'MethodNotAllowed',
      status: 405,
      headers: { 'x-amz-delete-marker': 'true' },
    })
  })

  check('brings an object back where its delete marker is deleted', async () => {
    const bucket = await newBucket(s3, { versioned: true })
    await put(s3, bucket, 'path', 'back again')
    const { VersionId } = await remove(bucket, 'path')
    expect(await remove(bucket, 'path', VersionId)).toMatchObject({ DeleteMarker: true, VersionId })
    expect((await get(s3, bucket, 'path')).body.toString()).toBe('back again')
  })

  check('deletes one version for good', async () => {
    const bucket = await newBucket(s3, { versioned: true })
    const first = await put(s3, bucket, 'path', 'first')
    const second = await put(s3, bucket, 'path', 'second')
    await remove(bucket, 'path', second.VersionId)
    expect((await get(s3, bucket, 'path')).VersionId).toBe(first.VersionId)
  })

  unknownChecks(s3, check)
  listChecks(s3, check)
}

function unknownChecks(s3: S3, check: Check): void {
  check('does not know a version that was deleted: NoSuchVersion', async () => {
    const Bucket = await newBucket(s3, { versioned: true })
    const { VersionId } = await put(s3, Bucket, 'path', 'first')
    await put(s3, Bucket, 'path', 'second')
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'path', VersionId }))
    const refusal = await refusalOf(get(s3, Bucket, 'path', { VersionId }))
    expect(refusal).toMatchObject({ code: 'NoSuchVersion', status: 404 })
  })

  check('refuses what can be no version id: InvalidArgument', async () => {
    const bucket = await newBucket(s3, { versioned: true })
    await put(s3, bucket, 'path')
    const refusal = await refusalOf(get(s3, bucket, 'path', { VersionId: 'no version' }))
    expect(refusal).toMatchObject({ code: 'InvalidArgument', status: 400 })
  })
}

function listChecks(s3: S3, check: Check): void {
  check('lists versions and delete markers, newest first for each path', async () => {
    const Bucket = await newBucket(s3, { versioned: true })
    const first = await put(s3, Bucket, 'a', 'first')
    const second = await put(s3, Bucket, 'a', 'second')
    const other = await put(s3, Bucket, 'b')
    const marker = await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }))
    const { Versions = [], DeleteMarkers = [] } = await s3.client.send(new ListObjectVersionsCommand({ Bucket }))
    expect(Versions.map((each) => [each.Key, each.VersionId, each.IsLatest, each.Size])).toEqual([
      ['a', second.VersionId, false, 6],
      ['a', first.VersionId, false, 5],
      ['b', other.VersionId, true, 1],
    ])
    expect(DeleteMarkers).toMatchObject([{ Key: 'a', VersionId: marker.VersionId, IsLatest: true }])
  })

  check('lists the versions of a bucket that has none as null', async () => {
    const Bucket = await newBucket(s3)
    await put(s3, Bucket, 'path')
    const { Versions } = await s3.client.send(new ListObjectVersionsCommand({ Bucket }))
    expect(Versions).toMatchObject([{ Key: 'path', VersionId: 'null', IsLatest: true }])
  })

  check('lists versions page by page', async () => {
    const Bucket = await newBucket(s3, { versioned: true })
    const expected = []
    for (const path of ['a', 'b', 'c']) expected.push((await put(s3, Bucket, path)).VersionId)
    const first = await s3.client.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2 }))
    expect(first).toMatchObject({ IsTruncated: true, MaxKeys: 2 })
    const KeyMarker = first.NextKeyMarker
    const second = await s3.client.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, KeyMarker }))
    expect(second.IsTruncated).toBe(false)
    const pages = [first, second].map(({ Versions }) => Versions?.map((each) => each.VersionId))
    expect(pages).toEqual([expected.slice(0, 2), expected.slice(2)])
  })
}
