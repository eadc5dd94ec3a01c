import {
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { newBucket, put, rawRequest, refusalOf, type S3 } from './s3-client.js'

/** ListObjectsV2 (Amazon S3 API reference, and AWS page "Organizing objects using prefixes"). */
export function listingChecks(s3: S3, check: Check): void {
  check('lists an empty bucket', async () => {
    const page = await list(s3, await newBucket(s3))
    expect(page).toMatchObject({ KeyCount: 0, IsTruncated: false, MaxKeys: 1000 })
    expect(page.Contents).toBeUndefined()
  })

  check('tells path, size, ETag and time of each object', async () => {
    const bucket = await newBucket(s3)
    const { ETag } = await put(s3, bucket, 'path', 'twelve bytes')
    const { Contents = [], Name } = await list(s3, bucket)
    expect(Contents).toMatchObject([{ Key: 'path', Size: 12, ETag, StorageClass: 'STANDARD' }])
    expect(Contents[0]?.LastModified).toBeInstanceOf(Date)
    expect(Name).toBe(bucket)
  })

  check('lists in the order of UTF-8 bytes, which is not that of UTF-16', async () => {
    const sorted = ['B', 'a', 'a!', 'a/', 'a/b', 'b', 'é', '\uff5e', '\u{1f600}']
    expect(paths(await list(s3, await filled(s3, ...sorted.toReversed())))).toEqual(sorted)
  })

  check('leaves out what was deleted', async () => {
    const bucket = await newBucket(s3, { versioned: true })
    await put(s3, bucket, 'gone')
    await put(s3, bucket, 'here')
    const answer = await rawRequest(s3.target, { method: 'DELETE', path: `/${bucket}/gone` })
    expect(answer.status).toBe(204)
    const page = await list(s3, bucket)
    expect([paths(page), page.KeyCount]).toEqual([['here'], 1])
  })

  check('lists what begins with a prefix', async () => {
    const bucket = await filled(s3, 'a', 'folder', 'folder/', 'folder/a', 'folder/é', 'folderless')
    const under = async (Prefix: string) => paths(await list(s3, bucket, { Prefix }))
    expect(await under('folder/')).toEqual(['folder/', 'folder/a', 'folder/é'])
    expect(await under('folder/é')).toEqual(['folder/é'])
    expect(await under('none')).toEqual([])
  })

  check('rolls up what has the delimiter after the prefix, and counts each roll once', async () => {
    const bucket = await filled(s3, 'a', 'b/1', 'b/2', 'b/c/3', 'd/4', 'e')
    const top = await list(s3, bucket, { Delimiter: '/' })
    expect([paths(top), prefixes(top), top.KeyCount]).toEqual([['a', 'e'], ['b/', 'd/'], 4])
    const below = await list(s3, bucket, { Delimiter: '/', Prefix: 'b/' })
    expect([paths(below), prefixes(below)]).toEqual([['b/1', 'b/2'], ['b/c/']])
  })

  pageChecks(s3, check)
  textChecks(s3, check)
}

function pageChecks(s3: S3, check: Check): void {
  check('lists what comes after a path, be it there or not', async () => {
    const bucket = await filled(s3, 'a', 'b', 'c')
    const after = async (StartAfter: string) => paths(await list(s3, bucket, { StartAfter }))
    expect(await after('a')).toEqual(['b', 'c'])
    expect(await after('aa')).toEqual(['b', 'c'])
    expect(await after('c')).toEqual([])
  })

  check('gives a page, and the next one by the token', async () => {
    const bucket = await filled(s3, 'a', 'b', 'c')
    const first = await list(s3, bucket, { MaxKeys: 2 })
    expect(first).toMatchObject({ IsTruncated: true, KeyCount: 2, MaxKeys: 2 })
    const ContinuationToken = first.NextContinuationToken ?? expect.fail()
    const second = await list(s3, bucket, { MaxKeys: 2, ContinuationToken })
    expect(second).toMatchObject({ IsTruncated: false, KeyCount: 1, ContinuationToken })
    expect(second.NextContinuationToken).toBeUndefined()
    expect([paths(first), paths(second)]).toEqual([['a', 'b'], ['c']])
  })

  check('gives on pages of any size what it gives on one', async () => {
    const bucket = await filled(s3, 'a', 'a/1', 'a/2', 'b/1', 'b/2', 'c', 'd/1', 'é', '\uff5e', '\u{1f600}')
    const query = fc.record({ MaxKeys: fc.integer({ min: 1, max: 11 }), Delimiter: fc.constantFrom(undefined, '/') })
    const property = fc.asyncProperty(query, async ({ MaxKeys, Delimiter }) => {
      const whole = await list(s3, bucket, { Delimiter })
      const pages = await allPages(s3, bucket, { MaxKeys, Delimiter })
      expect(pages.flatMap(paths)).toEqual(paths(whole))
      expect(pages.flatMap(prefixes)).toEqual(prefixes(whole))
      for (const page of pages.slice(0, -1)) expect(page.KeyCount).toBe(MaxKeys)
    })
    await fc.assert(property, { numRuns: 20 })
  })

  check('gives nothing, and no next page, where nothing is asked for', async () => {
    const page = await list(s3, await filled(s3, 'a'), { MaxKeys: 0 })
    expect(page).toMatchObject({ KeyCount: 0, IsTruncated: false, MaxKeys: 0 })
  })

  check('refuses a token that it did not give: InvalidArgument', async () => {
    const bucket = await filled(s3, 'a')
    const refusal = await refusalOf(list(s3, bucket, { ContinuationToken: 'no token' }))
    expect(refusal).toMatchObject({ code: 'InvalidArgument', status: 400 })
  })

  check('refuses a count that is none: InvalidArgument', async () => {
    const refusal = await refusalOf(list(s3, await filled(s3, 'a'), { MaxKeys: -1 }))
    expect(refusal).toMatchObject({ code: 'InvalidArgument', status: 400 })
  })
}

function textChecks(s3: S3, check: Check): void {
  check('lists paths that XML has other uses for', async () => {
    const special = ['"', '&', "'", '&lt;', '<a>', ']]>', ' leading', 'trailing ']
    const listed = paths(await list(s3, await filled(s3, ...special)))
    expect(new Set(listed)).toEqual(new Set(special))
  })

  check('encodes paths like URLs where asked to', async () => {
    const bucket = await filled(s3, 'a b/c+d', 'é/(1)')
    const page = await list(s3, bucket, { EncodingType: 'url', Prefix: '', Delimiter: '/' })
    expect(page).toMatchObject({ EncodingType: 'url' })
    expect(prefixes(page)).toEqual(['a+b/', '%C3%A9/'])
    const all = await list(s3, bucket, { EncodingType: 'url' })
    expect(paths(all)).toEqual(['a+b/c%2Bd', '%C3%A9/%281%29'])
  })
}

function list(s3: S3, Bucket: string, query: Omit<ListObjectsV2CommandInput, 'Bucket'> = {}) {
  return s3.client.send(new ListObjectsV2Command({ Bucket, ...query }))
}

/** A new bucket with an object at each of the paths. */
async function filled(s3: S3, ...objectPaths: string[]): Promise<string> {
  const bucket = await newBucket(s3)
  for (const path of objectPaths) await put(s3, bucket, path)
  return bucket
}

async function allPages(
  s3: S3,
  bucket: string,
  query: Omit<ListObjectsV2CommandInput, 'Bucket'>,
): Promise<ListObjectsV2CommandOutput[]> {
  const pages: ListObjectsV2CommandOutput[] = []
  let ContinuationToken: string | undefined
  do {
    const page = await list(s3, bucket, { ...query, ContinuationToken })
    pages.push(page)
    ContinuationToken = page.NextContinuationToken
  } while (ContinuationToken !== undefined && pages.length < 100)
  return pages
}

function paths(page: ListObjectsV2CommandOutput): (string | undefined)[] {
  return page.Contents?.map((each) => each.Key) ?? []
}

function prefixes(page: ListObjectsV2CommandOutput): (string | undefined)[] {
  return page.CommonPrefixes?.map((each) => each.Prefix) ?? []
}
