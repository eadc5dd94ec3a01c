import type { AwsRequest } from './http.js'
import { S3Error } from './s3-errors.js'
import type { ObjectVersion } from './s3-objects.js'

/**
 * If-Match and If-None-Match of a GET or HEAD (AWS page "Conditional reads"). Throws PreconditionFailed; gives back
 * whether the client has the object already, which is answered with 304.
 */
export function isUnchanged(request: AwsRequest, found: ObjectVersion): boolean {
  const { 'if-match': match, 'if-none-match': noneMatch } = request.headers
  if (match !== undefined && !matches(match, found)) throw failed('If-Match')
  return noneMatch !== undefined && matches(noneMatch, found)
}

/**
 * The conditions of a PUT (AWS page "Conditional writes"): `If-None-Match: *` writes only where nothing is, `If-Match`
 * only over the version it names. Throws PreconditionFailed, or NoSuchKey where there is nothing to match.
 */
export function checkWrite(request: AwsRequest, current: ObjectVersion | undefined, objectPath: string): void {
  const { 'if-match': match, 'if-none-match': noneMatch } = request.headers
  if (match === '*' || (noneMatch !== undefined && noneMatch !== '*')) throw new S3Error('NotImplemented')
  if (noneMatch !== undefined && current !== undefined) throw failed('If-None-Match')
  if (match === undefined) return
  if (current === undefined) throw new S3Error('NoSuchKey', { elements: { Key: objectPath } })
  if (!matches(match, current)) throw failed('If-Match')
}

export function hasCondition({ headers }: AwsRequest): boolean {
  return headers['if-match'] !== undefined || headers['if-none-match'] !== undefined
}

function matches(condition: string, { etag }: ObjectVersion): boolean {
  if (condition.trim() === '*') return true
  return condition.split(',').some((each) => unquoted(each) === unquoted(etag))
}

function unquoted(etag: string): string {
  return etag
    .trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1')
}

function failed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', { elements: { Condition: condition } })
}
