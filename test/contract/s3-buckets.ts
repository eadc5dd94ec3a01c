import { CreateBucketCommand, HeadBucketCommand } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { get, newBucket, put, randomBucket, rawRequest, refusalOf, s3Of, type S3 } from './s3-client.js'

/** CreateBucket and HeadBucket, and whose a bucket is. */
export function bucketChecks(s3: S3, check: Check): void {
  const create = (Bucket: string) => s3.client.send(new CreateBucketCommand({ Bucket }))

  check('creates a bucket, in us-east-1 twice without complaint', async () => {
    const bucket = randomBucket()
    expect((await create(bucket)).Location).toBe(`/${bucket}`)
    await put(s3, bucket, 'path', 'kept')
    await create(bucket)
    expect((await get(s3, bucket, 'path')).body.toString()).toBe('kept')
  })

  check('creates no bucket twice in any other region: BucketAlreadyOwnedByYou', async () => {
    const abroad = s3Of(s3.target, { region: 'eu-west-1' })
    const bucket = await newBucket(abroad)
    const refusal = await refusalOf(abroad.client.send(new CreateBucketCommand({ Bucket: bucket })))
    abroad.client.destroy()
    expect(refusal).toMatchObject({ code: 'BucketAlreadyOwnedByYou', status: 409 })
  })

  check('creates no bucket in another region than the endpoint: IllegalLocationConstraintException', async () => {
    const CreateBucketConfiguration = { LocationConstraint: 'eu-central-1' } as const
    const input = { Bucket: randomBucket(), CreateBucketConfiguration }
    const abroad = s3Of(s3.target, { region: 'eu-west-1' })
    const refusal = await refusalOf(abroad.client.send(new CreateBucketCommand(input)))
    abroad.client.destroy()
    expect(refusal).toMatchObject({ code: 'IllegalLocationConstraintException', status: 400 })
  })

  for (const name of ['ab', 'Upper-Case', 'under_score', '-dash-first', 'dash-last-', 'two..dots', '192.168.5.4']) {
    check(`gives no bucket the name ${name}: InvalidBucketName`, async () => {
      const answer = await rawRequest(s3.target, { method: 'PUT', path: `/${name}` })
      expect(answer).toMatchObject({ status: 400, code: 'InvalidBucketName' })
    })
  }

  check('tells the region of a bucket', async () => {
    const head = await s3.client.send(new HeadBucketCommand({ Bucket: await newBucket(s3) }))
    expect(head.BucketRegion).toBe(s3.target.region)
  })

  check('does not know a bucket asked for by HEAD: 404', async () => {
    const refusal = await refusalOf(s3.client.send(new HeadBucketCommand({ Bucket: randomBucket() })))
    expect(refusal).toMatchObject({ code: 'NotFound', status: 404 })
  })

  ownerChecks(s3, check)
}

/** AWS page "Verifying bucket ownership with bucket owner condition". */
function ownerChecks(s3: S3, check: Check): void {
  const owned = async (account: string) => {
    const path = `/${await newBucket(s3)}`
    return rawRequest(s3.target, { path, query: 'list-type=2', headers: { 'x-amz-expected-bucket-owner': account } })
  }

  check('serves a bucket that belongs to the account expected', async () => {
    expect(await owned(s3.target.credentials.account ?? expect.fail())).toMatchObject({ status: 200 })
  })

  check('serves no bucket that belongs to another account than expected: AccessDenied', async () => {
    expect(await owned('999999999999')).toMatchObject({ status: 403, code: 'AccessDenied' })
  })
}
