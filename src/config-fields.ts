/** What a configuration may say, checked field by field. */
import { BINDING, type ContextSettings } from './binding.js'
import { printable } from './errors.js'
import { AWS_ONLY, FIELDS, REQUIRED } from './fields.js'
import { Given, invalid, type Source } from './given.js'
import type { EncryptionContext } from './context.js'
import { nearest } from './suggest.js'

/** What binds a record to its place and its use, on either backend. */
export interface BindingConfig {
  /** Has a record open only under the place that it was stored under. */
  bind_names?: boolean
  /** Further pairs of the encryption context, for conditions of key policies. */
  encryption_context?: Record<string, string>
}

/** Records on S3, data keys wrapped by KMS. */
export interface AwsConfig extends BindingConfig {
  /** `bucket/` or `bucket/folder/`; the first `/` ends the bucket; `s3://` in front is accepted. */
  s3_path: string
  /** Alias of the KMS key, with or without `alias/`, or the ARN of an alias or a key. */
  key_alias: string
  /** Region of the KMS key; the bucket may be in another. */
  region: string
  /** The only KMS keys that a record may be under, given as `key_alias` is; tried in their order. */
  trusted_keys?: string[]
  /** The account that the bucket must belong to, 12 digits. */
  bucket_owner?: string
}

/** Records and master key in a folder: no AWS at all. */
export interface LocalConfig extends BindingConfig {
  /** The folder, absolute or from the place of the configuration. */
  local: string
}

export type Config = AwsConfig | LocalConfig

/** A configuration that was checked, in the terms the backends use. */
export type Settings = ContextSettings & (AwsSettings | LocalSettings)

export interface AwsSettings {
  readonly kind: 'aws'
  readonly bucket: string
  readonly prefix: string
  /** As KMS takes it: `alias/…` or an ARN. */
  readonly keyAlias: string
  readonly region: string
  /** Likewise; none for any. */
  readonly trustedKeys: readonly string[]
  readonly bucketOwner: string | undefined
}

export interface LocalSettings {
  readonly kind: 'local'
  readonly folder: string
  readonly prefix: ''
}

const FIELDS_HINT = 'The fields are "s3_path", "key_alias" and "region", or "local" in place of the three.'

/**
 * @param fields whatever stood there
 * @param source named in every error
 * @throws LazyCredError `CONFIG_INVALID`
 */
export function checkFields(fields: unknown, source: Source): Settings {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw invalid(source, 'it must be an object with fields, such as {"s3_path": …, "key_alias": …, "region": …}')
  }
  for (const field of Object.keys(fields)) assertKnown(field, source)
  const given = new Given(new Map(Object.entries(fields).filter(([, value]) => value !== undefined)), source)
  const backend = given.has('local') ? localSettings(given, source) : awsSettings(given, source)
  const bindNames = given.boolean('bind_names') ?? false
  return { ...backend, bindNames, encryptionContext: encryptionContext(given, source) }
}

function localSettings(given: Given, source: Source): LocalSettings {
  const other = AWS_ONLY.find((field) => given.has(field))
  if (other !== undefined) {
    throw invalid(source, `${source.nameOf('local')} stands in for ${source.nameOf(other)}: have one or the other`)
  }
  return {
    kind: 'local',
    folder: given.matching(
      'local',
      /^(?!~(\/|$))/,
      'begins with ~, which only a shell understands: write the folder out',
    ),
    prefix: '',
  }
}

function awsSettings(given: Given, source: Source): AwsSettings {
  const missing = REQUIRED.filter((field) => !given.has(field)).map((field) => source.nameOf(field))
  if (missing.length > 0) throw invalid(source, `${list(missing)} ${missing.length > 1 ? 'are' : 'is'} missing`)
  return {
    kind: 'aws',
    ...splitS3Path(given.text('s3_path'), source),
    keyAlias: fullAlias(given.text('key_alias')),
    region: given.matching('region', REGION, 'must be the name of a region, such as us-east-1'),
    trustedKeys: (given.texts('trusted_keys') ?? []).map(fullAlias),
    bucketOwner: given.has('bucket_owner')
      ? given.matching('bucket_owner', /^\d{12}$/, 'must be the 12 digits of an account, as text')
      : undefined,
  }
}

/** KMS reserves `aws:` for itself, and we the name that binds. */
function encryptionContext(given: Given, source: Source): EncryptionContext {
  const pairs = given.pairs('encryption_context') ?? {}
  const taken = Object.keys(pairs).find((name) => name === BINDING || name.startsWith('aws:'))
  if (taken === undefined) return pairs
  throw invalid(source, `${source.nameOf('encryption_context')} may not have the name "${printable(taken)}"`)
}

const REGION = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i
/** Bucket names of all times and AWS partitions; nothing that could change a URL. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/

function splitS3Path(s3Path: string, source: Source): { bucket: string; prefix: string } {
  const path = s3Path.replace(/^s3:\/\//, '')
  const slash = path.indexOf('/')
  const field = source.nameOf('s3_path')
  if (slash === -1) throw invalid(source, `${field} must have a / behind the bucket: bucket/ or bucket/folder/`)
  const bucket = path.slice(0, slash)
  if (bucket === '') throw invalid(source, `${field} must begin with a bucket: bucket/ or bucket/folder/`)
  if (!BUCKET.test(bucket)) throw invalid(source, `what ${field} has before its first / is not the name of a bucket`)
  return { bucket, prefix: path.slice(slash + 1) }
}

function fullAlias(keyAlias: string): string {
  return /^(alias\/|arn:)/.test(keyAlias) ? keyAlias : `alias/${keyAlias}`
}

function list(names: readonly string[]): string {
  return names.length < 3 ? names.join(' and ') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function assertKnown(field: string, source: Source): void {
  if (FIELDS.some((known) => known === field)) return
  const near = nearest(field, FIELDS)
  // What does not look like a field's name could be anything, a secret too.
  const reason = /^[\w$.-]{1,64}$/.test(field) ? `there is no field "${field}"` : 'it has a field of an odd name'
  throw invalid(source, reason, near ? `Did you mean "${near}"?` : FIELDS_HINT)
}
