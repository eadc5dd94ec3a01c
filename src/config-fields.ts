/** What a configuration may say, checked field by field. */
import { LazyCredError, printable } from './errors.js'
import { nearest } from './suggest.js'

/** Records on S3, data keys wrapped by KMS. */
export interface AwsConfig {
  /** `bucket/` or `bucket/folder/`; the first `/` ends the bucket; `s3://` in front is accepted. */
  s3_path: string
  /** Alias of the KMS key, with or without `alias/`, or the ARN of an alias or a key. */
  key_alias: string
  /** Region of the KMS key; the bucket may be in another. */
  region: string
}

/** Records and master key in a folder: no AWS at all. */
export interface LocalConfig {
  /** The folder, absolute or from the place of the configuration. */
  local: string
}

export type Config = AwsConfig | LocalConfig

/** A configuration that was checked, in the terms the backends use. */
export type Settings =
  | {
      readonly kind: 'aws'
      readonly bucket: string
      readonly prefix: string
      /** As KMS takes it: `alias/…` or an ARN. */
      readonly keyAlias: string
      readonly region: string
    }
  | { readonly kind: 'local'; readonly folder: string; readonly prefix: '' }

const AWS_FIELDS = ['s3_path', 'key_alias', 'region'] as const
export type Field = (typeof AWS_FIELDS)[number] | 'local'
const FIELDS: readonly Field[] = [...AWS_FIELDS, 'local']
const FIELDS_HINT = 'The fields are "s3_path", "key_alias" and "region", or "local" in place of the three.'

/** Where fields came from: `what` names the place, `nameOf` what a field is called there. */
export interface Source {
  readonly what: string
  nameOf(field: Field): string
}

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
  const given = new Map(Object.entries(fields).filter(([, value]) => value !== undefined))
  return given.has('local') ? localSettings(given, source) : awsSettings(given, source)
}

function localSettings(given: ReadonlyMap<string, unknown>, source: Source): Settings {
  const other = AWS_FIELDS.find((field) => given.has(field))
  if (other !== undefined) {
    throw invalid(source, `${source.nameOf('local')} stands in for ${source.nameOf(other)}: have one or the other`)
  }
  const folder = text(given, 'local', source)
  if (/^~(\/|$)/.test(folder)) {
    throw invalid(
      source,
      `${source.nameOf('local')} begins with ~, which only a shell understands: write the folder out`,
    )
  }
  return { kind: 'local', folder, prefix: '' }
}

function awsSettings(given: ReadonlyMap<string, unknown>, source: Source): Settings {
  const missing = AWS_FIELDS.filter((field) => !given.has(field)).map((field) => source.nameOf(field))
  if (missing.length > 0) throw invalid(source, `${list(missing)} ${missing.length > 1 ? 'are' : 'is'} missing`)
  const region = text(given, 'region', source)
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(region)) {
    throw invalid(source, `${source.nameOf('region')} must be the name of a region, such as us-east-1`)
  }
  const keyAlias = text(given, 'key_alias', source)
  return { kind: 'aws', ...splitS3Path(text(given, 's3_path', source), source), keyAlias: fullAlias(keyAlias), region }
}

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

function text(given: ReadonlyMap<string, unknown>, field: Field, source: Source): string {
  const value = given.get(field)
  if (typeof value !== 'string') throw invalid(source, `${source.nameOf(field)} must be text, not ${typeName(value)}`)
  if (value === '') throw invalid(source, `${source.nameOf(field)} is empty`)
  if (!value.isWellFormed() || /\p{Cc}/u.test(value)) {
    throw invalid(source, `${source.nameOf(field)} holds control characters or broken Unicode`)
  }
  return value
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
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

/** @returns the error for a configuration that was found and cannot be used */
export function invalid(source: Pick<Source, 'what'>, reason: string, hint?: string): LazyCredError {
  return new LazyCredError('CONFIG_INVALID', `${printable(source.what)}: ${reason}`, { hint })
}
