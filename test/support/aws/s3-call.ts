import type { AwsRequest, AwsResponse } from './http.js'
import { S3Error, standardHeaders } from './s3-errors.js'
import type { Bucket } from './s3-objects.js'

/** A request that was let in, on a bucket that exists. */
export interface S3Call {
  request: AwsRequest
  parameters: ReadonlyMap<string, string>
  bucket: Bucket
  /** Empty for the bucket itself. */
  objectPath: string
  /** The largest object that is taken. */
  sizeLimit: number
}

export function ok(status: number, headers: Record<string, string> = {}, body?: Buffer | string): AwsResponse {
  return { status, headers: { ...standardHeaders(), ...headers }, ...(body !== undefined && { body }) }
}

export function okXml(body: string): AwsResponse {
  return ok(200, { 'content-type': 'application/xml' }, body)
}

/** A parameter that counts: 0 or more, 1,000 where it says nothing or more than that. */
export function countParameter(call: S3Call, name: string): number {
  const text = call.parameters.get(name)
  if (text === undefined || text === '') return 1000
  if (!/^\d{1,10}$/.test(text)) {
    const message = `Provided ${name} not an integer or within integer range`
    throw new S3Error('InvalidArgument', { message, elements: { ArgumentName: name, ArgumentValue: text } })
  }
  return Math.min(1000, Number(text))
}
