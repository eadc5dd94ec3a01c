import type { AwsResponse } from './http.js'
import { countParameter, okXml, type S3Call } from './s3-call.js'
import { S3Error } from './s3-errors.js'
import { byUtf8, type ObjectVersion } from './s3-objects.js'
import { pageOf, type Page } from './s3-page.js'
import { xmlDocument, xmlNode, xmlText } from './s3-xml.js'
import { uriEncode } from './sigv4-canonical.js'

/** ListObjectsV2: the current versions, in the order of their paths' UTF-8 bytes. */
export function listObjectsV2(call: S3Call): AwsResponse {
  const { bucket, parameters } = call
  const encode = encoding(call)
  const token = parameters.get('continuation-token')
  const startAfter = parameters.get('start-after')
  const after = token === undefined ? (startAfter ?? '') : decodeToken(token)
  const page = pageOf(
    bucket.paths().filter((path) => bucket.current(path) !== undefined && byUtf8(path, after) > 0),
    {
      prefix: parameters.get('prefix'),
      delimiter: parameters.get('delimiter'),
      limit: countParameter(call, 'max-keys'),
      after,
    },
  )
  const contents = page.paths.flatMap((path) => {
    const found = bucket.current(path)
    return found === undefined ? [] : [xmlNode('Contents', ...describe(encode(path), found))]
  })
  return okXml(
    xmlDocument(
      'ListBucketResult',
      xmlText('Name', bucket.name),
      ...listing(call, page, encode),
      xmlText('KeyCount', page.paths.length + page.prefixes.length),
      xmlText('ContinuationToken', token),
      xmlText('NextContinuationToken', page.next === undefined ? undefined : encodeToken(page.next)),
      xmlText('StartAfter', startAfter === undefined ? undefined : encode(startAfter)),
      ...contents,
    ),
  )
}

/** ListObjectVersions: every version and delete marker, newest first for each path. A page ends between two paths only. */
export function listObjectVersions(call: S3Call): AwsResponse {
  const { bucket, parameters } = call
  const encode = encoding(call)
  const after = parameters.get('key-marker') ?? ''
  const page = pageOf(
    bucket.paths().filter((path) => byUtf8(path, after) > 0),
    {
      prefix: parameters.get('prefix'),
      delimiter: parameters.get('delimiter'),
      limit: countParameter(call, 'max-keys'),
      after,
    },
  )
  const entries = page.paths.flatMap((path) =>
    bucket.versions(path).map((each, index) => {
      const latest = [xmlText('VersionId', each.versionId), xmlText('IsLatest', index === 0)]
      const described = describe(encode(path), each)
      return xmlNode(each.deleteMarker ? 'DeleteMarker' : 'Version', ...described, ...latest)
    }),
  )
  return okXml(
    xmlDocument(
      'ListVersionsResult',
      xmlText('Name', bucket.name),
      ...listing(call, page, encode),
      xmlText('KeyMarker', encode(after)),
      xmlText('VersionIdMarker', ''),
      xmlText('NextKeyMarker', page.next === undefined ? undefined : encode(page.next)),
      ...entries,
    ),
  )
}

type Encode = (text: string) => string

/** What both listings say of themselves. */
function listing(call: S3Call, page: Page, encode: Encode): string[] {
  const { parameters } = call
  const delimiter = parameters.get('delimiter')
  return [
    xmlText('Prefix', encode(parameters.get('prefix') ?? '')),
    xmlText('Delimiter', delimiter === undefined ? undefined : encode(delimiter)),
    xmlText('MaxKeys', countParameter(call, 'max-keys')),
    xmlText('EncodingType', parameters.get('encoding-type')),
    xmlText('IsTruncated', page.next !== undefined),
    ...page.prefixes.map((prefix) => xmlNode('CommonPrefixes', xmlText('Prefix', encode(prefix)))),
  ]
}

function describe(path: string, version: ObjectVersion): string[] {
  const modified = xmlText('LastModified', version.lastModified.toISOString())
  if (version.deleteMarker) return [xmlText('Key', path), modified]
  return [
    xmlText('Key', path),
    modified,
    xmlText('ETag', version.etag),
    xmlText('ChecksumAlgorithm', version.checksum?.algorithm.toUpperCase()),
    xmlText('Size', version.body.length),
    xmlText('StorageClass', 'STANDARD'),
  ]
}

function encoding({ parameters }: S3Call): Encode {
  const type = parameters.get('encoding-type')
  if (type === undefined) return (text) => text
  if (type !== 'url') throw new S3Error('InvalidArgument', { message: 'Invalid Encoding Method specified in Request' })
  return (text) => text.split('/').map(uriEncode).join('/').replaceAll('%20', '+')
}

function encodeToken(path: string): string {
  return `1${Buffer.from(path).toString('base64')}`
}

function decodeToken(token: string): string {
  const path = Buffer.from(token.slice(1), 'base64').toString()
  if (encodeToken(path) === token) return path
  throw new S3Error('InvalidArgument', { message: 'The continuation token provided is incorrect' })
}
