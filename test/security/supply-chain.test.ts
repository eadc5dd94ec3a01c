/** SECURITY.md: few dependencies, pinned, none with an install script; a package that holds only what runs. */
import { readFileSync } from 'node:fs'
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

const lock = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>
}
const locked = Object.entries(lock.packages).filter(([path]) => path !== '')
const atRuntime = locked.filter(([, { dev }]) => dev !== true)

describe('dependencies', () => {
  it('at run time are those of SECURITY.md, and come from the AWS SDK otherwise', () => {
    const names = atRuntime.map(([path]) => path.replace(/^.*node_modules\//, ''))
    const others = names.filter((name) => !/^@(aws-sdk|aws|smithy)\//.test(name))
    expect(others.sort()).toEqual(
      ['bowser', 'commander', 'progress', 'tslib', 'yaml'].filter((name) => names.includes(name)),
    )
    expect(names).toEqual(
      expect.arrayContaining(['@aws-sdk/client-kms', '@aws-sdk/client-s3', 'commander', 'progress', 'yaml']),
    )
  })

  it('have a version, a checksum and no install script', () => {
    for (const [path, { version, integrity, hasInstallScript }] of atRuntime) {
      const sound = version !== undefined && integrity?.startsWith('sha512-') === true && hasInstallScript !== true
      expect(sound, path).toBe(true)
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
    const others = files
      .map(({ path }) => path)
      .filter((path) => !/^dist\/([a-z0-9-]+\/)?[a-z0-9-]+\.(js|d\.ts)$/.test(path))
    expect(others.sort()).toEqual(['.lazycred.example', 'LICENSE', 'README.md', 'bin/lazycred.js', 'package.json'])
  })

  it('runs nothing when it is installed', () => {
    const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([])
  })
})
