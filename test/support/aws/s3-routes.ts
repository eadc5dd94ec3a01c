import type { AwsRequest, AwsResponse } from './http.js'
import { addressOf } from './s3-address.js'
import { getBucketVersioning, headBucket, putBucketVersioning } from './s3-bucket-operations.js'
import type { S3Call } from './s3-call.js'
import { listObjectVersions, listObjectsV2 } from './s3-list.js'
import { deleteObject, getObject, putObject } from './s3-object-operations.js'
import { queryParameters } from './sigv4-canonical.js'

export interface Route {
  operation: string
  method: string
  level: 'bucket' | 'object'
  /** The parameter that tells the operation from others, with its value. */
  marker?: readonly [name: string, value: string]
  /** Further parameters that it takes; with any other one, a request is another operation. */
  parameters?: readonly string[]
  /** Nothing for CreateBucket, which has no bucket to run on. */
  run?: (call: S3Call) => AwsResponse
}

const LISTING = ['prefix', 'delimiter', 'max-keys', 'encoding-type']

/** The subset of S3 that there is. */
const ROUTES: readonly Route[] = [
  { operation: 'GetObject', method: 'GET', level: 'object', parameters: ['versionId'], run: getObject },
  { operation: 'HeadObject', method: 'HEAD', level: 'object', parameters: ['versionId'], run: getObject },
  { operation: 'PutObject', method: 'PUT', level: 'object', run: putObject },
  { operation: 'DeleteObject', method: 'DELETE', level: 'object', parameters: ['versionId'], run: deleteObject },
  { operation: 'CreateBucket', method: 'PUT', level: 'bucket' },
  { operation: 'HeadBucket', method: 'HEAD', level: 'bucket', run: headBucket },
  {
    operation: 'ListObjectsV2',
    method: 'GET',
    level: 'bucket',
    marker: ['list-type', '2'],
    parameters: [...LISTING, 'continuation-token', 'start-after', 'fetch-owner'],
    run: listObjectsV2,
  },
  {
    operation: 'ListObjectVersions',
    method: 'GET',
    level: 'bucket',
    marker: ['versions', ''],
    parameters: [...LISTING, 'key-marker'],
    run: listObjectVersions,
  },
  {
    operation: 'GetBucketVersioning',
    method: 'GET',
    level: 'bucket',
    marker: ['versioning', ''],
    run: getBucketVersioning,
  },
  {
    operation: 'PutBucketVersioning',
    method: 'PUT',
    level: 'bucket',
    marker: ['versioning', ''],
    run: putBucketVersioning,
  },
]

/** The operation that a request asks for; nothing where it is none of the subset. */
export function routeOf(request: AwsRequest): Route | undefined {
  const { bucket, objectPath } = addressOf(request)
  if (bucket === '') return undefined
  const level = objectPath === '' ? 'bucket' : 'object'
  const parameters = parametersOf(request)
  return ROUTES.find((route) => route.method === request.method && route.level === level && takes(route, parameters))
}

/** The query; `x-id` is left out, with which the SDK names the operation for no one's use. */
export function parametersOf(request: AwsRequest): Map<string, string> {
  return new Map(queryParameters(request.query).filter(([name]) => name !== 'x-id'))
}

function takes({ marker, parameters = [] }: Route, sent: ReadonlyMap<string, string>): boolean {
  if (marker !== undefined && sent.get(marker[0]) !== marker[1]) return false
  return [...sent.keys()].every((name) => name === marker?.[0] || parameters.includes(name))
}
