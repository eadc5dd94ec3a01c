/** The folder that a user happens to stand in runs no code and redirects nothing. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HOME, lookedIn } from '../support/config-sources.js'
import { outcome } from '../support/outcome.js'
import { makeSandbox, type Sandbox } from '../support/sandbox.js'

const REDIRECT = { local: '/nowhere/redirected' }

/** Code that leaves a mark where it runs, and then redirects. */
function commonJs(marker: string): string {
  const fields = JSON.stringify(REDIRECT)
  return `require('node:fs').writeFileSync(${JSON.stringify(marker)}, ''); module.exports = ${fields}`
}

function esModule(marker: string): string {
  const fields = JSON.stringify(REDIRECT)
  return `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, ''); export default ${fields}`
}

const data = (): string => JSON.stringify(REDIRECT)
const packageJson = (): string =>
  JSON.stringify({ lazycred: REDIRECT, cosmiconfig: { searchPlaces: ['evil.json'], $import: './evil.cjs' } })

const PLANTED: readonly (readonly [string, (marker: string) => string])[] = [
  ...['.config/config.cjs', '.config/config.js', '.config/lazycredrc.js', '.config/lazycredrc.cjs'].map(
    (path) => [path, commonJs] as const,
  ),
  ...['.lazycred.js', '.lazycred.cjs', '.lazycred.ts', '.lazycredrc.js', 'lazycred.config.js', 'evil.cjs'].map(
    (path) => [path, commonJs] as const,
  ),
  ...['.config/config.mjs', '.config/config.ts', '.lazycred.mjs', 'lazycred.config.mjs'].map(
    (path) => [path, esModule] as const,
  ),
  ...['.config/config.json', '.config/config.yaml', '.config/lazycredrc', '.lazycred.json', '.lazycredrc'].map(
    (path) => [path, data] as const,
  ),
  ['evil.json', data],
  ['package.json', packageJson],
  ['package.yaml', packageJson],
  ['node_modules/yaml/index.js', commonJs],
  ['node_modules/commander/index.js', commonJs],
  ['node_modules/@aws-sdk/client-s3/index.js', commonJs],
]

async function plant(sandbox: Sandbox, files: typeof PLANTED): Promise<string> {
  const marker = join(sandbox.root, 'marker')
  for (const [path, content] of files) await sandbox.write(path, content(marker))
  return marker
}

const verbs = [['get', 'db'], ['put', 'db'], ['--help'], ['--version']]

describe('planted in the current folder', () => {
  it.each(PLANTED)('%s is not looked at', async (path, content) => {
    const sandbox = await makeSandbox()
    await HOME.plant(sandbox, '{"local": "good"}')
    const marker = await plant(sandbox, [[path, content]])
    expect(outcome(await sandbox.lazycred(['get', 'db']))).toEqual(lookedIn(join(sandbox.home, 'good')))
    expect(existsSync(marker)).toBe(false)
  })

  it.each(verbs)('all of them together run nothing: %s %s', async (...args) => {
    const sandbox = await makeSandbox()
    const marker = await plant(sandbox, PLANTED)
    const { stderr } = await sandbox.lazycred(args, { input: 'value' })
    expect(stderr).not.toMatch(/redirected|UNEXPECTED/)
    expect(existsSync(marker)).toBe(false)
  })

  it('they are no configuration, to the library neither', async () => {
    const sandbox = await makeSandbox()
    const marker = await plant(sandbox, PLANTED)
    await sandbox.write('../app.mjs', `import { get } from 'lazycred'; console.log(await get('db'))`)
    const { status, stdout, stderr } = outcome(await sandbox.shell('node ../app.mjs'))
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'null\n' })
    expect(stderr).toContain('. CONFIG_MISSING: ')
    expect(existsSync(marker)).toBe(false)
  })

  it('a .lazycred in YAML is read by our own parser and no other', async () => {
    const sandbox = await makeSandbox()
    const marker = await plant(sandbox, PLANTED)
    await sandbox.write('.lazycred', 'local: store\n')
    expect(outcome(await sandbox.lazycred(['get', 'db']))).toEqual(lookedIn(`${sandbox.cwd}/store`))
    expect(existsSync(marker)).toBe(false)
  })
})

describe('a .lazycred that tries to be more than data', () => {
  it.each([
    ['$import', '{"$import": "./evil.cjs"}'],
    ['$import with good fields', '{"local": "store", "$import": "./evil.cjs"}'],
    ['$import in a list', '{"local": "store", "$import": ["./evil.cjs", "./.config/config.mjs"]}'],
    ['$import in YAML', '$import: ./evil.cjs\nlocal: store\n'],
    ['a module', 'module.exports = require("./evil.cjs")'],
    ['a script', '#!/usr/bin/env node\nrequire("./evil.cjs")\n'],
    ['a YAML tag for a function', 'local: !!js/function "function () { require(\'./evil.cjs\') }"\n'],
    ['a YAML tag for another language', 'local: !!python/object/apply:os.system ["touch ../../marker"]\n'],
  ])('is refused and runs nothing: %s', async (_what, content) => {
    const sandbox = await makeSandbox()
    const marker = await plant(sandbox, PLANTED)
    await HOME.plant(sandbox, '{"local": "good"}')
    const path = await sandbox.write('.lazycred', content)
    const { status, stdout, stderr } = outcome(await sandbox.lazycred(['get', 'db']))
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
    expect(stderr).toContain(`CONFIG_INVALID: ${path}: `)
    expect(stderr).not.toContain('evil')
    expect(existsSync(marker)).toBe(false)
  })

  it.each(['$(touch marker)', '`touch marker`', '${HOME}', '%HOME%', '$HOME'])(
    'is taken by the letter: %s',
    async (local) => {
      const { cwd, write, lazycred } = await makeSandbox()
      await write('.lazycred', JSON.stringify({ local }))
      expect(outcome(await lazycred(['get', 'db']))).toEqual(lookedIn(join(cwd, local)))
      expect(existsSync(join(cwd, 'marker'))).toBe(false)
    },
  )

  it('cannot pollute what all objects share', async () => {
    const sandbox = await makeSandbox()
    await sandbox.write('.lazycred', '__proto__: {local: /nowhere/redirected}\n')
    const result = await sandbox.node(
      `import { get } from 'lazycred'; console.log(await get('db'), 'local' in {}, Object.keys(Object.prototype).length)`,
    )
    expect(outcome(result)).toMatchObject({ status: 0, stdout: 'null false 0\n' })
    expect(result.stderr).toContain('CONFIG_INVALID')
  })
})
