/** Configuration in code, and what happens to it over time. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { get, LazyCred, put, setConfig, setLogger, type Config } from '../../src/index.js'
import { outcome } from '../support/outcome.js'
import { makeSandbox, PROJECT, type Sandbox } from '../support/sandbox.js'

let sandbox: Sandbox
const errors: string[] = []

beforeEach(async () => {
  sandbox = await makeSandbox()
  errors.length = 0
  setLogger({ error: (message) => errors.push(message), warn: () => undefined, debug: () => undefined })
})
afterEach(() => {
  vi.unstubAllEnvs()
  setConfig(null)
  setLogger(null)
})

function store(name: string): Config {
  return { local: `${sandbox.root}/${name}` }
}

describe('setConfig', () => {
  it('works at any time, also after a get', async () => {
    for (const name of ['one', 'two']) await new LazyCred(store(name)).put('db', name)
    for (const name of ['one', 'two', 'one']) {
      setConfig(store(name))
      expect(await get('db')).toBe(name)
    }
    expect(errors).toEqual([])
  })

  it('leaves calls under way with the configuration that they began with', async () => {
    for (const name of ['one', 'two']) await new LazyCred(store(name)).put('db', name)
    setConfig(store('one'))
    const underWay = get('db')
    setConfig(store('two'))
    expect([await underWay, await get('db')]).toEqual(['one', 'two'])
  })

  it('copies what it is given', async () => {
    await new LazyCred(store('one')).put('db', 'one')
    const config = { local: `${sandbox.root}/one` }
    setConfig(config)
    config.local = '/nowhere'
    expect(await get('db')).toBe('one')
  })

  it('searches afresh after null', async () => {
    for (const name of ['one', 'two', 'three']) await new LazyCred(store(name)).put('db', name)
    vi.stubEnv('LAZYCRED_CONFIG', await sandbox.write('one.json', JSON.stringify(store('one'))))
    expect(await get('db')).toBe('one')
    setConfig(store('two'))
    expect(await get('db')).toBe('two')
    vi.stubEnv('LAZYCRED_CONFIG', await sandbox.write('three.json', JSON.stringify(store('three'))))
    setConfig(null)
    expect(await get('db')).toBe('three')
  })

  it.each([
    ['a number', 7],
    ['text', 'canary'],
    ['true', true],
    ['a list', ['canary']],
    ['a function', () => 'canary'],
    ['nothing in it', {}],
    ['a field missing', { s3_path: 'canary/', region: 'us-east-1' }],
    ['an unknown field', { local: 'canary', colour: 'canary' }],
    ['a field of the wrong type', { local: { toString: (): string => 'canary' } }],
    ['a symbol as value', { local: Symbol('canary') }],
    ['both kinds', { s3_path: 'canary/', key_alias: 'canary', region: 'us-east-1', local: 'canary' }],
  ])(
    'takes %s for what it is: the calls after it fail, with one error each, and use nothing else',
    async (_what, bad) => {
      vi.stubEnv('LAZYCRED_LOCAL', `${sandbox.root}/wrong`)
      await new LazyCred(store('wrong')).put('db', 'wrong')
      setConfig(bad as never)
      expect([await get('db'), await put('db', 'value')]).toEqual([null, false])
      expect(errors).toHaveLength(2)
      for (const error of errors) expect(error).toMatch(/CONFIG_INVALID: the inline configuration: /)
      expect(errors.join('\n')).not.toContain('canary')
    },
  )

  it('suggests the field that was meant', async () => {
    setConfig({ s3Path: 'vault/', key_alias: 'lazy', region: 'us-east-1' } as never)
    expect(await get('db')).toBeNull()
    expect(errors).toEqual([expect.stringMatching(/there is no field "s3Path"\nDid you mean "s3_path"\?$/)])
  })

  it('treats fields that are undefined as not there', async () => {
    const fields = { ...store('one'), s3_path: undefined, key_alias: undefined, region: undefined }
    setConfig(fields as never)
    expect(await put('db', 'value')).toBe(true)
    expect(errors).toEqual([])
  })
})

describe('LazyCred', () => {
  it('takes a file named in its options before LAZYCRED_CONFIG', async () => {
    vi.stubEnv('LAZYCRED_CONFIG', '/nowhere')
    const configFile = await sandbox.write('deeper/named.json', '{"local": "store"}')
    await expect(new LazyCred(null, { configFile }).get('db')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      place: `${sandbox.cwd}/deeper/store`,
    })
  })

  it('rejects where there is no configuration, and says so by its code', async () => {
    const result = await sandbox.node(
      `import { LazyCred } from 'lazycred'; await new LazyCred().get('db').catch(({ code }) => console.log(code))`,
    )
    expect(outcome(result)).toEqual({ status: 0, stdout: 'CONFIG_MISSING\n', stderr: '' })
  })
})

describe('a current folder that was deleted', () => {
  // Not by the script that stands in for the command on PATH: shells have their own complaint there.
  const command = join(PROJECT, 'bin/lazycred.js')
  const gone = 'mkdir gone && cd gone && rmdir ../gone && '

  it.each([
    ['with nothing named', ''],
    ['with a file named from there', 'LAZYCRED_CONFIG=file'],
    ['with a folder that variables name', 'LAZYCRED_LOCAL=folder'],
  ])('is told to the user of the command, %s', async (_what, variable) => {
    const { status, stdout, stderr } = outcome(await sandbox.shell(`${gone}${variable} node ${command} get db`))
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
    expect(stderr).toMatch(
      /^ERROR:LazyCredLogger:Unable to get <Key: db>\. CONFIG_MISSING: the current folder no longer exists\nChange to [^\n]*\n$/,
    )
  })

  it('matters to nobody who names a file by its whole path', async () => {
    await new LazyCred(store('one')).put('db', 'value')
    const path = await sandbox.write('named.json', '{"local": "../../one"}')
    const result = await sandbox.shell(`${gone}LAZYCRED_CONFIG=${path} node ${command} get db`)
    expect(outcome(result)).toEqual({ status: 0, stdout: 'value', stderr: '' })
  })

  it('matters to no configuration in code', async () => {
    await new LazyCred(store('one')).put('db', 'value')
    await sandbox.write(
      'get.mjs',
      `import { get, setConfig } from 'lazycred'
      setConfig(${JSON.stringify(store('one'))})
      console.log(await get('db'))`,
    )
    const result = await sandbox.shell(`file=$PWD/get.mjs; ${gone}node "$file"`)
    expect(outcome(result)).toEqual({ status: 0, stdout: 'value\n', stderr: '' })
  })
})
