import { nowMs } from './clock.js'
import type { Version } from './version.js'

/** A secret, and which writing of it. */
export interface VersionedSecret extends Version {
  readonly value: Uint8Array
}

interface Flight {
  readonly landing: Promise<VersionedSecret>
  passengers: number
}

/** Writes of one name that are under way, and whether there ever were two at the same time since the first of them. */
interface Writes {
  running: number
  overlapped: boolean
}

interface Kept {
  readonly secret: VersionedSecret
  readonly untilMs: number
  readonly timer: NodeJS.Timeout
}

/** What timers take at most. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Reads of one secret at the same time are one read; and where that is wanted, what was read or written is kept for a
 * while. Nobody is given bytes that somebody else has too.
 */
export class SharedReads {
  readonly #maxAgeMs: number
  readonly #flights = new Map<string, Flight>()
  readonly #kept = new Map<string, Kept>()
  readonly #writes = new Map<string, Writes>()

  /** @param maxAgeMs how long values are kept; 0 for not at all */
  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs
  }

  /**
   * @param fresh goes round what is kept, and round reads that have begun already
   * @returns what the caller may keep, change and wipe
   * @throws what `load` throws
   */
  async read(name: string, fresh: boolean, load: () => Promise<VersionedSecret>): Promise<VersionedSecret> {
    const kept = fresh ? undefined : this.#keptOf(name)
    if (kept !== undefined) return copied(kept)
    const flight = (fresh ? undefined : this.#flights.get(name)) ?? this.#start(name, load)
    flight.passengers++
    const secret = await flight.landing
    return --flight.passengers === 0 ? secret : copied(secret)
  }

  /**
   * What was read before it, or begins to be read while it is under way, does not outlast it.
   *
   * @param value kept from then on, where values are kept, and where no other write of the same name was at work meanwhile
   * @throws what `store` throws
   */
  async write(name: string, value: Uint8Array, store: () => Promise<Version>): Promise<Version> {
    const copy = this.#maxAgeMs > 0 ? copyOf(value) : undefined
    const writes = this.#beginWrite(name)
    let isKept = false
    try {
      const version = await store()
      this.forget(name)
      if (copy !== undefined && !writes.overlapped) {
        this.#keep(name, { value: copy, ...version })
        isKept = true
      }
      return version
    } catch (error) {
      // It may have happened all the same.
      this.forget(name)
      throw error
    } finally {
      if (!isKept) copy?.fill(0)
      if (--writes.running === 0) this.#writes.delete(name)
    }
  }

  #beginWrite(name: string): Writes {
    this.forget(name)
    const writes = this.#writes.get(name) ?? { running: 0, overlapped: false }
    if (writes.running++ > 0) writes.overlapped = true
    this.#writes.set(name, writes)
    return writes
  }

  /** Reads that have begun are no longer joined, and what is kept is wiped. */
  forget(name: string): void {
    this.#flights.delete(name)
    const kept = this.#kept.get(name)
    if (kept === undefined) return
    clearTimeout(kept.timer)
    kept.secret.value.fill(0)
    this.#kept.delete(name)
  }

  #start(name: string, load: () => Promise<VersionedSecret>): Flight {
    const flight: Flight = { landing: load(), passengers: 0 }
    this.#flights.set(name, flight)
    const land = (secret?: VersionedSecret): void => {
      // Where it is not there any more, something was written meanwhile.
      if (this.#flights.get(name) !== flight) return
      this.#flights.delete(name)
      if (secret !== undefined && this.#maxAgeMs > 0) this.#keep(name, copied(secret))
    }
    flight.landing.then(land, () => {
      land()
    })
    return flight
  }

  #keep(name: string, secret: VersionedSecret): void {
    this.forget(name)
    const timer = setTimeout(
      () => {
        this.forget(name)
      },
      Math.min(this.#maxAgeMs, LONGEST_MS),
    ).unref()
    this.#kept.set(name, { secret, untilMs: nowMs() + this.#maxAgeMs, timer })
  }

  /** A timer that is late must not make a value last longer. */
  #keptOf(name: string): VersionedSecret | undefined {
    const kept = this.#kept.get(name)
    return kept !== undefined && nowMs() < kept.untilMs ? kept.secret : undefined
  }
}

function copied({ value, ...version }: VersionedSecret): VersionedSecret {
  return { value: copyOf(value), ...version }
}

/** In memory of its own, which nothing else comes to share. */
function copyOf(value: Uint8Array): Buffer {
  const copy = Buffer.alloc(value.length)
  copy.set(value)
  return copy
}
