import type { AwsResponse } from './http.js'
import { ok, okXml, type S3Call } from './s3-call.js'
import { verifyChecksum } from './s3-checksums.js'
import { S3Error } from './s3-errors.js'
import { xmlDocument, xmlText, xmlValue } from './s3-xml.js'

export function headBucket({ bucket }: S3Call): AwsResponse {
  return ok(200, { 'x-amz-bucket-region': bucket.region, 'content-type': 'application/xml' })
}

export function getBucketVersioning({ bucket }: S3Call): AwsResponse {
  return okXml(xmlDocument('VersioningConfiguration', xmlText('Status', bucket.versioning)))
}

export function putBucketVersioning({ bucket, request }: S3Call): AwsResponse {
  verifyChecksum(request.headers, request.body)
  const status = xmlValue(request.body.toString(), 'Status')
  if (status !== 'Enabled' && status !== 'Suspended') throw new S3Error('IllegalVersioningConfigurationException')
  bucket.versioning = status
  return ok(200)
}

/**
 * The region that a CreateBucket asks for, sent to the endpoint of the given region. Only the endpoint of us-east-1 takes
 * one for another region, or for none.
 */
export function requestedRegion(body: Buffer, endpointRegion: string): string {
  const asked = xmlValue(body.toString(), 'LocationConstraint')
  if (asked === undefined || asked === '') {
    if (endpointRegion === 'us-east-1') return endpointRegion
    throw illegalLocation('unspecified')
  }
  if (endpointRegion !== 'us-east-1' && asked !== endpointRegion) throw illegalLocation(asked)
  return asked
}

function illegalLocation(asked: string): S3Error {
  const message = `The ${asked} location constraint is incompatible for the region specific endpoint this request was sent to.`
  return new S3Error('IllegalLocationConstraintException', { message })
}
