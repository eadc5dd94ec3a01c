import { createHash } from 'node:crypto'
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { get, newBucket, put, rawPut, type S3 } from './s3-client.js'

const BODY = Buffer.from('123456789')

/** Of the body above: the check values that the CRC catalogue gives ("CRC-32/ISO-HDLC", "CRC-32/ISCSI", "CRC-64/NVME"). */
const CHECKSUMS = {
  CRC32: Buffer.from('cbf43926', 'hex').toString('base64'),
  CRC32C: Buffer.from('e3069283', 'hex').toString('base64'),
  CRC64NVME: Buffer.from('ae8b14860a799888', 'hex').toString('base64'),
  SHA1: createHash('sha1').update(BODY).digest('base64'),
  SHA256: createHash('sha256').update(BODY).digest('base64'),
} as const

/** Checksums that travel with an object (AWS page "Checking object integrity in Amazon S3"). */
export function integrityChecks(s3: S3, check: Check): void {
  for (const [algorithm, checksum] of Object.entries(CHECKSUMS)) {
    const header = `x-amz-checksum-${algorithm.toLowerCase()}`
    const member = `Checksum${algorithm}`

    check(`tells the ${algorithm} of what was put`, async () => {
      const input = { Bucket: await newBucket(s3), Key: 'path', Body: BODY, [member]: checksum }
      const told = await s3.client.send(new PutObjectCommand(input))
      expect(told).toMatchObject({ [member]: checksum, ChecksumType: 'FULL_OBJECT' })
    })

    check(`keeps a ${algorithm} and gives it back where it is asked for`, async () => {
      const Bucket = await newBucket(s3)
      const ChecksumAlgorithm = algorithm as keyof typeof CHECKSUMS
      await s3.client.send(new PutObjectCommand({ Bucket, Key: 'path', Body: BODY, ChecksumAlgorithm }))
      const asked = { ChecksumMode: 'ENABLED' } as const
      expect(await get(s3, Bucket, 'path', asked)).toMatchObject({ [member]: checksum })
      const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'path', ...asked }))
      expect(head).toMatchObject({ [member]: checksum })
    })

    check(`refuses a body that its ${algorithm} does not fit: BadDigest`, async () => {
      const answer = await rawPut(s3.target, await newBucket(s3), { body: 'another', headers: { [header]: checksum } })
      expect(answer).toMatchObject({ status: 400, code: 'BadDigest' })
    })

    check(`refuses what can be no ${algorithm}: InvalidRequest`, async () => {
      const answer = await rawPut(s3.target, await newBucket(s3), { body: BODY, headers: { [header]: 'c2hvcnQ' } })
      expect(answer).toMatchObject({ status: 400, code: 'InvalidRequest' })
    })
  }

  check('stores nothing of a body that its checksum does not fit', async () => {
    const bucket = await newBucket(s3)
    await put(s3, bucket, 'raw', 'old')
    await rawPut(s3.target, bucket, { body: 'another', headers: { 'x-amz-checksum-crc32': CHECKSUMS.CRC32 } })
    expect((await get(s3, bucket, 'raw')).body.toString()).toBe('old')
  })

  headerChecks(s3, check)
}

function headerChecks(s3: S3, check: Check): void {
  const putWith = async (headers: Record<string, string>) =>
    rawPut(s3.target, await newBucket(s3), { body: BODY, headers })

  check('refuses two checksums at once: InvalidRequest', async () => {
    const headers = { 'x-amz-checksum-crc32': CHECKSUMS.CRC32, 'x-amz-checksum-sha1': CHECKSUMS.SHA1 }
    expect(await putWith(headers)).toMatchObject({ status: 400, code: 'InvalidRequest' })
  })

  check('refuses a checksum that is announced and not sent: InvalidRequest', async () => {
    const answer = await putWith({ 'x-amz-sdk-checksum-algorithm': 'CRC32' })
    expect(answer).toMatchObject({ status: 400, code: 'InvalidRequest' })
  })

  check('makes a CRC64NVME itself where it is sent no checksum', async () => {
    const answer = await putWith({})
    expect(answer).toMatchObject({ status: 200, headers: { 'x-amz-checksum-crc64nvme': CHECKSUMS.CRC64NVME } })
  })

  check('gives no checksum that it is not asked for', async () => {
    const Bucket = await newBucket(s3)
    await put(s3, Bucket, 'path', BODY)
    const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'path' }))
    expect(head.ChecksumCRC32).toBeUndefined()
  })

  check('takes a body with its Content-MD5', async () => {
    const md5 = createHash('md5').update(BODY).digest('base64')
    expect(await putWith({ 'content-md5': md5 })).toMatchObject({ status: 200 })
  })

  check('refuses a body that its Content-MD5 does not fit: BadDigest', async () => {
    const md5 = createHash('md5').update('another').digest('base64')
    expect(await putWith({ 'content-md5': md5 })).toMatchObject({ status: 400, code: 'BadDigest' })
  })

  check('refuses what can be no Content-MD5: InvalidDigest', async () => {
    expect(await putWith({ 'content-md5': 'c2hvcnQ=' })).toMatchObject({ status: 400, code: 'InvalidDigest' })
  })
}
