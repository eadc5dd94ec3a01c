import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { get, LazyCred, LazyCredError, put, setConfig, setLogger } from '../../src/index.js'
import { makeSandbox } from '../support/sandbox.js'

const CANARY = 'canary-4711'

interface Logged {
  readonly level: string
  readonly message: string
}

function collectLogs(): Logged[] {
  const logged: Logged[] = []
  const at = (level: string) => (message: string) => {
    logged.push({ level, message })
  }
  setLogger({ error: at('error'), warn: at('warn'), debug: at('debug') })
  return logged
}

let folder = ''
beforeEach(async () => {
  folder = `${(await makeSandbox()).cwd}/store`
})
afterEach(() => {
  setLogger(null)
  setConfig(null)
})

describe('get and put', () => {
  it('give the value and whether it was stored', async () => {
    setConfig({ local: folder })
    expect(await put('something', 'Something Something Danger Zone')).toBe(true)
    expect(await get('something')).toBe('Something Something Danger Zone')
    expect(await put('bytes', Buffer.from('dürfen auch', 'utf8'))).toBe(true)
    expect(await get('bytes')).toBe('dürfen auch')
  })

  it('never reject: null or false, and one line for the logger, with a hint under it', async () => {
    const logged = collectLogs()
    setConfig({ local: folder })
    expect(await get('nothing')).toBeNull()
    expect(await put('', CANARY)).toBe(false)
    const errors = logged.filter(({ level }) => level === 'error').map(({ message }) => message)
    expect(errors).toEqual([
      `Unable to get <Key: ${folder},nothing>. NOT_FOUND: there is no such secret`,
      'Unable to put <Key: >. NAME_INVALID: the secret name is empty',
    ])
    expect(inspect(logged)).not.toContain(CANARY)
  })

  it.each([
    ['a value that is a number', () => put('name', 7 as never)],
    ['a value that is null', () => put('name', null as never)],
    ['text that is not well-formed', () => put('name', 'half of a pair: \ud800')],
    ['a name that is a number', () => put(7 as never, 'value')],
    ['a name that is no text', () => put({ toString: () => CANARY } as never, 'value')],
    ['a configuration that is a number', () => (setConfig(7 as never), put('name', 'value'))],
    ['a configuration that is a list', () => (setConfig([] as never), put('name', 'value'))],
    ['a configuration that is empty', () => (setConfig({} as never), put('name', 'value'))],
  ])('take %s for what it is: a failure that is logged once', async (_what, attempt) => {
    const logged = collectLogs()
    setConfig({ local: folder })
    expect(await attempt()).toBe(false)
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(inspect(logged)).not.toContain(CANARY)
    expect(inspect(logged)).not.toContain('UNEXPECTED')
  })

  it('refuse as text what is not UTF-8, and say how to read it', async () => {
    const logged = collectLogs()
    setConfig({ local: folder })
    await put('bytes', Buffer.from([0xff, 0xfe, 0x00]))
    expect(await get('bytes')).toBeNull()
    expect(logged.at(-1)?.message).toMatch(/NOT_TEXT: .*\n.*getBytes/)
    expect(await new LazyCred({ local: folder }).getBytes('bytes')).toEqual(Buffer.from([0xff, 0xfe, 0x00]))
  })

  it('survive a logger that throws', async () => {
    const broken = (): never => {
      throw new Error('no disk for logs')
    }
    setLogger({ error: broken, warn: broken, debug: broken })
    setConfig({ local: folder })
    expect(await get('nothing')).toBeNull()
    expect(await put('name', 'value')).toBe(true)
  })

  it('log to standard error where no logger is set, in the format of the Python tool', async () => {
    const { node } = await makeSandbox({ LAZYCRED_LOCAL: folder })
    const { status, stdout, stderr } = await node(`import { get } from 'lazycred'; console.log(await get('nothing'))`)
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: 'null\n' })
    expect(stderr).toBe(
      `ERROR:LazyCredLogger:Unable to get <Key: ${folder},nothing>. NOT_FOUND: there is no such secret\n`,
    )
  })
})

describe('LazyCred', () => {
  it('rejects with errors that say what, on what and why, and hold nothing secret', async () => {
    const lazycred = new LazyCred({ local: folder })
    const error: unknown = await lazycred.get('a/b').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(LazyCredError)
    expect(error).toMatchObject({
      name: 'LazyCredError',
      code: 'NOT_FOUND',
      secretName: 'a/b',
      place: folder,
      objectPath: 'a/b',
    })
  })

  it('keeps configurations apart, and is not changed by what happens to the object it was given', async () => {
    const config = { local: folder }
    const one = new LazyCred(config)
    config.local = `${folder}-2`
    const two = new LazyCred(config)
    await Promise.all([one.put('name', 'one'), two.put('name', 'two')])
    expect(await Promise.all([one.get('name'), two.get('name')])).toEqual(['one', 'two'])
  })

  it('serves many calls at the same time', async () => {
    const lazycred = new LazyCred({ local: folder })
    const names = Array.from({ length: 100 }, (_, index) => `name ${index}`)
    await Promise.all(names.map((name) => lazycred.put(name, name)))
    expect(await Promise.all(names.map((name) => lazycred.get(name)))).toEqual(names)
  })

  it('searches anew after a failure to find its configuration', async () => {
    const sandbox = await makeSandbox()
    vi.stubEnv('LAZYCRED_CONFIG', `${sandbox.cwd}/later`)
    const lazycred = new LazyCred()
    await expect(lazycred.get('name')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await sandbox.write('later', JSON.stringify({ local: folder }))
    await expect(lazycred.get('name')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    vi.unstubAllEnvs()
  })
})
