/** Faults of the disk and signals, for put and for get: the right status and code, the old record intact, nothing left lying about. */
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { CANARY, expectSilence } from '../support/canary.js'
import { makeFolderSandbox, removeLeftovers, treeOf } from '../support/local.js'
import { IS_ROOT } from '../support/other-user.js'
import { outcome, printed } from '../support/outcome.js'

/** In a mount namespace of its own, what is mounted goes away with the process. */
const unshare = IS_ROOT ? 'unshare --mount' : 'unshare --mount --map-root-user'
const mayMount = spawnSync(`${unshare} mount -t tmpfs tmpfs /mnt`, { shell: true }).status === 0

interface Disk {
  readonly what: string
  /** Makes the disk so, once the old value is on it. */
  readonly spoil: string
  readonly put: string
  readonly reason: RegExp
}

const FULL = /STORAGE_ERROR: \S+: no space left on device \(ENOSPC\)\n$/
const fill = 'cat /dev/zero > store/fill 2> /dev/null'
const disks: readonly Disk[] = [
  { what: 'too full for the new record', spoil: 'true', put: 'lazycred put db large', reason: FULL },
  { what: 'full', spoil: fill, put: 'lazycred put db small', reason: FULL },
  {
    what: 'full but for one page, which the record takes and not its lock',
    spoil: `${fill}; truncate --size=-4096 store/fill`,
    put: 'lazycred put db small',
    reason: FULL,
  },
  {
    what: 'read-only',
    spoil: 'mount -o remount,ro store',
    put: 'lazycred put db small',
    reason: /STORAGE_ERROR: \S+: .*\(EROFS\)\n$/,
  },
]

describe.runIf(mayMount)('a disk that is', () => {
  it.each(disks)('$what keeps a put from being done, and not a get', async ({ spoil, put, reason }) => {
    const { shell, write } = await makeFolderSandbox()
    await write('small', CANARY)
    await write('large', Buffer.alloc(200_000, CANARY))
    await write(
      'script',
      `set -e
       mkdir store && mount -t tmpfs -o size=96k tmpfs store
       printf old | lazycred put db
       { ${spoil}; } || true
       ${put} && exit 99; status=$?
       find store -name '*.tmp*' -o -name '*.lock*'
       lazycred get db
       exit $status`,
    )
    const run = outcome(await shell(`${unshare} bash script`))
    expect(run).toMatchObject({ status: 1, stdout: 'old' })
    expect(run.stderr).toMatch(reason)
    expectSilence(run.stderr)
  })

  it.each([
    ['full', 'cat /dev/zero > store/fill 2> /dev/null'],
    ['read-only', 'mount -o remount,ro store'],
  ])('%s and empty has no secret to get, and takes none', async (_what, spoil) => {
    const { shell, write } = await makeFolderSandbox()
    await write('small', CANARY)
    await write(
      'script',
      `mkdir store && mount -t tmpfs -o size=64k tmpfs store; ${spoil}
       lazycred put db small 2> put; echo $?; grep -o 'STORAGE_ERROR' put
       lazycred get db 2> get; echo $?; grep -o NOT_FOUND get; find store -type f ! -name fill`,
    )
    expect(outcome(await shell(`${unshare} bash script`))).toEqual(printed('1\nSTORAGE_ERROR\n3\nNOT_FOUND\n'))
  })
})

describe('a signal', () => {
  const stages = ['open', 'writeFile', 'sync', 'rename', 'rm'] as const
  const cases = (['SIGTERM', 'SIGINT', 'SIGKILL'] as const).flatMap((signal) =>
    stages.map((stage) => ({ signal, stage })),
  )

  /** Ends the process by the signal where its put comes to the stage; of what is written then, a half is there. */
  function endAt(stage: string, signal: string): string {
    const source = `
      import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      const end = () => (process.kill(process.pid, '${signal}'), new Promise(() => setInterval(() => undefined, 1000)))
      const isOurs = (path) => String(path).endsWith('.tmp')
      const { open, rename, rm } = fs.promises
      const when = (name, real) => (path, ...rest) => (name === '${stage}' && isOurs(path) ? end() : real(path, ...rest))
      fs.promises.rename = when('rename', rename)
      fs.promises.rm = when('rm', rm)
      fs.promises.open = when('open', async (path, ...rest) => {
        const handle = await open(path, ...rest)
        if (!isOurs(path)) return handle
        if ('${stage}' === 'sync') handle.sync = end
        if ('${stage}' === 'writeFile')
          handle.writeFile = (bytes) => (fs.writeSync(handle.fd, bytes, 0, bytes.length >> 1), end())
        return handle
      })
      syncBuiltinESMExports()`
    return `--import=data:text/javascript,${encodeURIComponent(source)}`
  }

  it.each(cases)('$signal, at the $stage of a put, leaves the old value or the new one', async ({ signal, stage }) => {
    const { folder, lazycred, library } = await makeFolderSandbox()
    await library.put('db', 'old')
    const env = { NODE_OPTIONS: endAt(stage, signal) }
    const run = outcome(await lazycred(['put', 'db'], { input: CANARY, env }))
    expect(run).toEqual({ status: signal, stdout: '', stderr: '' })
    expect(await library.get('db')).toBe(stage === 'rm' ? CANARY : 'old')
    for (const what of Object.values(await treeOf(folder))) expect(what).toMatch(/^(?:file 600|folder 700)$/)
    await library.put('db', 'later')
    await removeLeftovers(folder)
    expect(Object.keys(await treeOf(folder))).toEqual(['master-key', 'records', 'records/db.json'])
    expect(await library.get('db')).toBe('later')
  })
})
