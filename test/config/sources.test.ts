/** Where the configuration comes from: which source wins, and that it gives all of it. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FILES_IN_ORDER, HERE, HOME, lookedIn, plantAll } from '../support/config-sources.js'
import { outcome } from '../support/outcome.js'
import { makeSandbox } from '../support/sandbox.js'

const AWS = { s3_path: 'vault/', key_alias: 'lazy', region: 'eu-west-1' }

describe('the first source that has a configuration wins', () => {
  it.each(FILES_IN_ORDER.map(({ what }, index) => ({ what, index })))(
    '$what comes before all that follow it',
    async ({ index }) => {
      const sandbox = await makeSandbox()
      const { args, env, folders } = await plantAll(sandbox, FILES_IN_ORDER.slice(index))
      const variables = { LAZYCRED_LOCAL: join(sandbox.root, 'by-variable') }
      const result = await sandbox.lazycred([...args, 'get', 'db'], { env: { ...variables, ...env } })
      expect(outcome(result)).toEqual(lookedIn(folders[0] ?? ''))
    },
  )

  it('the variables are the last', async () => {
    const sandbox = await makeSandbox({ LAZYCRED_LOCAL: '/nowhere/by-variable' })
    expect(outcome(await sandbox.lazycred(['get', 'db']))).toEqual(lookedIn('/nowhere/by-variable'))
  })

  it.each(['/', '/usr/bin'])('the home folder is looked at also when standing in %s, outside of it', async (cwd) => {
    const sandbox = await makeSandbox()
    const { folders } = await plantAll(sandbox, [HOME])
    expect(outcome(await sandbox.lazycred(['get', 'db'], { cwd }))).toEqual(lookedIn(folders[0] ?? ''))
  })

  it('a configuration in code comes before all others', async () => {
    const sandbox = await makeSandbox()
    const { env } = await plantAll(sandbox, FILES_IN_ORDER)
    const source = `import { get, setConfig, LazyCred } from 'lazycred'
      setConfig({ local: '/nowhere/in-code' })
      console.log(await get('db'))
      await new LazyCred({ local: '/nowhere/in-class' }).get('db').catch(({ place }) => console.log(place))`
    const result = await sandbox.node(source, { env })
    expect(outcome(result)).toEqual({ ...lookedIn('/nowhere/in-code'), status: 0, stdout: 'null\n/nowhere/in-class\n' })
  })
})

describe('the source that wins gives all of it', () => {
  it.each(['s3_path', 'key_alias', 'region'] as const)(
    'a .lazycred without %s takes it from nowhere else',
    async (field) => {
      const sandbox = await makeSandbox({
        LAZYCRED_S3_PATH: 'other/',
        LAZYCRED_KEY_ALIAS: 'other',
        AWS_DEFAULT_REGION: 'us-east-1',
      })
      await HOME.plant(sandbox, JSON.stringify(AWS))
      await HERE.plant(sandbox, JSON.stringify({ ...AWS, [field]: undefined }))
      expect(outcome(await sandbox.lazycred(['get', 'db']))).toEqual({
        status: 4,
        stdout: '',
        stderr: `ERROR:LazyCredLogger:Unable to get <Key: db>. CONFIG_INVALID: ${sandbox.cwd}/.lazycred: "${field}" is missing\n`,
      })
    },
  )
})

describe('the folder of a local configuration', () => {
  it.each(FILES_IN_ORDER)('is taken from the place of the file: $what', async (source) => {
    const sandbox = await makeSandbox()
    const deeper = join(sandbox.cwd, 'deeper')
    await mkdir(deeper)
    const { args = [], env = {} } = await source.plant(sandbox, '{"local": "store"}')
    const result = await sandbox.lazycred([...args, 'get', 'db'], { cwd: deeper, env })
    expect(outcome(result)).toEqual(lookedIn(join(sandbox.cwd, source.folder, 'store')))
  })
})
