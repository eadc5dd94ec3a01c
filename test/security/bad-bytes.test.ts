/** SECURITY.md: of a record that was stored, not a bit can be changed unnoticed. */
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LazyCred, LazyCredError } from '../../src/index.js'
import { bothWorlds } from '../support/both-worlds.js'
import { RUNS } from '../support/fernet.js'

interface Stored {
  readonly record: Buffer
  /** Reads the secret while these bytes lie in place of its record, which must be refused. */
  refused: (bytes: Buffer) => Promise<void>
}

async function store(value: Buffer): Promise<Stored> {
  const world = await (bothWorlds[1]?.open ?? expect.fail)()
  const lazycred = new LazyCred({ local: join(world.sandbox.cwd, 'vault') })
  await lazycred.put('db', value)
  const record = await world.read('db')
  const refused = async (bytes: Buffer): Promise<void> => {
    await world.write('db', bytes)
    const given: unknown = await lazycred.getBytes('db').catch((error: unknown) => error)
    expect(given).toBeInstanceOf(LazyCredError)
    expect(['RECORD_DAMAGED', 'WRONG_KMS_KEY', 'CONTEXT_MISMATCH']).toContain((given as LazyCredError).code)
  }
  return { record, refused }
}

describe('a record is refused', () => {
  it('with any single bit of it turned over', async () => {
    const { record, refused } = await store(Buffer.from('The gold is at the post office.'))
    for (let bit = 0; bit < record.length * 8; bit++) {
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
