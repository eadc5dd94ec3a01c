import { readFileSync } from 'node:fs'
import { cp, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeSandbox, PROJECT, type Sandbox } from '../support/sandbox.js'

async function sandboxWithStore(): Promise<Sandbox> {
  const sandbox = await makeSandbox()
  await sandbox.write('.lazycred', '{"local": "store"}')
  return sandbox
}

const use = `
  const lazycred = new LazyCred()
  await lazycred.put('name', 'value')
  console.log(await lazycred.get('name'), await get('name'), await put('other', ''), typeof setConfig, typeof setLogger)`

describe('the package', () => {
  it('is used from an ES module', async () => {
    const { node } = await sandboxWithStore()
    const { status, stdout, stderr } = await node(
      `import { get, LazyCred, put, setConfig, setLogger } from 'lazycred'; ${use}`,
    )
    expect({ status, stdout: stdout.toString(), stderr }).toEqual({
      status: 0,
      stdout: 'value value true function function\n',
      stderr: '',
    })
  })

  it('is used by require(), without a warning', async () => {
    const sandbox = await sandboxWithStore()
    const body = `const { get, LazyCred, put, setConfig, setLogger } = require('lazycred'); (async () => { ${use} })()`
    await sandbox.write('main.cjs', body)
    const { status, stdout, stderr } = await sandbox.shell('node main.cjs')
    expect({ status, stdout: stdout.toString(), stderr }).toEqual({
      status: 0,
      stdout: 'value value true function function\n',
      stderr: '',
    })
  })

  it.each([
    ['ES modules', 'nodenext', 'main.mts'],
    ['CommonJS', 'nodenext', 'main.cts'],
    ['a bundler', 'preserve', 'main.mts'],
  ])('has types that strict TypeScript takes, in %s', async (_what, module, file) => {
    const sandbox = await sandboxWithStore()
    await symlink(join(PROJECT, 'node_modules/@types'), join(sandbox.root, 'node_modules/@types'))
    await sandbox.write(file, typed)
    const tsc = join(PROJECT, 'node_modules/typescript/bin/tsc')
    const flags = `--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck false --target es2022 --types node --module ${module}`
    const { status, stdout } = await sandbox.shell(`node ${tsc} ${flags} ${file}`)
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: '' })
  })

  it('has types that need no others: not those of Node, nor of the AWS SDK', async () => {
    const sandbox = await makeSandbox()
    await cp(join(PROJECT, 'dist'), join(sandbox.cwd, 'node_modules/lazycred/dist'), { recursive: true })
    await cp(join(PROJECT, 'package.json'), join(sandbox.cwd, 'node_modules/lazycred/package.json'))
    await sandbox.write('main.ts', typed.replaceAll('console', 'log'))
    await sandbox.write(
      'log.d.ts',
      'declare const log: Record<"log" | "error" | "warn" | "debug", (...all: unknown[]) => void>',
    )
    const compilerOptions = {
      noEmit: true,
      strict: true,
      skipLibCheck: false,
      types: [],
      module: 'nodenext',
      lib: ['es2022'],
    }
    await sandbox.write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['main.ts', 'log.d.ts'] }))
    const { status, stdout } = await sandbox.shell(`node ${join(PROJECT, 'node_modules/typescript/bin/tsc')} -p .`)
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: '' })
  })

  it('costs nothing to import: no file is read, no variable changed, nothing of AWS loaded, nothing printed', async () => {
    const { node } = await makeSandbox()
    const { status, stdout, stderr } = await node(`
      import fs from 'node:fs'
      const variables = JSON.stringify(process.env)
      const touched = []
      for (const name of ['openSync', 'statSync', 'readdirSync']) {
        const real = fs[name]
        fs[name] = (...args) => (touched.push(String(args[0])), real(...args))
      }
      await import('lazycred')
      const { createRequire } = await import('node:module')
      const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => /aws-sdk|smithy/.test(path))
      console.log(JSON.stringify({ same: variables === JSON.stringify(process.env), loaded, handles: process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind)) }))
      console.log(touched.filter((path) => !/node_modules|dist/.test(path)).length)`)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.toString()).toBe('{"same":true,"loaded":[],"handles":[]}\n0\n')
  })

  it('has few dependencies, each of an exact version', () => {
    const { dependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    expect(Object.keys(dependencies)).toEqual([
      '@aws-sdk/client-kms',
      '@aws-sdk/client-s3',
      '@smithy/node-http-handler',
      'yaml',
    ])
    expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })
})

const typed = `
import { get, put, setConfig, setLogger, LazyCred, LazyCredError, type Config, type Logger, type LazyCredErrorCode } from 'lazycred'
const config: Config = { s3_path: 'eFart/credentials/', key_alias: 'eFart-key', region: 'us-east-1' }
setConfig(config)
setConfig({ local: 'folder' })
setConfig(null)
setLogger(console)
const logger: Logger = console
async function main(): Promise<void> {
  const text: string | null = await get('name')
  const stored: boolean = await put('name', new Uint8Array(3))
  const lazycred = new LazyCred(config, { logger })
  const bytes: Uint8Array = await lazycred.getBytes('name')
  try {
    const secret: string = await lazycred.get('name')
    console.log(secret.length, text?.length, stored, bytes.length)
  } catch (error) {
    if (error instanceof LazyCredError && error.code === 'NOT_FOUND') console.log(error.secretName)
    const code: LazyCredErrorCode | undefined = error instanceof LazyCredError ? error.code : undefined
    console.log(code)
  }
}
void main()
// @ts-expect-error a region is missing
setConfig({ s3_path: 'bucket/', key_alias: 'alias' })
`
