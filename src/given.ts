/** Fields as they were given, each read as what it must be. */
import { LazyCredError, printable } from './errors.js'
import type { Field } from './fields.js'

/** Where fields came from: `what` names the place, `nameOf` what a field is called there. */
export interface Source {
  readonly what: string
  nameOf(field: Field): string
}

/** Every reader throws a LazyCredError `CONFIG_INVALID` that names the field, and quotes nothing of what it holds. */
export class Given {
  readonly #fields: ReadonlyMap<string, unknown>
  readonly #source: Source

  constructor(fields: ReadonlyMap<string, unknown>, source: Source) {
    this.#fields = fields
    this.#source = source
  }

  has(field: Field): boolean {
    return this.#fields.has(field)
  }

  text(field: Field): string {
    return this.#text(field, this.#fields.get(field))
  }

  matching(field: Field, pattern: RegExp, rule: string): string {
    const value = this.text(field)
    if (!pattern.test(value)) throw this.#wrong(field, rule)
    return value
  }

  boolean(field: Field): boolean | undefined {
    const value = this.#fields.get(field)
    if (value === undefined || typeof value === 'boolean') return value
    throw this.#wrong(field, `must be true or false, not ${typeName(value)}`)
  }

  texts(field: Field): string[] | undefined {
    const value = this.#fields.get(field)
    if (value === undefined) return undefined
    if (!Array.isArray(value) || value.length === 0) throw this.#wrong(field, 'must be a list of texts')
    return value.map((each) => this.#text(field, each))
  }

  pairs(field: Field): Record<string, string> | undefined {
    const value = this.#fields.get(field)
    if (value === undefined) return undefined
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#wrong(field, `must be an object of texts, not ${typeName(value)}`)
    }
    const pairs = Object.entries(value)
    return Object.fromEntries(pairs.map(([name, each]) => [this.#text(field, name), this.#text(field, each)]))
  }

  #text(field: Field, value: unknown): string {
    if (typeof value !== 'string') throw this.#wrong(field, `must be text, not ${typeName(value)}`)
    if (value === '') throw this.#wrong(field, 'is empty')
    if (!value.isWellFormed() || /\p{Cc}/u.test(value)) {
      throw this.#wrong(field, 'holds control characters or broken Unicode')
    }
    return value
  }

  #wrong(field: Field, rule: string): LazyCredError {
    return invalid(this.#source, `${this.#source.nameOf(field)} ${rule}`)
  }
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** @returns the error for a configuration that was found and cannot be used */
export function invalid(source: Pick<Source, 'what'>, reason: string, hint?: string): LazyCredError {
  return new LazyCredError('CONFIG_INVALID', `${printable(source.what)}: ${reason}`, { hint })
}
