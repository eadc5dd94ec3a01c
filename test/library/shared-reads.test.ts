import { describe, expect, it } from 'vitest'
import { LazyCred, type VersionedSecret } from '../../src/index.js'
import { startInProcess } from '../support/in-process.js'
import { makeSandbox } from '../support/sandbox.js'

/** Longer than any test takes. */
const LONG_MS = 3_600_000

describe('gets of the same secret at the same time', () => {
  it('are one read, and each is given bytes of its own', async () => {
    const { open, count } = await startInProcess()
    const lazycred = open()
    await lazycred.put('db', 'value')
    const bytes = await Promise.all(Array.from({ length: 5 }, () => lazycred.getBytes('db')))
    expect([count('GetObject'), count('Decrypt')]).toEqual([1, 1])
    for (const each of bytes) {
      expect(Buffer.from(each).toString()).toBe('value')
      each.fill(0)
    }
    const mixed = await Promise.all([lazycred.get('db'), lazycred.getVersioned('db'), lazycred.getBytes('db')])
    expect(count('GetObject')).toBe(1)
    expect(mixed.map((each) => text(each))).toEqual(['value', 'value', 'value'])
  })

  it('fail together, and the next one asks again', async () => {
    const { open, count } = await startInProcess()
    const lazycred = open()
    const failed = await Promise.allSettled([lazycred.get('gone'), lazycred.get('gone')])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(count('GetObject')).toBe(1)
    await lazycred.put('gone', 'back')
    expect(await lazycred.get('gone')).toBe('back')
  })

  it('are not one where a put came between, nor with { fresh: true }', async () => {
    const { open, s3, count } = await startInProcess()
    const lazycred = open()
    await lazycred.put('db', 'old')
    s3.inject({ kind: 'delay', at: 'body', ms: 300 }, { operation: 'GetObject', times: 1 })
    const slow = lazycred.get('db')
    while (s3.requests.every(({ operation }) => operation !== 'GetObject')) await new Promise(setImmediate)
    await lazycred.put('db', 'new')
    expect(await lazycred.get('db')).toBe('new')
    expect(['old', 'new']).toContain(await slow)
    count('GetObject')
    await Promise.all([lazycred.get('db'), lazycred.get('db', { fresh: true }), lazycred.get('db', { fresh: true })])
    expect(count('GetObject')).toBe(3)
  })
})

describe('maxAgeMs', () => {
  it('is off by default: each get asks', async () => {
    const { open, count } = await startInProcess()
    const lazycred = open()
    await lazycred.put('db', 'value')
    await lazycred.get('db')
    await lazycred.get('db')
    expect(count('GetObject')).toBe(2)
  })

  it('keeps what was read, each caller having bytes of his own, and the etag that fits', async () => {
    const { open, count } = await startInProcess()
    const writer = open()
    const { etag } = await writer.put('db', 'value')
    const lazycred = open({ maxAgeMs: LONG_MS })
    ;(await lazycred.getBytes('db')).fill(0)
    ;(await lazycred.getBytes('db')).fill(0)
    expect(await lazycred.get('db')).toBe('value')
    expect(await lazycred.getVersioned('db')).toMatchObject({ etag })
    expect(await lazycred.getMany(['db', 'db'])).toEqual(['value', 'value'])
    expect([count('GetObject'), count('Decrypt')]).toEqual([1, 1])
  })

  it('keeps what was written through the same instance, as it was then', async () => {
    const { open, count } = await startInProcess()
    const lazycred = open({ maxAgeMs: LONG_MS })
    await lazycred.put('db', 'old')
    await lazycred.get('db')
    const bytes = Buffer.from('new')
    const { etag } = await lazycred.put('db', bytes)
    bytes.fill(0)
    expect(await lazycred.getVersioned('db')).toMatchObject({ etag, value: Buffer.from('new') })
    expect(count('GetObject')).toBe(0)
    await lazycred.put('db', 'newest', { ifMatch: etag })
    expect(await lazycred.get('db')).toBe('newest')
  })

  it('{ fresh: true } goes round it, and what it finds is kept from then on', async () => {
    const { open, count } = await startInProcess()
    const lazycred = open({ maxAgeMs: LONG_MS })
    await lazycred.put('db', 'old')
    await open().put('db', 'new')
    expect(await lazycred.get('db')).toBe('old')
    expect(await lazycred.get('db', { fresh: true })).toBe('new')
    expect(await lazycred.get('db')).toBe('new')
    expect(count('GetObject')).toBe(1)
  })

  it('ends', async () => {
    const { open } = await startInProcess()
    const lazycred = open({ maxAgeMs: 50 })
    await lazycred.put('db', 'old')
    await open().put('db', 'new')
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(await lazycred.get('db')).toBe('new')
  })

  it('keeps no failure, and nothing that a put which failed may have changed', async () => {
    const { open, s3 } = await startInProcess()
    const lazycred = open({ maxAgeMs: LONG_MS })
    await expect(lazycred.get('db')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await lazycred.put('db', 'old')
    s3.inject({ kind: 'error', status: 403, code: 'AccessDenied' }, { operation: 'PutObject', times: 1 })
    await expect(lazycred.put('db', 'new')).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
    await open().put('db', 'newest')
    expect(await lazycred.get('db')).toBe('newest')
  })

  it('keeps nothing of a read that a put overtook', async () => {
    const { open, s3 } = await startInProcess()
    const lazycred = open({ maxAgeMs: LONG_MS })
    await open().put('db', 'old')
    s3.inject({ kind: 'delay', at: 'body', ms: 300 }, { operation: 'GetObject', times: 1 })
    const slow = lazycred.get('db')
    while (s3.requests.every(({ operation }) => operation !== 'GetObject')) await new Promise(setImmediate)
    await lazycred.put('db', 'new')
    expect(await slow).toBe('old')
    expect(await lazycred.get('db')).toBe('new')
  })

  it('of many puts at the same time keeps none that another may have written over', async () => {
    const { open } = await startInProcess()
    const lazycred = open({ maxAgeMs: LONG_MS })
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 8 }, (_, index) => lazycred.put('db', `${round} ${index}`)))
      expect(await lazycred.get('db')).toBe(await open().get('db'))
    }
  })

  it('of two puts keeps none where the one that began first may have come last', async () => {
    const { open, kms } = await startInProcess()
    const lazycred = open({ maxAgeMs: LONG_MS })
    await lazycred.put('db', 'old')
    kms.inject({ kind: 'delay', at: 'headers', ms: 200 }, { operation: 'Encrypt', times: 1 })
    const first = lazycred.put('db', 'first')
    while (kms.requests.length < 2) await new Promise(setImmediate)
    await Promise.all([first, lazycred.put('db', 'second')])
    expect(await lazycred.get('db')).toBe(await open().get('db'))
  })

  it('does not copy what is too large before it refuses it', async () => {
    const { open } = await startInProcess()
    const before = process.memoryUsage().rss
    const huge = new Uint8Array(2 ** 31)
    await expect(open({ maxAgeMs: LONG_MS }).put('db', huge)).rejects.toMatchObject({ code: 'VALUE_TOO_LARGE' })
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 30)
  })

  it('is forgotten by a rewrap, which changes the etag', async () => {
    const { open, kms } = await startInProcess()
    const lazycred = open({ maxAgeMs: LONG_MS })
    const { etag } = await lazycred.put('db', 'value')
    kms.setAlias('alias/lazy', kms.createKey().keyId)
    await lazycred.rewrap(['db'])
    const now = await lazycred.getVersioned('db')
    expect(now.etag).not.toBe(etag)
    await lazycred.put('db', 'new', { ifMatch: now.etag })
  })

  it('keeps no process from ending', async () => {
    const sandbox = await makeSandbox()
    const { status, stdout } = await sandbox.node(`
      import { LazyCred } from 'lazycred'
      const lazycred = new LazyCred({ local: 'store' }, { maxAgeMs: ${LONG_MS} })
      await lazycred.put('db', 'value')
      console.log(await lazycred.get('db'))`)
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: 'value\n' })
  })

  it.each([-1, NaN, '1000', null])('must be a number of milliseconds, not %s', (maxAgeMs) => {
    expect(() => new LazyCred(null, { maxAgeMs: maxAgeMs as number })).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID' }),
    )
  })

  it.each([Infinity, 2 ** 40])('may be longer than timers take: %s', async (maxAgeMs) => {
    const { open, count } = await startInProcess()
    const lazycred = open({ maxAgeMs })
    await lazycred.put('db', 'value')
    await new Promise((resolve) => setTimeout(resolve, 20))
    await lazycred.get('db')
    expect(count('GetObject')).toBe(0)
  })
})

function text(found: string | Uint8Array | VersionedSecret): string {
  if (typeof found === 'string') return found
  return Buffer.from(found instanceof Uint8Array ? found : found.value).toString()
}
