/** SECURITY.md: of a record that was stored, not a bit can be changed unnoticed. */
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LazyCred, LazyCredError } from '../../src/index.js'
import { bothWorlds } from '../support/both-worlds.js'
import { RUNS } from '../support/fernet.js'

interface Stored {
  readonly record: Buffer
  /** Reads the secret while these bytes lie in place of its record, which must be refused. */
  refused: (bytes: Buffer) => Promise<void>
}

/** KMS says so too where the key that an altered blob names is none of ours. */
const REFUSED = ['RECORD_DAMAGED', 'WRONG_KMS_KEY', 'CONTEXT_MISMATCH', 'ACCESS_DENIED']

async function store(value: Buffer, { open } = bothWorlds[1] ?? expect.fail()): Promise<Stored> {
  const world = await open()
  for (const [name, setting] of Object.entries(world.sandbox.env)) {
    if (name.startsWith('AWS_')) vi.stubEnv(name, setting)
  }
  const lazycred = new LazyCred(null, { configFile: join(world.sandbox.cwd, '.lazycred') })
  await lazycred.put('db', value)
  const record = await world.read('db')
  const refused = async (bytes: Buffer): Promise<void> => {
    await world.write('db', bytes)
    const given: unknown = await lazycred.getBytes('db').catch((error: unknown) => error)
    expect(given).toBeInstanceOf(LazyCredError)
    expect(REFUSED).toContain((given as LazyCredError).code)
  }
  return { record, refused }
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a record is refused', () => {
  it.each(bothWorlds)('with any single bit of it turned over, on $name', async (world) => {
    const { record, refused } = await store(Buffer.from('The gold is at the post office.'), world)
    for (let bit = 0; bit < record.length * 8; bit += world.name === 'AWS' ? 7 : 1) {
      const changed = Buffer.from(record)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await refused(changed)
    }
  })

  it('cut at any place', async () => {
    const { record, refused } = await store(Buffer.from('value'))
    for (let length = 0; length < record.length; length++) await refused(record.subarray(0, length))
  })

  it('lengthened, or with something put in, unless it is the white space of JSON', async () => {
    const { record, refused } = await store(Buffer.from('value'))
    const more = fc
      .uint8Array({ minLength: 1, maxLength: 9 })
      .filter((bytes) => !/^[ \t\r\n]*$/.test(Buffer.from(bytes).toString('latin1')))
    const inserted = async (bytes: Uint8Array, where: number): Promise<void> => {
      await refused(Buffer.concat([record, bytes]))
      const at = where % record.length
      const inText = /[A-Za-z0-9_=+/-]/.test(String.fromCharCode(record[at] ?? 0))
      if (inText) await refused(Buffer.concat([record.subarray(0, at), bytes, record.subarray(at)]))
    }
    await fc.assert(fc.asyncProperty(more, fc.nat(), inserted), { numRuns: RUNS })
  })

  it('with any JSON at all in its place, or in place of one of its texts', async () => {
    const { record, refused } = await store(Buffer.from('value'))
    const { data, key: wrapped } = JSON.parse(record.toString()) as Record<string, unknown>
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.jsonValue().map((other) => ({ data, key: other })),
      fc.jsonValue().map((other) => ({ data: other, key: wrapped })),
    )
    const given = (json: unknown): Promise<void> => refused(Buffer.from(JSON.stringify(json)))
    await fc.assert(fc.asyncProperty(anything, given), { numRuns: RUNS })
  })

  it('spliced from two of them', async () => {
    const [one, two] = await Promise.all([store(Buffer.from('the first value')), store(Buffer.from('the other value'))])
    const places = fc.integer({ min: 1, max: one.record.length - 1 })
    const spliced = async (at: number): Promise<void> => {
      const both = Buffer.concat([one.record.subarray(0, at), two.record.subarray(at)])
      if (!both.equals(one.record) && !both.equals(two.record)) await one.refused(both)
    }
    await fc.assert(fc.asyncProperty(places, spliced), { numRuns: RUNS })
  })
})
