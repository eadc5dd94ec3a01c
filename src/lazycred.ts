import { types } from 'node:util'
import { openBackend, type Backend } from './backend.js'
import { contextOf, explainMismatch } from './binding.js'
import type { Config, Settings } from './config-fields.js'
import { findConfig } from './config.js'
import type { EncryptionContext } from './context.js'
import { assertFits, open, seal } from './envelope.js'
import { asLazyCredError, LazyCredError, type ErrorContext, type Verb } from './errors.js'
import { stderrLogger, type Logger } from './log.js'
import { objectPathOf } from './names.js'
import type { KeyWrapper } from './ports.js'
import { rewrapRecord } from './rewrap.js'
import { assertOptions, rewrapMany, type Moved, type RewrapOptions, type RewrapSummary } from './rewrap-many.js'
import type { Condition, Version } from './version.js'

export interface LazyCredOptions {
  /** A configuration file, named outright: nothing is searched. Wins over `LAZYCRED_CONFIG`. */
  readonly configFile?: string | undefined
  /** Takes debug messages; errors are thrown, not logged. Standard error by default. */
  readonly logger?: Logger | undefined
}

export interface PutOptions {
  /** Stores only where there is no such secret yet. */
  readonly ifAbsent?: boolean | undefined
  /** Stores only over the secret that was read with this etag. */
  readonly ifMatch?: string | undefined
}

/** A secret, and which writing of it. */
export interface VersionedSecret extends Version {
  readonly value: Uint8Array
}

interface Opened extends Backend {
  readonly settings: Settings
}

/** One secret: where its record lies, and what it opens under. */
interface Place extends Opened {
  readonly objectPath: string
  readonly context: EncryptionContext
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
    this.#config = typeof config === 'object' && !Array.isArray(config) && config !== null ? { ...config } : config
    this.#options = options
  }

  /**
   * @param name the secret name
   * @returns the secret as text
   * @throws LazyCredError `NOT_FOUND` where there is none, `NOT_TEXT` where its bytes are not UTF-8, and any other code
   */
  async get(name: string): Promise<string> {
    return this.#at('get', name, async (place) => decodeText((await read(place)).value))
  }

  /** As `get`, for secrets that are not text. */
  async getBytes(name: string): Promise<Uint8Array> {
    return this.#at('get', name, async (place) => (await read(place)).value)
  }

  /** As `getBytes`, with the etag that `put` takes for `ifMatch`. */
  getVersioned(name: string): Promise<VersionedSecret> {
    return this.#at('get', name, read)
  }

  /**
   * Stores a secret, over the one that was there unless `options` say otherwise. Nothing is written before everything is
   * encrypted.
   *
   * @param value text, which is stored as UTF-8, or bytes, which must not change until it is done; at most 256 MiB
   * @returns which writing it is
   * @throws LazyCredError `VALUE_INVALID`, `VALUE_TOO_LARGE`, `CONDITION_FAILED`, and any other code
   */
  put(name: string, value: string | Uint8Array, options: PutOptions = {}): Promise<Version> {
    return this.#at('put', name, async ({ store, wrapper, objectPath, context }) => {
      const condition = conditionOf(options)
      const bytes = bytesOf(value)
      const record = await seal(bytes, wrapper, context).finally(() => {
        // A copy of ours, unlike bytes that were given.
        if (typeof value === 'string') bytes.fill(0)
      })
      return store.write(objectPath, record, condition)
    })
  }

  /**
   * Moves records to what is configured now: their data keys to the KMS key behind the alias, and to the encryption context,
   * bound or not. No secret is decrypted for it, and each record is written only where nobody else wrote meanwhile. It may
   * be repeated, and interrupted.
   *
   * @param names which; `'all'` for everything below the configured prefix
   * @returns how many were moved, and how many were right; what failed, each with its error
   * @throws LazyCredError where it cannot begin, or can list nothing
   */
  async rewrap(names: readonly string[] | 'all', options: RewrapOptions = {}): Promise<RewrapSummary> {
    try {
      assertNames(names)
      assertOptions(options)
      const { store, wrapper, settings } = await this.#open()
      if (options.newMasterKey === true) await renew(wrapper)
      const pages = names === 'all' ? namesIn(store.list(settings.prefix), settings.prefix) : [[...new Set(names)]]
      return await rewrapMany(pages, (name) => this.#rewrap(name, options.dryRun === true), options)
    } catch (error) {
      throw asLazyCredError(error, {})
    }
  }

  #rewrap(name: string, dryRun: boolean): Promise<Moved> {
    return this.#at('rewrap', name, (place) => rewrapRecord(place, place.objectPath, place.context, dryRun))
  }

  /**
   * Where a secret lies, or would lie: for what must be right before anything else begins. Nothing is sent.
   *
   * @throws LazyCredError `CONFIG_MISSING`, `CONFIG_INVALID`, `CONFIG_UNTRUSTED`, `NAME_INVALID`
   */
  locate(name: string): Promise<{ place: string; objectPath: string }> {
    return this.#at('put', name, ({ store, objectPath }) => Promise.resolve({ place: store.place, objectPath }))
  }

  /** Runs `use` on the place of a secret, and has every error say which secret it is about. */
  async #at<Result>(verb: Verb, name: string, use: (place: Place) => Promise<Result>): Promise<Result> {
    let about: ErrorContext = { verb, secretName: typeof name === 'string' ? name : typeof name }
    let context: EncryptionContext = {}
    try {
      const opened = await this.#open()
      const objectPath = objectPathOf(opened.settings.prefix, name)
      about = { ...about, place: opened.store.place, objectPath }
      context = contextOf(opened.settings, opened.store.bindingPlace, objectPath)
      return await use({ ...opened, objectPath, context })
    } catch (error) {
      throw asLazyCredError(explainMismatch(error, context, verb), about)
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
    const { settings, source, warning } = await findConfig(this.#config, this.#options.configFile)
    logger.debug(`Configuration from ${source}`)
    if (warning !== undefined) logger.warn(warning)
    return { settings, ...(await openBackend(settings, logger)) }
  }
}

async function read({ store, wrapper, objectPath, context }: Place): Promise<VersionedSecret> {
  const found = await store.read(objectPath)
  if (found === null) throw new LazyCredError('NOT_FOUND', 'there is no such secret')
  const { bytes, ...version } = found
  return { value: await open(bytes, wrapper, context), ...version }
}

function conditionOf(options: unknown): Condition | undefined {
  if (typeof options !== 'object' || options === null) throw new LazyCredError('VALUE_INVALID', 'options are an object')
  const { ifAbsent, ifMatch }: PutOptions = options
  // Of what is not quite a condition nobody may think that it held.
  if (!['undefined', 'boolean'].includes(typeof ifAbsent) || !['undefined', 'string'].includes(typeof ifMatch)) {
    throw new LazyCredError('VALUE_INVALID', 'ifAbsent must be true or false, and ifMatch text')
  }
  if (ifAbsent === true && ifMatch !== undefined) {
    throw new LazyCredError('VALUE_INVALID', 'ifAbsent and ifMatch cannot both hold')
  }
  if (ifAbsent === true) return { ifAbsent: true }
  return ifMatch === undefined ? undefined : { ifMatch: etagIn(ifMatch) }
}

/** ASCII, no quotes, and never empty or `*`, which servers could take for no condition at all (RFC 9110, 8.8.3 and 13.1.1). */
const ETAG = /^(?!\*?$)[!\x23-\x7e]*$/

/** The quotes around an etag are its header's, not its own. */
function etagIn(ifMatch: string): string {
  const etag = ifMatch.replace(/^"(.*)"$/, '$1')
  if (ETAG.test(etag)) return etag
  throw new LazyCredError('CONDITION_FAILED', 'no secret has that etag', { hint: 'Take the one that get or put gave.' })
}

function assertNames(names: unknown): asserts names is readonly string[] | 'all' {
  if (names === 'all' || Array.isArray(names)) return
  throw new LazyCredError('NAME_INVALID', "the names to rewrap are a list of them, or 'all'")
}

async function* namesIn(pages: AsyncIterable<readonly string[]>, prefix: string): AsyncGenerator<readonly string[]> {
  for await (const page of pages) yield page.map((objectPath) => objectPath.slice(prefix.length))
}

async function renew(wrapper: KeyWrapper): Promise<void> {
  if (wrapper.renew === undefined) {
    throw new LazyCredError('CONFIG_INVALID', 'a new master key is for the local backend: KMS keys are made in KMS', {
      hint: 'Make one there, move the alias to it, and rewrap.',
    })
  }
  await wrapper.renew()
}

function decodeText(bytes: Uint8Array): string {
  try {
    // A byte order mark is part of the secret.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new LazyCredError('NOT_TEXT', 'the secret is not UTF-8 text', { hint: 'In code, read it with getBytes.' })
  } finally {
    bytes.fill(0)
  }
}

function bytesOf(value: unknown): Buffer {
  if (types.isUint8Array(value)) return plain(value)
  if (typeof value !== 'string')
    throw new LazyCredError('VALUE_INVALID', `a value is text or bytes, not ${typeof value}`)
  if (!value.isWellFormed()) throw new LazyCredError('VALUE_INVALID', 'the text is not well-formed Unicode')
  assertFits(Buffer.byteLength(value))
  return Buffer.from(value)
}

/** The very bytes, whatever a subclass makes of the methods of its arrays. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  try {
    return Buffer.from(buffer, byteOffset, byteLength)
  } catch {
    throw new LazyCredError('VALUE_INVALID', 'the bytes are no longer there: their memory was given to somebody else')
  }
}
