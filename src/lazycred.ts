import { openBackend, type Backend } from './backend.js'
import type { Config } from './config-fields.js'
import { findConfig } from './config.js'
import { assertFits, open, seal } from './envelope.js'
import { asLazyCredError, LazyCredError, type ErrorContext } from './errors.js'
import { stderrLogger, type Logger } from './log.js'
import { objectPathOf } from './names.js'

export interface LazyCredOptions {
  /** A configuration file, named outright: nothing is searched. Wins over `LAZYCRED_CONFIG`. */
  readonly configFile?: string | undefined
  /** Takes debug messages; errors are thrown, not logged. Standard error by default. */
  readonly logger?: Logger | undefined
}

/** What all methods know of themselves: where the records are, and how to reach them. */
interface Opened extends Backend {
  readonly prefix: string
}

/**
 * The secrets of one configuration. Its methods may be called at the same time; they reject with a `LazyCredError`
 * and nothing else. The configuration is found at the first call, and then kept.
 */
export class LazyCred {
  readonly #config: Config | null
  readonly #options: LazyCredOptions
  #opened: Promise<Opened> | undefined

  /** @param config fields as in `.lazycred`; without it the configuration is searched, see the README */
  constructor(config: Config | null = null, options: LazyCredOptions = {}) {
    this.#config = config === null || Array.isArray(config) ? config : { ...config }
    this.#options = options
  }

  /**
   * @param name the secret name
   * @returns the secret as text
   * @throws LazyCredError `NOT_FOUND` where there is none, `NOT_TEXT` where its bytes are not UTF-8, and any other code
   */
  get(name: string): Promise<string> {
    return this.#about('get', name, async (opened, objectPath) => decodeText(await read(opened, objectPath)))
  }

  /** As `get`, for secrets that are not text. */
  getBytes(name: string): Promise<Buffer> {
    return this.#about('get', name, read)
  }

  /**
   * Stores a secret, over the one that was there. Nothing is written before everything is encrypted.
   *
   * @param value text, which is stored as UTF-8, or bytes; at most 256 MiB
   * @throws LazyCredError `VALUE_INVALID`, `VALUE_TOO_LARGE`, and any other code
   */
  put(name: string, value: string | Uint8Array): Promise<void> {
    return this.#about('put', name, async ({ store, wrapper }, objectPath) => {
      const record = await seal(bytesOf(value), wrapper, {})
      await store.write(objectPath, record)
    })
  }

  /** Runs `use` on the path of a secret, and has every error say which secret it is about. */
  async #about<Result>(verb: 'get' | 'put', name: string, use: Use<Result>): Promise<Result> {
    let context: ErrorContext = { verb, secretName: typeof name === 'string' ? name : typeof name }
    try {
      const opened = await this.#open()
      const objectPath = objectPathOf(opened.prefix, name)
      context = { ...context, place: opened.store.place, objectPath }
      return await use(opened, objectPath)
    } catch (error) {
      throw asLazyCredError(error, context)
    }
  }

  /** What fails to open is tried again at the next call. */
  #open(): Promise<Opened> {
    this.#opened ??= this.#find().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async #find(): Promise<Opened> {
    const logger = this.#options.logger ?? stderrLogger
    const { settings, source } = await findConfig(this.#config, this.#options.configFile)
    logger.debug(`Configuration from ${source}`)
    return { prefix: settings.prefix, ...(await openBackend(settings, logger)) }
  }
}

type Use<Result> = (opened: Opened, objectPath: string) => Promise<Result>

async function read({ store, wrapper }: Opened, objectPath: string): Promise<Buffer> {
  const record = await store.read(objectPath)
  if (record === null) throw new LazyCredError('NOT_FOUND', 'there is no such secret')
  return open(record, wrapper, {})
}

function decodeText(bytes: Buffer): string {
  try {
    // A byte order mark is part of the secret.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new LazyCredError('NOT_TEXT', 'the secret is not UTF-8 text', { hint: 'In code, read it with getBytes.' })
  }
}

function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value !== 'string')
    throw new LazyCredError('VALUE_INVALID', `a value is text or bytes, not ${typeof value}`)
  if (!value.isWellFormed()) throw new LazyCredError('VALUE_INVALID', 'the text is not well-formed Unicode')
  assertFits(Buffer.byteLength(value))
  return Buffer.from(value)
}
