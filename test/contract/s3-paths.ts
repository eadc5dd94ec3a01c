import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { get, newBucket, put, rawRequest, refusalOf, type S3 } from './s3-client.js'

/** What a file system or a URL parser would take for the same thing; S3 does not. */
const LOOK_ALIKES: readonly (readonly string[])[] = [
  ['a/b', 'a//b', 'a/b/', '/a/b', 'a/./b', 'a/c/../b'],
  ['a b', 'a+b', 'a%20b', 'a%2520b', 'a%2Bb'],
  ['é', 'e\u0301', 'É', '%C3%A9'],
  ['x', 'x#y', 'x?y', 'x&y', 'x?versionId=null', 'x;y', 'x=y'],
  ['.', './', './x', '...', 'x/..', 'x/.'],
  ['\u{1f600}', '\u{1f600}\ufe0f', '\uff5e'],
  ["'", '"', '<', '>', '&', '\\', '*', '(', '!', '~', '`', '^', '{', '|', '[', ':', '@', '$', ','],
]

/** Object paths are bytes of UTF-8, nothing else (AWS page "Naming Amazon S3 objects"). */
export function pathChecks(s3: S3, check: Check): void {
  for (const paths of LOOK_ALIKES) {
    check(`keeps apart ${paths.map((path) => JSON.stringify(path)).join(' ')}`, async () => {
      const bucket = await newBucket(s3)
      for (const path of paths) await put(s3, bucket, path, `at ${path}`)
      for (const path of paths) expect((await get(s3, bucket, path)).body.toString()).toBe(`at ${path}`)
      expect(new Set(await listed(s3.client, bucket))).toEqual(new Set(paths))
    })
  }

  check('takes any path of well-formed Unicode', async () => {
    const bucket = await newBucket(s3)
    const path = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }).filter(isAllowed)
    const property = fc.asyncProperty(path, async (objectPath) => {
      await put(s3, bucket, objectPath)
      expect((await get(s3, bucket, objectPath)).body.toString()).toBe(objectPath)
    })
    await fc.assert(property, { numRuns: 60 })
  })

  check('takes control characters in a path', async () => {
    const bucket = await newBucket(s3)
    for (const path of ['tab\there', 'line\nbreak', 'carriage\rreturn', 'escape\u001b[0m', 'delete\u007f']) {
      await put(s3, bucket, path)
      expect((await get(s3, bucket, path)).body.toString()).toBe(path)
    }
  })

  check('decodes a path once, however it is encoded', async () => {
    const bucket = await newBucket(s3)
    await put(s3, bucket, 'folder/a+b', 'found')
    const answer = await rawRequest(s3.target, { path: `/${bucket}/%66older/%61%2bb` })
    expect(answer).toMatchObject({ status: 200, body: 'found' })
  })

  limitChecks(s3, check)
}

function limitChecks(s3: S3, check: Check): void {
  for (const [unit, size] of Object.entries({ x: 1, é: 2, '\u{1f600}': 4 })) {
    check(`takes a path of 1,024 bytes and no longer one, in characters of ${size}`, async () => {
      const bucket = await newBucket(s3)
      const longest = unit.repeat(1024 / size)
      await put(s3, bucket, longest, 'longest')
      expect((await get(s3, bucket, longest)).body.toString()).toBe('longest')
      const refusal = await refusalOf(put(s3, bucket, `${longest}x`))
      expect(refusal).toMatchObject({ code: 'KeyTooLongError', status: 400 })
    })
  }

  for (const path of ['..', '../x', 'a/../../x', './../x', '../../x']) {
    check(`refuses ${path}, which climbs out of the bucket: 400`, async () => {
      const bucket = await newBucket(s3)
      expect((await refusalOf(put(s3, bucket, path))).status).toBe(400)
      expect((await refusalOf(get(s3, bucket, path))).status).toBe(400)
    })
  }
}

function isAllowed(path: string): boolean {
  return Buffer.byteLength(path) <= 1024 && !path.split('/').includes('..')
}

async function listed(client: S3Client, Bucket: string): Promise<(string | undefined)[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }))
  return Contents.map((each) => each.Key)
}
