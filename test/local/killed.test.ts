/** A process that is killed at any moment of a put: the old or the new value remains, whole, and the folder works. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolderSandbox, removeLeftovers, treeOf, type FolderSandbox } from '../support/local.js'
import { DONE, outcome } from '../support/outcome.js'

/** More steps than any put has, so that a loop over them ends. */
const MANY_STEPS = 200

/**
 * Puts a secret in a process that kills itself before the given one of its steps on the file system; of a file that is
 * written then, it leaves a half.
 */
function putAndDie(sandbox: FolderSandbox, step: number): ReturnType<FolderSandbox['node']> {
  return sandbox.node(`
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    let left = ${step}
    const die = () => process.kill(process.pid, 'SIGKILL')
    const stepped = (owner, name, last = () => undefined) => {
      const real = owner[name].bind(owner)
      owner[name] = (...args) => (left-- === 0 ? (last(...args), die()) : real(...args))
    }
    const half = (handle) => (bytes) => fs.writeSync(handle.fd, bytes, 0, bytes.length >> 1)
    const { open } = fs.promises
    fs.promises.open = async (...args) => {
      const handle = await open(...args)
      stepped(handle, 'writeFile', half(handle))
      for (const name of ['sync', 'close', 'stat', 'readFile']) stepped(handle, name)
      return handle
    }
    for (const name of ['open', 'mkdir', 'readdir', 'link', 'rename', 'rm']) stepped(fs.promises, name)
    syncBuiltinESMExports()
    const { LazyCred } = await import('lazycred')
    await new LazyCred().put('db', 'the new value')`)
}

async function expectWhole(sandbox: FolderSandbox, allowed: readonly string[]): Promise<string> {
  const found = await sandbox.library.get('db').catch((error: unknown) => (error as { code: string }).code)
  expect(allowed).toContain(found)
  const odd = Object.entries(await treeOf(sandbox.folder)).filter(([, what]) => !/^(?:file 600|folder 700)$/.test(what))
  expect(odd).toEqual([])
  return found
}

async function expectStillWorking(sandbox: FolderSandbox): Promise<void> {
  await sandbox.library.put('db', 'a later value')
  expect(await sandbox.library.get('db')).toBe('a later value')
  await removeLeftovers(sandbox.folder)
  expect(await sandbox.library.get('db')).toBe('a later value')
}

describe('a put', () => {
  it('has the disk take the bytes before the name, and then the name: a power cut is like a kill', async () => {
    const { node } = await makeFolderSandbox()
    const run = await node(`
      import fs from 'node:fs'
      import { basename } from 'node:path'
      import { syncBuiltinESMExports } from 'node:module'
      const trace = []
      const { open, rename } = fs.promises
      fs.promises.open = async (path, ...args) => {
        const handle = await open(path, ...args)
        const sync = handle.sync.bind(handle)
        handle.sync = () => (trace.push('sync ' + basename(path).replace(/^\\..*tmp$/, 'temporary')), sync())
        return handle
      }
      fs.promises.rename = (from, to) => (trace.push('rename to ' + basename(to)), rename(from, to))
      syncBuiltinESMExports()
      const { LazyCred } = await import('lazycred')
      await new LazyCred().put('db', 'value')
      console.log(trace.join(', '))`)
    const ofMasterKey = 'sync here, sync temporary, sync store'
    const ofRecord = 'sync store, sync temporary, rename to db.json, sync records'
    expect(outcome(run)).toEqual({ ...DONE, stdout: `${ofMasterKey}, ${ofRecord}\n` })
  })
})

describe('a process that is killed', () => {
  it.each([
    ['the first put of all', 'NOT_FOUND', () => Promise.resolve()],
    ['a put over an old value', 'the old value', ({ library }: FolderSandbox) => library.put('db', 'the old value')],
  ])('before any step of %s leaves the old or the new state', async (_what, before, prepare) => {
    const sandbox = await makeFolderSandbox()
    const seen = new Set<string>()
    let step = 0
    for (let status: unknown; status !== 0 && step < MANY_STEPS; step++) {
      await rm(sandbox.folder, { recursive: true, force: true })
      await prepare(sandbox)
      const run = await putAndDie(sandbox, step)
      expect(run.stderr).toBe('')
      expect([0, 'SIGKILL']).toContain((status = run.status))
      seen.add(await expectWhole(sandbox, [before, 'the new value']))
      await expectStillWorking(sandbox)
    }
    expect(step).toBeGreaterThan(10)
    expect(step).toBeLessThan(MANY_STEPS)
    expect(seen).toEqual(new Set([before, 'the new value']))
  })

  it('has what it left removed by a later put, and nothing else that lies there', async () => {
    const { folder, library, lazycred } = await makeFolderSandbox()
    await library.put('db', 'old')
    const before = Object.keys(await treeOf(folder))
    const ages = { '.0123456789abcdef.tmp': 2, '.fedcba9876543210.tmp': 0, '.theirs.tmp': 2, '0123456789abcdef.tmp': 2 }
    for (const [name, hours] of Object.entries(ages)) {
      const path = join(folder, 'records', name)
      await writeFile(path, 'ciphertext', { mode: 0o600 })
      const then = new Date(Date.now() - hours * 3_600_000)
      await utimes(path, then, then)
    }
    expect(outcome(await lazycred(['put', 'db'], { input: 'new' }))).toEqual(DONE)
    const kept = Object.keys(ages)
      .slice(1)
      .map((name) => join('records', name))
    expect(Object.keys(await treeOf(folder)).sort()).toEqual([...before, ...kept].sort())
  })

  it('from outside, amid a stream of puts, leaves one of the values', async () => {
    const sandbox = await makeFolderSandbox()
    await sandbox.library.put('db', 'a'.repeat(1_000_000))
    for (let round = 0; round < 10; round++) {
      await killAmidPuts(sandbox, Math.random() * 25)
      await expectWhole(
        sandbox,
        ['a', 'b'].map((letter) => letter.repeat(1_000_000)),
      )
    }
    await expectStillWorking(sandbox)
  })
})

/** @param patienceMs after the first put; any will do */
async function killAmidPuts({ cwd, env }: FolderSandbox, patienceMs: number): Promise<void> {
  const source = `
    import { LazyCred } from 'lazycred'
    const lazycred = new LazyCred()
    for (;;) {
      for (const letter of ['a', 'b']) await lazycred.put('db', letter.repeat(1_000_000))
      process.stdout.write('.')
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { cwd, env, timeout: 30_000 })
  const closed = once(child, 'close')
  await Promise.race([once(child.stdout, 'data'), closed])
  setTimeout(() => child.kill('SIGKILL'), patienceMs)
  expect(await closed).toEqual([null, 'SIGKILL'])
}
