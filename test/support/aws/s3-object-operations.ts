import type { AwsResponse } from './http.js'
import { ok, type S3Call } from './s3-call.js'
import { checksumHeaders, checksumOf } from './s3-checksums.js'
import { checkWrite, hasCondition, isUnchanged } from './s3-conditions.js'
import { S3Error } from './s3-errors.js'
import { isVersionId, type Bucket, type ObjectHeaders, type ObjectVersion } from './s3-objects.js'

/** GetObject and HeadObject: the same but for the body. */
export function getObject(call: S3Call): AwsResponse {
  const found = findVersion(call)
  const head = { etag: found.etag, 'last-modified': found.lastModified.toUTCString(), ...versionHeaders(call, found) }
  if (isUnchanged(call.request, found)) return ok(304, head)
  const wantsChecksum = call.request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED'
  const headers = {
    ...head,
    'accept-ranges': 'bytes',
    'content-length': String(found.body.length),
    'content-type': 'binary/octet-stream',
    'x-amz-server-side-encryption': 'AES256',
    ...found.headers,
    ...(wantsChecksum && found.checksum !== undefined && checksumHeaders(found.checksum)),
  }
  return ok(200, headers, call.request.method === 'HEAD' ? undefined : found.body)
}

export function putObject(call: S3Call): AwsResponse {
  const { request, bucket, objectPath } = call
  if (request.headers['content-length'] === undefined) throw new S3Error('MissingContentLength')
  if (request.body.length > call.sizeLimit) {
    const elements = { ProposedSize: String(request.body.length), MaxSizeAllowed: String(call.sizeLimit) }
    throw new S3Error('EntityTooLarge', { elements })
  }
  const checksum = checksumOf(request.headers, request.body)
  if (bucket.requireConditions && !hasCondition(request)) throw new S3Error('AccessDenied')
  checkWrite(request, bucket.current(objectPath), objectPath)
  const written = bucket.put(objectPath, request.body, checksum, keptHeaders(request.headers))
  return ok(200, {
    etag: written.etag,
    'x-amz-server-side-encryption': written.headers['x-amz-server-side-encryption'] ?? 'AES256',
    ...checksumHeaders(checksum),
    ...versionHeaders(call, written),
  })
}

export function deleteObject(call: S3Call): AwsResponse {
  const { request, bucket, objectPath } = call
  if (request.headers['if-match'] !== undefined) throw new S3Error('NotImplemented')
  const versionId = versionParameter(call)
  if (versionId !== undefined) {
    const gone = bucket.deleteVersion(objectPath, versionId)
    return ok(204, { 'x-amz-version-id': versionId, ...markerHeaders(gone) })
  }
  const marker = bucket.delete(objectPath)
  return ok(204, marker === undefined ? {} : { ...versionHeaders(call, marker), ...markerHeaders(marker) })
}

function findVersion(call: S3Call): ObjectVersion {
  const { bucket, objectPath } = call
  const versionId = versionParameter(call)
  if (versionId === undefined) return bucket.current(objectPath) ?? missing(call, bucket.newest(objectPath))
  const found = bucket.version(objectPath, versionId)
  if (found === undefined) {
    throw new S3Error('NoSuchVersion', { elements: { Key: objectPath, VersionId: versionId } })
  }
  if (!found.deleteMarker) return found
  const headers = { ...markerHeaders(found), 'x-amz-version-id': versionId, allow: 'DELETE' }
  throw new S3Error('MethodNotAllowed', {
    headers,
    elements: { Method: call.request.method, ResourceType: 'DeleteMarker' },
  })
}

/** Who may not list a bucket is not told what is missing from it (API reference, GetObject, "Permissions"). */
function missing({ bucket, objectPath }: S3Call, marker: ObjectVersion | undefined): never {
  if (bucket.hideMissing) throw new S3Error('AccessDenied')
  const headers = marker === undefined ? {} : { ...markerHeaders(marker), 'x-amz-version-id': marker.versionId }
  throw new S3Error('NoSuchKey', { elements: { Key: objectPath }, headers })
}

function versionParameter({ parameters }: S3Call): string | undefined {
  const versionId = parameters.get('versionId')
  if (versionId === undefined || isVersionId(versionId)) return versionId
  const elements = { ArgumentName: 'versionId', ArgumentValue: versionId }
  throw new S3Error('InvalidArgument', { message: 'Invalid version id specified', elements })
}

function versionHeaders({ bucket }: { bucket: Bucket }, { versionId }: ObjectVersion): Record<string, string> {
  return bucket.versioning === undefined ? {} : { 'x-amz-version-id': versionId }
}

function markerHeaders(version: ObjectVersion | undefined): Record<string, string> {
  return version?.deleteMarker === true ? { 'x-amz-delete-marker': 'true' } : {}
}

function keptHeaders(headers: Record<string, string>): ObjectHeaders {
  const kept =
    /^(content-(type|encoding|language|disposition)|cache-control|expires|x-amz-server-side-encryption|x-amz-meta-.+)$/
  return Object.fromEntries(Object.entries(headers).filter(([name]) => kept.test(name)))
}
