import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { LazyCred, LazyCredError, rewrap, setConfig, setLogger } from '../../src/index.js'
import { makeSandbox } from '../support/sandbox.js'

afterEach(() => {
  setConfig(null)
  setLogger(null)
})

async function someSecrets(): Promise<string> {
  const local = join((await makeSandbox()).cwd, 'vault')
  const lazycred = new LazyCred({ local })
  for (const name of ['a', 'b']) await lazycred.put(name, name)
  return local
}

describe('rewrap', () => {
  it('gives a summary, tells how far it is, and lists what failed with its error', async () => {
    const local = await someSecrets()
    const seen: number[][] = []
    const bound = new LazyCred({ local, bind_names: true })
    const onProgress = (...numbers: number[]): void => void seen.push(numbers)
    const { moved, alreadyRight, failed } = await bound.rewrap(['a', 'nothing', 'b'], { onProgress })
    expect({ moved, alreadyRight, codes: failed.map(({ code }) => code) }).toEqual({
      moved: 2,
      alreadyRight: 0,
      codes: ['NOT_FOUND'],
    })
    expect(failed[0]).toBeInstanceOf(LazyCredError)
    expect(failed[0]?.message).toContain(`Unable to rewrap <Key: ${local},nothing>. NOT_FOUND: `)
    expect(seen).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
    expect(await bound.rewrap('all')).toEqual({ moved: 0, alreadyRight: 2, failed: [] })
    expect(await bound.get('a')).toBe('a')
  })

  it('takes a name twice for once, and no text for a list', async () => {
    const bound = new LazyCred({ local: await someSecrets(), bind_names: true })
    expect(await bound.rewrap(['a', 'a'])).toEqual({ moved: 1, alreadyRight: 0, failed: [] })
    await expect(bound.rewrap('a' as never)).rejects.toMatchObject({ code: 'NAME_INVALID' })
  })

  it('takes nothing for a dry run that is none, and makes no master key in one', async () => {
    const local = await someSecrets()
    const contents = () => Promise.all(['master-key', 'records/a.json'].map((file) => readFile(join(local, file))))
    const before = await contents()
    const bound = new LazyCred({ local, bind_names: true })
    for (const odd of [{ dryRun: true, newMasterKey: true }, { dryRun: 1 }, { newMasterKey: 'yes' }, null, 'dryRun']) {
      await expect(bound.rewrap('all', odd as never)).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    }
    expect(await contents()).toEqual(before)
  })

  it('works on large records one at a time, so that many take no more memory than one does', async () => {
    const sandbox = await makeSandbox()
    const { stdout, stderr } = await sandbox.node(`
      import { LazyCred } from 'lazycred'
      const local = 'vault'
      const value = new Uint8Array(32 * 1024 * 1024)
      const names = Array.from({ length: 10 }, (_, index) => 'large' + index)
      for (const name of names) await new LazyCred({ local }).put(name, value)
      const before = process.resourceUsage().maxRSS
      const summary = await new LazyCred({ local, bind_names: true }).rewrap('all')
      console.log(JSON.stringify({ ...summary, moreMiB: (process.resourceUsage().maxRSS - before) / 1024 }))`)
    expect(stderr).toBe('')
    const { moreMiB, ...summary } = JSON.parse(stdout.toString()) as { moreMiB: number }
    expect(summary).toEqual({ moved: 10, alreadyRight: 0, failed: [] })
    expect(moreMiB).toBeLessThan(350)
  })

  it('as a function never rejects: null where it cannot begin, which is logged once', async () => {
    setConfig({ local: await someSecrets(), bind_names: true })
    expect(await rewrap('all')).toEqual({ moved: 2, alreadyRight: 0, failed: [] })
    const logged: string[] = []
    const log = (message: string): void => void logged.push(message)
    setLogger({ error: log, warn: log, debug: () => undefined })
    setConfig({} as never)
    expect(await rewrap('all')).toBeNull()
    expect(logged).toHaveLength(1)
    expect(logged[0]).toContain('CONFIG_INVALID')
  })
})

describe('getVersioned and put', () => {
  it('agree on the etag, which changes with each writing', async () => {
    const lazycred = new LazyCred({ local: await someSecrets() })
    const written = await lazycred.put('a', 'next')
    const { value, etag } = await lazycred.getVersioned('a')
    expect({ value: Buffer.from(value).toString(), etag }).toEqual({ value: 'next', etag: written.etag })
    const again = await lazycred.put('a', 'next', { ifMatch: etag })
    expect(again.etag).not.toBe(etag)
    await expect(lazycred.put('a', 'late', { ifMatch: etag })).rejects.toMatchObject({ code: 'CONDITION_FAILED' })
    for (const odd of [
      null,
      7,
      { ifAbsent: 1 },
      { ifAbsent: 'true' },
      { ifMatch: 7 },
      { ifAbsent: true, ifMatch: etag },
    ]) {
      await expect(lazycred.put('a', 'late', odd as never)).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    }
    await expect(lazycred.put('a', 'late', { ifAbsent: true })).rejects.toMatchObject({ code: 'CONDITION_FAILED' })
  })
})
