import { afterEach, describe, expect, it } from 'vitest'
import { getMany, LazyCred, LazyCredError, put, setConfig, setLogger } from '../../src/index.js'
import { startInProcess } from '../support/in-process.js'
import { makeSandbox } from '../support/sandbox.js'

afterEach(() => {
  setConfig(null)
  setLogger(null)
})

async function openFolder(): Promise<LazyCred> {
  return new LazyCred({ local: `${(await makeSandbox()).cwd}/store` })
}

async function refusal(promise: Promise<unknown>): Promise<LazyCredError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown)
  if (error instanceof LazyCredError) return error
  throw new Error('there was no LazyCredError')
}

describe('getMany', () => {
  it('gives the secrets in the order of their names, repeated ones too, and none for none', async () => {
    const lazycred = await openFolder()
    const names = Array.from({ length: 200 }, (_, index) => `secret ${index}`)
    await Promise.all(names.map((name) => lazycred.put(name, `value of ${name}`)))
    const asked = [...names].reverse().concat('secret 7')
    expect(await lazycred.getMany(asked)).toEqual(asked.map((name) => `value of ${name}`))
    expect(await lazycred.getMany([])).toEqual([])
  })

  it('gives all or an error that lists every failure', async () => {
    const lazycred = await openFolder()
    await lazycred.put('right', 'value')
    await lazycred.put('bytes', Buffer.of(0xff))
    const error = await refusal(lazycred.getMany(['right', 'gone', '', 'bytes', 'gone too']))
    expect(error.code).toBe('SOME_FAILED')
    expect(error.errors?.map(({ code, secretName }) => [code, secretName])).toEqual([
      ['NOT_FOUND', 'gone'],
      ['NAME_INVALID', ''],
      ['NOT_TEXT', 'bytes'],
      ['NOT_FOUND', 'gone too'],
    ])
    expect(error.message).toContain('4 of 5 secrets could not be had')
    for (const { message } of error.errors ?? []) expect(error.message).toContain(message)
  })

  it('takes no hole in the list for a secret', async () => {
    const lazycred = await openFolder()
    expect((await refusal(lazycred.getMany(new Array<string>(2)))).errors?.map(({ code }) => code)).toEqual([
      'NAME_INVALID',
      'NAME_INVALID',
    ])
  })

  it('says once what keeps it from beginning', async () => {
    const lazycred = new LazyCred({ local: '' })
    expect((await refusal(lazycred.getMany(['one', 'two']))).code).toBe('CONFIG_INVALID')
    expect((await refusal(lazycred.getMany('one' as never))).code).toBe('NAME_INVALID')
  })

  it('never rejects as a function: null, and one message', async () => {
    const messages: string[] = []
    setLogger({ error: (message) => messages.push(message), warn: () => undefined, debug: () => undefined })
    setConfig({ local: `${(await makeSandbox()).cwd}/store` })
    await put('right', 'value')
    expect(await getMany(['right', 'right'])).toEqual(['value', 'value'])
    expect(await getMany(['right', 'gone'])).toBeNull()
    expect(messages).toEqual([expect.stringMatching(/^SOME_FAILED: 1 of 2 .*NOT_FOUND/)])
  })

  it('has at most 32 calls under way', async () => {
    const { open, s3, kms } = await startInProcess()
    const lazycred = open()
    const names = Array.from({ length: 150 }, (_, index) => `secret ${index}`)
    await Promise.all(names.map((name) => lazycred.put(name, name)))
    s3.inject({ kind: 'delay', at: 'headers', ms: 100 }, { operation: 'GetObject' })
    let most = 0
    const before = { s3: s3.requests.length, kms: kms.requests.length }
    const watch = setInterval(() => {
      const arrived = s3.requests.length - before.s3
      most = Math.max(most, arrived - (kms.requests.length - before.kms))
    }, 5)
    expect(await lazycred.getMany(names)).toEqual(names)
    clearInterval(watch)
    expect(most).toBeLessThanOrEqual(32)
    // It would be no test, were they asked one after the other.
    expect(most).toBeGreaterThan(10)
  })
})
