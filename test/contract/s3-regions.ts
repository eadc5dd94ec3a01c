import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { xmlValue } from '../support/aws/s3-xml.js'
import type { Check } from './endpoints.js'
import { get, newBucket, put, rawRequest, refusalOf, s3Of, type S3 } from './s3-client.js'

/** A bucket in another region than the client's (AWS page "Request redirection and the REST API"). */
export function regionChecks(s3: S3, check: Check): void {
  const abroad = async () => {
    const there = s3Of(s3.target, { region: 'eu-west-1' })
    const bucket = await newBucket(there)
    await put(there, bucket, 'path', 'far away')
    there.client.destroy()
    return bucket
  }

  check('sends a client in the wrong region away: PermanentRedirect, with the right region', async () => {
    const bucket = await abroad()
    const refusal = await refusalOf(get(s3, bucket, 'path'))
    expect(refusal).toMatchObject({
      code: 'PermanentRedirect',
      status: 301,
      headers: { 'x-amz-bucket-region': 'eu-west-1' },
    })
  })

  check('says in XML where the bucket is to be found', async () => {
    const bucket = await abroad()
    const { status, code, body } = await rawRequest(s3.target, { path: `/${bucket}/path` })
    expect({ status, code, Bucket: xmlValue(body, 'Bucket') }).toEqual({
      status: 301,
      code: 'PermanentRedirect',
      Bucket: bucket,
    })
    expect(xmlValue(body, 'Endpoint')).not.toBe('')
  })

  check('tells the right region to a HEAD too, which has no body', async () => {
    const bucket = await abroad()
    const answer = await rawRequest(s3.target, { method: 'HEAD', path: `/${bucket}/path` })
    expect(answer).toMatchObject({ status: 301, body: '', headers: { 'x-amz-bucket-region': 'eu-west-1' } })
  })

  check('serves a client that follows to the right region', async () => {
    const Bucket = await abroad()
    const following = s3Of(s3.target, { followRegionRedirects: true })
    expect((await get(following, Bucket, 'path')).body.toString()).toBe('far away')
    await put(following, Bucket, 'another', 'put from afar')
    const head = await following.client.send(new HeadObjectCommand({ Bucket, Key: 'another' }))
    expect(head.ContentLength).toBe(13)
    const { KeyCount } = await following.client.send(new ListObjectsV2Command({ Bucket }))
    expect(KeyCount).toBe(2)
    following.client.destroy()
  })
}
