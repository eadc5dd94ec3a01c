import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_RECORD_BYTES, MAX_VALUE_BYTES, open, seal } from '../../src/envelope.js'
import { LazyCredError } from '../../src/errors.js'
import type { EncryptionContext } from '../../src/context.js'
import type { KeyWrapper } from '../../src/ports.js'
import { RUNS } from '../support/fernet.js'

/** Wraps by turning every bit over, and remembers what it was asked for. */
class TurningWrapper implements Pick<KeyWrapper, 'wrap' | 'unwrap'> {
  readonly contexts: EncryptionContext[] = []
  /** The very buffers that went through, not copies of them. */
  readonly dataKeys: Buffer[] = []
  /** What they held at that time. */
  readonly texts: string[] = []

  wrap(dataKey: Buffer, context: EncryptionContext): Promise<Buffer> {
    this.#remember(dataKey, context)
    return Promise.resolve(turned(dataKey))
  }

  unwrap(wrappedKey: Buffer, context: EncryptionContext): Promise<Buffer> {
    const dataKey = turned(wrappedKey)
    this.#remember(dataKey, context)
    return Promise.resolve(dataKey)
  }

  #remember(dataKey: Buffer, context: EncryptionContext): void {
    this.dataKeys.push(dataKey)
    this.texts.push(dataKey.toString('latin1'))
    this.contexts.push(context)
  }
}

function turned(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0xff))
}

/** A wrapper that gives, or throws, always the same. */
function wrapperGiving(give: () => Buffer): Pick<KeyWrapper, 'wrap' | 'unwrap'> {
  return { wrap: () => Promise.resolve().then(give), unwrap: () => Promise.resolve().then(give) }
}

const refused = new LazyCredError('ACCESS_DENIED', 'not for you')
const refusing = wrapperGiving(() => {
  throw refused
})

describe('an envelope', () => {
  it('gives back what was sealed, whatever it is', async () => {
    const roundTrip = async (bytes: Uint8Array): Promise<void> => {
      const wrapper = new TurningWrapper()
      const record = await seal(bytes, wrapper, {})
      expect((await open(record, wrapper, {})).equals(bytes)).toBe(true)
    }
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), roundTrip), { numRuns: RUNS })
  })

  it('hands the wrapper the 44 characters of a data key that is new each time, and the context as it is', async () => {
    const wrapper = new TurningWrapper()
    const context = { purpose: 'test' }
    const record = await seal(Buffer.from('value'), wrapper, context)
    await seal(Buffer.from('value'), wrapper, context)
    await open(record, wrapper, context)
    const [first, second, third] = wrapper.texts
    expect(first).toMatch(/^[A-Za-z0-9_-]{43}=$/)
    expect(second).not.toBe(first)
    expect(third).toBe(first)
    expect(wrapper.contexts).toEqual([context, context, context])
  })

  it('keeps no data key in memory once it is done, or has failed', async () => {
    const wrapper = new TurningWrapper()
    const record = await seal(Buffer.from('value'), wrapper, {})
    const damaged = Buffer.from(record)
    damaged[40] = (damaged[40] ?? 0) ^ 1
    await open(record, wrapper, {})
    await expect(open(damaged, wrapper, {})).rejects.toMatchObject({ code: 'RECORD_DAMAGED' })
    expect(wrapper.dataKeys).toHaveLength(3)
    for (const dataKey of wrapper.dataKeys) expect(dataKey.equals(Buffer.alloc(44))).toBe(true)
  })

  it('is not made where the wrapper refuses', async () => {
    await expect(seal(Buffer.from('value'), refusing, {})).rejects.toBe(refused)
  })

  it('does not open where the wrapper refuses', async () => {
    const record = await seal(Buffer.from('value'), new TurningWrapper(), {})
    await expect(open(record, refusing, {})).rejects.toBe(refused)
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['32 bytes', Buffer.alloc(32, 1)],
    ['44 bytes that are no base64', Buffer.alloc(44, '%')],
    ['another data key', Buffer.from(`${'B'.repeat(42)}A=`)],
  ])('does not open with what is no data key of its own: %s', async (_what, dataKey) => {
    const record = await seal(Buffer.from('value'), new TurningWrapper(), {})
    const giving = wrapperGiving(() => Buffer.from(dataKey))
    await expect(open(record, giving, {})).rejects.toMatchObject({ code: 'RECORD_DAMAGED' })
  })

  it('asks no wrapper for what is no record', async () => {
    const wrapper = new TurningWrapper()
    await expect(open(Buffer.from('{}'), wrapper, {})).rejects.toMatchObject({ code: 'RECORD_DAMAGED' })
    expect(wrapper.contexts).toEqual([])
  })

  it('takes 256 MiB and not a byte more, and asks no wrapper for what is too large', async () => {
    await expect(seal(new Uint8Array(MAX_VALUE_BYTES), refusing, {})).rejects.toBe(refused)
    const error = {
      code: 'VALUE_TOO_LARGE',
      reason: expect.stringMatching(/268435457 .*268435456 \(256 MiB\)/) as string,
    }
    await expect(seal(new Uint8Array(MAX_VALUE_BYTES + 1), refusing, {})).rejects.toMatchObject(error)
  })

  it('is never longer than a store has to take, be the wrapped key as long as any', async () => {
    const wrapper = wrapperGiving(() => Buffer.alloc(6144))
    const empty = await seal(Buffer.alloc(0), wrapper, {})
    expect(empty.length + (MAX_VALUE_BYTES / 3) * 4).toBeLessThan(MAX_RECORD_BYTES)
  })
})
