/** SECURITY.md: what JavaScript allows is wiped after use. */
import { createDecipheriv } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { makeFolderSandbox } from '../support/local.js'

const VALUE = 'The gold is at the post office. '.repeat(5000)

/** @returns the very buffers, not copies of them, that keys are copied to as text and that deciphers give */
function watchBuffers(): Buffer[] {
  const seen: Buffer[] = []
  const from = Buffer.from.bind(Buffer) as (...args: unknown[]) => Buffer<ArrayBuffer>
  vi.spyOn(Buffer, 'from').mockImplementation((...args: unknown[]) => {
    const bytes = from(...args)
    if (bytes.length < 100 && /^([A-Za-z0-9+/_-]{43}=\n?)+$/.test(bytes.toString('latin1'))) seen.push(bytes)
    return bytes
  })
  const prototype = Object.getPrototypeOf(createDecipheriv('aes-128-cbc', Buffer.alloc(16), Buffer.alloc(16))) as {
    update: (bytes: Buffer) => Buffer
  }
  const { update } = prototype
  vi.spyOn(prototype, 'update').mockImplementation(function (this: unknown, bytes) {
    const plaintext = update.call(this as typeof prototype, bytes)
    seen.push(plaintext)
    return plaintext
  })
  return seen
}

function expectWiped(seen: readonly Buffer[]): void {
  expect(seen.map((bytes) => bytes.equals(Buffer.alloc(bytes.length)))).toEqual(seen.map(() => true))
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('nothing is left of data keys, master keys and plaintext', () => {
  it('after a put, which makes the master key, and after a get', async () => {
    const { library } = await makeFolderSandbox()
    const seen = watchBuffers()
    await library.put('db', VALUE)
    expect(seen.length).toBeGreaterThan(2)
    expectWiped(seen)
    await library.get('db')
    expect(seen.some(({ length }) => length > 1000)).toBe(true)
    expectWiped(seen)
  })

  it('after a new master key', async () => {
    const { library } = await makeFolderSandbox()
    await library.put('db', VALUE)
    const seen = watchBuffers()
    await library.rewrap('all', { newMasterKey: true })
    expect(seen.some(({ length }) => length === 90)).toBe(true)
    expectWiped(seen)
  })
})
