/** Every code that a `LazyCredError` can carry, with what it means. The codes are stable; the messages are not. */
export const codes = {
  CONFIG_MISSING: 'no configuration was found anywhere',
  CONFIG_INVALID: 'a configuration was found, but it cannot be read or is not valid',
  CONFIG_UNTRUSTED: 'the configuration that was found could have been planted by someone else',
  NAME_INVALID: 'the secret name is empty, too long or not text',
  VALUE_INVALID: 'the value is neither text nor bytes',
  VALUE_TOO_LARGE: 'the value is over the size limit',
  NOT_FOUND: 'there is no such secret',
  NOT_TEXT: 'the secret is not UTF-8 text; read it as bytes',
  SOME_FAILED: 'of many secrets, some could not be had; each has its own error in `errors`',
  RECORD_DAMAGED: 'what is stored under the name is not a record, or was altered',
  WRONG_KMS_KEY: 'the record is under another KMS key, or master key, than those that are trusted',
  CONTEXT_MISMATCH: 'the record was stored under another name or context, or its wrapped key was altered',
  CONDITION_FAILED: 'something else is stored there than ifAbsent or ifMatch asked for',
  CREDENTIALS_MISSING: 'no AWS credentials were found',
  CREDENTIALS_EXPIRED: 'the AWS credentials have expired',
  CREDENTIALS_INVALID: 'AWS does not accept the credentials',
  ACCESS_DENIED: 'the credentials, or the file permissions, do not allow it',
  BUCKET_NOT_FOUND: 'there is no such bucket',
  WRONG_REGION: 'the bucket is in another region, and which one was not said',
  KMS_KEY_NOT_FOUND: 'there is no such KMS key or alias',
  KMS_KEY_UNUSABLE: 'the KMS key is disabled, pending deletion or otherwise out of use',
  THROTTLED: 'AWS asked to slow down, after retries too',
  CLOCK_SKEW: 'the clock of this machine is too far off',
  TIMEOUT: 'a server did not answer in time',
  UNREACHABLE: 'a server cannot be reached, or the connection broke',
  SERVICE_ERROR: 'AWS answered with another error',
  STORAGE_ERROR: 'the local folder cannot be read or written',
  INPUT_UNREADABLE: 'the value to store cannot be read',
  OUTPUT_FAILED: 'the value cannot be written to standard output',
  CANCELLED: 'given up at the prompt',
  UNEXPECTED: 'a fault of LazyCred itself',
} as const

export type LazyCredErrorCode = keyof typeof codes

export type Verb = 'get' | 'put' | 'rewrap'

/** What an error is about, as far as it is known where it is made. */
export interface ErrorContext {
  readonly verb?: Verb | undefined
  /** The secret name that was asked for. */
  readonly secretName?: string | undefined
  /** The bucket, or the local folder. */
  readonly place?: string | undefined
  readonly objectPath?: string | undefined
}

export interface ErrorDetails extends ErrorContext {
  /** What mends it, as a sentence. */
  readonly hint?: string | undefined
  /** Must hold nothing secret: it is printed and logged along with the error. */
  readonly cause?: unknown
  /** Of `SOME_FAILED`: every failure. */
  readonly errors?: readonly LazyCredError[]
}

/**
 * The one error that LazyCred throws. `code` is stable and made to be branched on; `message` is made to be read:
 * what failed, on what, and why. `hint`, where there is one, says what mends it. Nothing secret is in any of them.
 */
export class LazyCredError extends Error {
  override readonly name = 'LazyCredError'
  readonly code: LazyCredErrorCode
  readonly reason: string
  readonly hint: string | undefined
  readonly verb: Verb | undefined
  readonly secretName: string | undefined
  readonly place: string | undefined
  readonly objectPath: string | undefined
  readonly errors: readonly LazyCredError[] | undefined

  constructor(code: LazyCredErrorCode, reason: string, details: ErrorDetails = {}) {
    super(`${subject(details)}${code}: ${reason}`, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.reason = reason
    this.hint = details.hint
    this.verb = details.verb
    this.secretName = details.secretName
    this.place = details.place
    this.objectPath = details.objectPath
    this.errors = details.errors
  }

  /** The same error, told in full: thrown below, it does not know yet which secret it is about. What it knows stays. */
  about(context: ErrorContext): LazyCredError {
    const { code, reason, hint, cause, errors } = this
    const known = { verb: this.verb, secretName: this.secretName, place: this.place, objectPath: this.objectPath }
    const told = new LazyCredError(code, reason, { ...known, ...context, hint, cause, ...(errors && { errors }) })
    told.stack = [`${told.name}: ${told.message}`, ...framesOf(this)].join('\n')
    return told
  }
}

function subject({ verb, secretName, place, objectPath }: ErrorContext): string {
  if (verb === undefined || secretName === undefined) return ''
  const what =
    place === undefined ? printable(secretName) : `${printable(place)},${printable(objectPath ?? secretName)}`
  return `Unable to ${verb} <Key: ${what}>. `
}

/** Control, direction and invisible characters could rewrite the line, or the terminal, that an error is shown on. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

/** Makes text that came from outside fit for one line of an error: control characters become `\u{…}`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
}

/**
 * What of a foreign error may be kept: its name, its code and where it was thrown. Its message may not,
 * since parsers and argument checks quote what they were given.
 */
export function withoutMessage(error: unknown): Error {
  const safe = new Error('(message withheld: it could quote a secret)')
  if (!(error instanceof Error)) return safe
  const { code } = error as NodeJS.ErrnoException
  safe.name = printable(error.name.slice(0, 64))
  safe.stack = [`${safe.name}: ${safe.message}`, ...framesOf(error)].join('\n')
  return typeof code === 'string' ? Object.assign(safe, { code: printable(code.slice(0, 64)) }) : safe
}

/** Where an error was thrown, without a line of what its message says. */
function framesOf({ stack = '', message }: Error): string[] {
  const end = stack.lastIndexOf(message) + message.length
  const lines = stack.slice(end).split('\n')
  return lines.filter((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line))
}

/** Turns whatever was thrown into a `LazyCredError` about `context`. */
export function asLazyCredError(error: unknown, context: ErrorContext): LazyCredError {
  if (error instanceof LazyCredError) return error.about(context)
  const cause = withoutMessage(error)
  return new LazyCredError('UNEXPECTED', `${cause.name}: this is a fault of LazyCred itself`, {
    ...context,
    hint: 'Please report it, with what --verbose shows.',
    cause,
  })
}
