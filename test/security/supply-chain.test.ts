/** SECURITY.md: few dependencies, pinned, none with an install script; a package that holds only what runs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runProcess } from '../support/run.js'
import { PROJECT } from '../support/sandbox.js'

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly link?: boolean
  readonly hasInstallScript?: boolean
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(PROJECT, path), 'utf8'))
}

function isRunAtInstall(script: string): boolean {
  return ['preinstall', 'install', 'postinstall'].includes(script)
}

const lock = readJson('package-lock.json') as { packages: Record<string, Locked> }
const locked = Object.entries(lock.packages).filter(([path]) => path !== '')
const atRuntime = locked.filter(([, { dev }]) => dev !== true)

describe('dependencies', () => {
  it('at run time are those of SECURITY.md, and come from the AWS SDK otherwise', () => {
    const names = atRuntime.map(([path]) => path.replace(/^.*node_modules\//, ''))
    const others = names.filter((name) => !/^@(aws-sdk|aws|smithy)\//.test(name))
    expect(others.sort()).toEqual(['bowser', 'tslib', 'yaml'])
    expect(names).toEqual(expect.arrayContaining(['@aws-sdk/client-kms', '@aws-sdk/client-s3', 'yaml']))
  })

  it('are pinned, each to one version', () => {
    const { dependencies } = readJson('package.json') as { dependencies: Record<string, string> }
    for (const [name, version] of Object.entries(dependencies)) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it('have a version, a checksum and no install script', () => {
    for (const [path, { version, integrity, hasInstallScript }] of atRuntime) {
      const sound = version !== undefined && integrity?.startsWith('sha512-') === true && hasInstallScript !== true
      expect(sound, path).toBe(true)
      // A registry need not say in the lockfile what the package says of itself.
      const { scripts = {} } = readJson(`${path}/package.json`) as { scripts?: Record<string, string> }
      expect(Object.keys(scripts).filter(isRunAtInstall), path).toEqual([])
      expect(existsSync(join(PROJECT, path, 'binding.gyp')), path).toBe(false)
    }
  })
})

describe('the package', () => {
  it('holds only what runs, and its papers', async () => {
    const { status, stdout } = await runProcess('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: PROJECT,
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' },
    })
    expect(status).toBe(0)
    const [{ files }] = JSON.parse(stdout.toString()) as [{ files: { path: string }[] }]
    const sources = readdirSync(join(PROJECT, 'src'), { recursive: true }).map(String)
    const types = sources
      .filter((path) => path.endsWith('.ts') && !path.startsWith('cli'))
      .map((path) => `dist/${path.slice(0, -'.ts'.length)}.d.ts`)
    const library = ['aws', 'common', 'core', 'index', 'local', 'sdk'].map((name) => `dist/${name}.js`)
    const command = ['aws', 'aws-sdk', 'credentials', 'loader', 'main', 'rolldown-runtime', 'yaml']
    const built = [...types, ...library, ...command.map((name) => `dist/command/${name}.cjs`)]
    const papers = ['.lazycred.example', 'LICENSE', 'README.md', 'SECURITY.md', 'dist/command/LICENSES.txt']
    const launcher = ['bin/lazycred.js', 'bin/package.json', 'package.json']
    expect(files.map(({ path }) => path).sort()).toEqual([...built, ...papers, ...launcher].sort())
  })

  it('names every package that is in the bundle of the command, with its licence', () => {
    const licences = readFileSync(join(PROJECT, 'dist/command/LICENSES.txt'), 'utf8')
    for (const name of ['@aws-sdk/client-kms', '@aws-sdk/client-s3', '@smithy/core', 'commander', 'progress', 'yaml']) {
      expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'))
    }
    expect(licences).toMatch(/Apache License[^]*MIT License/)
  })

  it('needs nothing that it does not name: other packages cannot count on being there', () => {
    const { dependencies } = readJson('package.json') as { dependencies: Record<string, string> }
    const files = readdirSync(join(PROJECT, 'dist')).filter((name) => name.endsWith('.js'))
    const imported = files.flatMap((name) =>
      Array.from(readFileSync(join(PROJECT, 'dist', name), 'utf8').matchAll(/(?:from|import\() ?"([^".][^"]*)"/g)),
    )
    const packages = imported.map(([, id = '']) => /^(@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? id)
    const foreign = new Set(packages.filter((name) => !name.startsWith('node:')))
    expect([...foreign].sort()).toEqual(Object.keys(dependencies).sort())
  })

  it('opens connections before it loads the AWS SDK: what opens them does not need it', () => {
    const library = readFileSync(join(PROJECT, 'dist/aws.js'), 'utf8').matchAll(/^import .* from "([^"]+)"/gm)
    const imported = Array.from(library, ([, id = '']) => id)
    expect(imported).toContain('node:https')
    expect(imported.filter((id) => !id.startsWith('node:'))).toEqual([])
    const command = readFileSync(join(PROJECT, 'dist/command/aws.cjs'), 'utf8')
    expect(command.match(/.{4}require\("\.\/aws-sdk\.cjs"\)/g)).toEqual([expect.stringMatching(/^\(\)=>require/)])
  })

  it('runs nothing when it is installed', () => {
    const { scripts } = readJson('package.json') as { scripts: Record<string, string> }
    expect(Object.keys(scripts).filter((name) => isRunAtInstall(name) || name === 'prepare')).toEqual([])
  })
})
