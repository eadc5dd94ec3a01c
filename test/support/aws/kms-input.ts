import { KmsError } from './kms-errors.js'

interface Bounds {
  min?: number
  max?: number
}

/**
 * The parameters of one request, read by name and checked as KMS does it: wrong types are a SerializationException,
 * everything else is collected and refused at once by `check`, before anything is done.
 */
export class Input {
  readonly #values: ReadonlyMap<string, unknown>
  readonly #complaints: string[] = []

  /** The body must be one JSON object. */
  constructor(body: Buffer) {
    const parsed = parseJson(body)
    if (Array.isArray(parsed)) throw serialization('Start of list found where not expected')
    if (typeof parsed !== 'object' || parsed === null) throw serialization()
    this.#values = new Map(Object.entries(parsed))
  }

  text(name: string, bounds: Bounds & { pattern?: RegExp; oneOf?: readonly string[] } = {}): string | undefined {
    const value = this.#value(name, 'string', 'String')
    if (value === undefined) return undefined
    this.#checkLength(name, value.length, bounds, `'${value}' `)
    const { pattern, oneOf } = bounds
    if (pattern?.test(value) === false) {
      this.#complain(name, `'${value}' `, `satisfy regular expression pattern: ${pattern.source}`)
    }
    if (oneOf?.includes(value) === false) {
      this.#complain(name, `'${value}' `, `satisfy enum value set: [${oneOf.join(', ')}]`)
    }
    return value
  }

  requiredText(name: string, bounds: Bounds & { pattern?: RegExp } = {}): string {
    return this.text(name, bounds) ?? this.#missing(name, '')
  }

  /** Base64 in JSON. The value itself is never repeated in a complaint. */
  requiredBytes(name: string, bounds: Bounds): Buffer {
    const value = this.#value(name, 'string', 'ByteBuffer')
    if (value === undefined) return this.#missing(name, Buffer.alloc(0))
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) throw serialization()
    const bytes = Buffer.from(value, 'base64')
    this.#checkLength(name, bytes.length, bounds, '')
    return bytes
  }

  integer(name: string, bounds: { min: number; max: number }, fallback: number): number {
    const value = this.#value(name, 'number', 'Integer') ?? fallback
    if (value < bounds.min) this.#complain(name, `'${value}' `, `have value greater than or equal to ${bounds.min}`)
    if (value > bounds.max) this.#complain(name, `'${value}' `, `have value less than or equal to ${bounds.max}`)
    return value
  }

  /** A map of text to text; absent is empty. */
  map(name: string): Readonly<Record<string, string>> {
    const value = this.#values.get(name) ?? {}
    if (Array.isArray(value)) throw serialization('Start of list found where not expected')
    if (typeof value !== 'object') throw serialization(`${jsonType(value)} can not be converted to a Map`)
    const entries = Object.entries(value).map(([label, each]: [string, unknown]) => {
      if (typeof each !== 'string') throw serialization(`${jsonType(each)} can not be converted to a String`)
      return [label, each] as const
    })
    return Object.fromEntries(entries)
  }

  /** Refuses what was read so far, all complaints in one ValidationException. */
  check(): void {
    const count = this.#complaints.length
    if (count === 0) return
    const errors = count === 1 ? '1 validation error' : `${count} validation errors`
    throw new KmsError('ValidationException', `${errors} detected: ${this.#complaints.join('; ')}`)
  }

  #value(name: string, type: 'string', target: string): string | undefined
  #value(name: string, type: 'number', target: string): number | undefined
  #value(name: string, type: 'string' | 'number', target: string): unknown {
    const value = this.#values.get(name) ?? undefined
    if (value === undefined || typeof value === type) return value
    if (Array.isArray(value)) throw serialization('Start of list found where not expected')
    if (typeof value === 'object') throw serialization('Start of structure or map found where not expected.')
    throw serialization(`${jsonType(value)} can not be converted to a ${target}`)
  }

  #checkLength(name: string, length: number, { min, max }: Bounds, shown: string): void {
    if (min !== undefined && length < min) this.#complain(name, shown, `have length greater than or equal to ${min}`)
    if (max !== undefined && length > max) this.#complain(name, shown, `have length less than or equal to ${max}`)
  }

  #missing<T>(name: string, placeholder: T): T {
    this.#complain(name, 'null ', 'not be null')
    return placeholder
  }

  #complain(name: string, shown: string, constraint: string): void {
    const member = `${name.charAt(0).toLowerCase()}${name.slice(1)}`
    this.#complaints.push(`Value ${shown}at '${member}' failed to satisfy constraint: Member must ${constraint}`)
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw serialization()
  }
}

function serialization(message = ''): KmsError {
  return new KmsError('SerializationException', message)
}

function jsonType(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE'
  return typeof value === 'number' ? 'NUMBER_VALUE' : 'STRING_VALUE'
}
