import type { Backend } from './backend.js'
import { contextOf, explainMismatch } from './binding.js'
import type { Config, Settings } from './config-fields.js'
import type { EncryptionContext } from './context.js'
import type * as core from './core.js'
import { asLazyCredError, LazyCredError, type ErrorContext, type Verb } from './errors.js'
import { Gate } from './gate.js'
import { stderrLogger } from './log.js'
import { objectPathOf } from './names.js'
import { conditionOf, maxAgeOf, type GetOptions, type LazyCredOptions, type PutOptions } from './options.js'
import type { KeyWrapper } from './ports.js'
import { assertOptions, rewrapMany, type Moved, type RewrapOptions, type RewrapSummary } from './rewrap-many.js'
import { SharedReads, type VersionedSecret } from './shared-reads.js'
import type { Condition, Version } from './version.js'

type Core = typeof core

interface Opened extends Backend {
  readonly core: Core
  readonly settings: Settings
}

/** One secret: where its record lies, and what it opens under. */
interface Place extends Opened {
  readonly objectPath: string
  readonly context: EncryptionContext
}

/** Calls at work at the same time. More of them wait for each other, and for the connections that they need. */
const AT_ONCE = 32

/**
 * The secrets of one configuration. Its methods may be called at the same time; they reject with a `LazyCredError`
 * and nothing else. The configuration is found at the first call, and then kept.
 */
export class LazyCred {
  readonly #config: Config | null
  readonly #options: LazyCredOptions
  readonly #reads: SharedReads
  readonly #gate = new Gate(AT_ONCE)
  #opened: Promise<Opened> | undefined

  /**
   * @param config fields as in `.lazycred`; without it the configuration is searched, see the README
   * @throws LazyCredError `VALUE_INVALID` where `maxAgeMs` is no number of milliseconds
   */
  constructor(config: Config | null = null, options: LazyCredOptions | null = null) {
    this.#config = typeof config === 'object' && !Array.isArray(config) && config !== null ? { ...config } : config
    this.#options = options ?? {}
    this.#reads = new SharedReads(maxAgeOf(options))
  }

  /**
   * Calls for the same secret at the same time are one.
   *
   * @param name the secret name
   * @returns the secret as text
   * @throws LazyCredError `NOT_FOUND` where there is none, `NOT_TEXT` where its bytes are not UTF-8, and any other code
   */
  async get(name: string, options?: GetOptions): Promise<string> {
    const { value } = await this.getVersioned(name, options)
    return this.#at('get', name, ({ core }) => core.decodeText(value))
  }

  /** As `get`, for secrets that are not text. */
  async getBytes(name: string, options?: GetOptions): Promise<Uint8Array> {
    return (await this.getVersioned(name, options)).value
  }

  /** As `getBytes`, with the etag that `put` takes for `ifMatch`. */
  async getVersioned(name: string, options?: GetOptions): Promise<VersionedSecret> {
    const load = (): Promise<VersionedSecret> => this.#at('get', name, (place) => this.#gate.run(() => read(place)))
    return this.#reads.read(name, options?.fresh === true, load)
  }

  /**
   * Reads many secrets as text, as many at a time as is good.
   *
   * @returns them in the order of their names
   * @throws LazyCredError `SOME_FAILED`, which lists every failure, where a single one fails; what keeps it from beginning
   */
  async getMany(names: readonly string[], options?: GetOptions): Promise<string[]> {
    try {
      assertList(names)
      await this.#open()
      return allOrErrors(await Promise.allSettled(Array.from(names, (name) => this.get(name, options))))
    } catch (error) {
      throw asLazyCredError(error, {})
    }
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
    return this.#at('put', name, (place) => {
      const condition = conditionOf(options)
      const bytes = place.core.bytesOf(value)
      const store = (): Promise<Version> =>
        write(place, bytes, condition).finally(() => {
          // A copy of ours, unlike bytes that were given.
          if (typeof value === 'string') bytes.fill(0)
        })
      return this.#reads.write(name, bytes, () => this.#gate.run(store))
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
    return this.#at('rewrap', name, (place) =>
      place.core.rewrapRecord(place, place.objectPath, place.context, dryRun).finally(() => {
        this.#reads.forget(name)
      }),
    )
  }

  /**
   * Where a secret lies, or would lie: for what must be right before anything else begins. Nothing is sent.
   *
   * @throws LazyCredError `CONFIG_MISSING`, `CONFIG_INVALID`, `CONFIG_UNTRUSTED`, `NAME_INVALID`
   */
  locate(name: string): Promise<{ place: string; objectPath: string }> {
    return this.#at('put', name, ({ store, objectPath }) => ({ place: store.place, objectPath }))
  }

  /** Runs `use` on the place of a secret, and has every error say which secret it is about. */
  async #at<Result>(verb: Verb, name: string, use: (place: Place) => Result | Promise<Result>): Promise<Result> {
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
    const core = await import('./core.js')
    const { settings, source, warning } = await core.findConfig(this.#config, this.#options.configFile)
    logger.debug(`Configuration from ${source}`)
    if (warning !== undefined) logger.warn(warning)
    return { core, settings, ...(await core.openBackend(settings, logger)) }
  }
}

async function read({ core, store, wrapper, objectPath, context }: Place): Promise<VersionedSecret> {
  store.soon?.()
  wrapper.soon?.()
  const found = await store.read(objectPath)
  if (found === null) throw new LazyCredError('NOT_FOUND', 'there is no such secret')
  const { bytes, ...version } = found
  return { value: await core.open(bytes, wrapper, context), ...version }
}

async function write(place: Place, value: Uint8Array, condition: Condition | undefined): Promise<Version> {
  const { core, store, wrapper, objectPath, context } = place
  wrapper.soon?.()
  store.soon?.()
  return store.write(objectPath, await core.seal(value, wrapper, context), condition)
}

function assertNames(names: unknown): asserts names is readonly string[] | 'all' {
  if (names === 'all' || Array.isArray(names)) return
  throw new LazyCredError('NAME_INVALID', "the names to rewrap are a list of them, or 'all'")
}

function assertList(names: unknown): asserts names is readonly string[] {
  if (!Array.isArray(names)) throw new LazyCredError('NAME_INVALID', 'the names of many secrets are a list')
}

function allOrErrors(outcomes: readonly PromiseSettledResult<string>[]): string[] {
  const errors = outcomes.flatMap((each) => (each.status === 'rejected' ? [asLazyCredError(each.reason, {})] : []))
  if (errors.length > 0) throw someFailed(errors, outcomes.length)
  return outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
}

function someFailed(errors: readonly LazyCredError[], total: number): LazyCredError {
  const list = errors.map(({ message }) => message).join('; ')
  return new LazyCredError('SOME_FAILED', `${errors.length} of ${total} secrets could not be had: ${list}`, { errors })
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
