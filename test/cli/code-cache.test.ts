import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { makeFolderSandbox, treeOf, type FolderSandbox } from '../support/local.js'
import { IS_ROOT, OTHER_USER } from '../support/other-user.js'
import { outcome, printed } from '../support/outcome.js'
import type { RunOptions } from '../support/run.js'
import { PROJECT, type Sandbox } from '../support/sandbox.js'
import { startStandIns } from '../support/stand-ins.js'

const PLANTED = printed('planted\n')
const RIGHT = printed('value')

interface Kept extends FolderSandbox {
  /** Where the code is kept. */
  readonly cache: string
  readonly get: (options?: RunOptions) => Promise<object>
  /** The file kept of the bundle's `main.cjs` for `get`. */
  readonly main: string
}

/** A secret that was put and got, so that code is kept; nothing of ours is in `~/.cache` besides. */
async function makeKept(): Promise<Kept> {
  const sandbox = await makeFolderSandbox()
  const cache = join(sandbox.home, '.cache/lazycred')
  const get = async (options?: RunOptions): Promise<object> => outcome(await sandbox.lazycred(['get', 'db'], options))
  expect(outcome(await sandbox.lazycred(['put', 'db'], { input: 'value' }))).toEqual(printed(''))
  expect(await get()).toEqual(RIGHT)
  const names = await readdir(cache)
  return { ...sandbox, cache, get, main: join(cache, names.find((name) => name.startsWith('main.cjs-get')) ?? '') }
}

/**
 * What a stranger would leave in place of a kept file. V8 takes what was made of any source of the right length: so code
 * that only says `planted` stands for the whole of `main.cjs`, and shows that a kept file is run.
 */
async function plantIn(file: string): Promise<void> {
  const source = await readFile(join(PROJECT, 'dist/command/main.cjs'))
  const wrapped = '(function(exports,require,module){'.length + source.length + '\n})'.length
  const planted = '(function(exports,require,module){console.log("planted");process.exit(0)'
  const code = new Script(`${planted}${' '.repeat(wrapped - planted.length - 2)}})`).createCachedData()
  await writeFile(file, Buffer.concat([digestOf(source, code), code]), { mode: 0o600 })
}

function digestOf(source: Buffer, code: Buffer): Buffer {
  return createHash('sha256').update(source).update(code).digest()
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder, { recursive: true }).catch(() => [])
}

describe('the code cache', () => {
  it('is kept below ~/.cache, for the user alone', async () => {
    const { home } = await makeKept()
    const { '.cache': caches, '.cache/lazycred': folder, ...files } = await treeOf(home)
    expect([caches, folder]).toEqual(['folder 700', 'folder 700'])
    expect(new Set(Object.values(files))).toEqual(new Set(['file 600']))
    expect(Object.keys(files).every((path) => /-(get|put)-v[\d.]+-\w+$/.test(path))).toBe(true)
  })

  it('is kept below XDG_CACHE_HOME where it is set, unless it is relative', async () => {
    const { home, cwd, lazycred } = await makeFolderSandbox()
    await lazycred(['put', 'db'], { input: 'value', env: { XDG_CACHE_HOME: join(home, 'caches') } })
    expect(await readdir(home)).toEqual(['caches'])
    expect(await readdir(join(home, 'caches'))).toEqual(['lazycred'])
    await lazycred(['get', 'db'], { env: { XDG_CACHE_HOME: 'relative' } })
    expect(await readdir(cwd)).not.toContain('relative')
  })

  it('is used by the next run, which changes nothing', async () => {
    const { cache, main, get } = await makeKept()
    const written = async (): Promise<number[]> =>
      Promise.all((await readdir(cache)).map(async (name) => (await lstat(join(cache, name))).ctimeMs))
    const before = await written()
    expect(await get()).toEqual(RIGHT)
    expect(await written()).toEqual(before)
    await plantIn(main)
    expect(await get()).toEqual(PLANTED)
  })

  it('is neither read nor made with NODE_DISABLE_COMPILE_CACHE', async () => {
    const { home, cache, main, get } = await makeKept()
    const env = { NODE_DISABLE_COMPILE_CACHE: '1' }
    await plantIn(main)
    expect(await get({ env })).toEqual(RIGHT)
    await rm(cache, { recursive: true })
    expect(await get({ env })).toEqual(RIGHT)
    expect(await readdir(join(home, '.cache'))).toEqual([])
  })

  it('has nothing of what the code worked on', async () => {
    const { sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'canary-name'], { input: 'canary-4711' })
    expect(outcome(await sandbox.lazycred(['get', 'canary-name']))).toEqual(printed('canary-4711'))
    const kept = await contentsOf(join(sandbox.home, '.cache/lazycred'))
    expect(kept.size).toBeGreaterThan(4)
    const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = sandbox.env
    const words = ['canary', AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, 'team/', sandbox.home]
    const forms = words.flatMap((word) => [Buffer.from(word), Buffer.from(word, 'utf16le')])
    for (const bytes of kept.values()) expect(forms.filter((form) => bytes.includes(form))).toEqual([])
  })

  it.each([['--help'], ['--version'], ['config'], ['rewrap', '--all'], ['nonsense']])(
    'is not kept by %s',
    async (...args) => {
      const { home, lazycred } = await makeFolderSandbox()
      await lazycred(args)
      expect(await namesIn(home)).toEqual([])
    },
  )

  it('is whole after first runs at the same time', async () => {
    const { home, lazycred, get, cache } = await makeKept()
    await rm(join(home, '.cache'), { recursive: true })
    const runs = await Promise.all(Array.from({ length: 8 }, () => lazycred(['get', 'db'])))
    expect(runs.map(outcome)).toEqual(Array(8).fill(RIGHT))
    expect((await readdir(cache)).filter((name) => name.endsWith('.tmp'))).toEqual([])
    const before = await contentsOf(cache)
    expect(await get()).toEqual(RIGHT)
    expect(await contentsOf(cache)).toEqual(before)
  })
})

describe('the code cache is refused', () => {
  const folders: [string, (kept: Kept) => Promise<void>][] = [
    ['others may read', ({ cache }) => chmod(cache, 0o755)],
    ['others may enter', ({ cache }) => chmod(cache, 0o711)],
    ['the group may write', ({ cache }) => chmod(cache, 0o770)],
    ['is a link', moveBehindLink],
  ]
  it.each(folders)('where its folder %s', async (_what, spoil) => {
    const kept = await makeKept()
    await plantIn(kept.main)
    await spoil(kept)
    const before = await treeOf(kept.home)
    expect(await kept.get()).toEqual(RIGHT)
    expect(await treeOf(kept.home)).toEqual(before)
  })

  const files: [string, (kept: Kept) => Promise<unknown>][] = [
    ['the group may write', ({ main }) => chmod(main, 0o620)],
    ['others may read', ({ main }) => chmod(main, 0o604)],
    ['is a link', ({ main, home }) => rename(main, join(home, 'main')).then(() => symlink(join(home, 'main'), main))],
    ['is a pipe', ({ main, shell }) => shell(`rm '${main}' && mkfifo -m 600 '${main}'`)],
    ['is a folder', ({ main }) => rm(main).then(() => mkdir(main, { mode: 0o700 }))],
    ['is empty', ({ main }) => writeFile(main, '')],
    ['is cut short', ({ main }) => edit(main, (bytes) => bytes.subarray(0, -1))],
    ['is cut within its digest', ({ main }) => edit(main, (bytes) => bytes.subarray(0, 31))],
    ['is longer', ({ main }) => edit(main, (bytes) => Buffer.concat([bytes, Buffer.of(0)]))],
    ['is garbage', ({ main }) => edit(main, (bytes) => Buffer.alloc(bytes.length, 'garbage'))],
    ['is that of a sibling', ({ main, cache }) => copySibling(main, cache)],
    ['was altered in one bit', ({ main }) => edit(main, (bytes) => flip(bytes, bytes.length - 100))],
  ]
  it.each(files)('where a file %s', async (_what, spoil) => {
    const kept = await makeKept()
    await plantIn(kept.main)
    await spoil(kept)
    expect(await kept.get({ limitMs: 20_000 })).toEqual(RIGHT)
  })

  it('where V8 does not take it, and written anew', async () => {
    const { main, get } = await makeKept()
    const source = await readFile(join(PROJECT, 'dist/command/main.cjs'))
    await edit(main, (bytes) => {
      const code = flip(bytes.subarray(32), 4)
      return Buffer.concat([digestOf(source, code), code])
    })
    const spoilt = await readFile(main)
    expect(await get()).toEqual(RIGHT)
    expect(await readFile(main)).not.toEqual(spoilt)
  })

  it.runIf(IS_ROOT)('where its folder, or a file, is not the user’s', async () => {
    for (const of of ['cache', 'main'] as const) {
      const kept = await makeKept()
      await plantIn(kept.main)
      await chown(kept[of], OTHER_USER, OTHER_USER)
      expect(await kept.get()).toEqual(RIGHT)
    }
  })
})

describe('where no code can be kept, the command works without', () => {
  it('where there is no home, and makes none', async () => {
    const { root, get } = await makeKept()
    for (const HOME of [join(root, 'nowhere'), 'relative', '']) expect(await get({ env: { HOME } })).toEqual(RIGHT)
    expect((await readdir(root)).sort()).toEqual(['bin', 'home', 'node_modules', 'work'])
  })

  it('where the home is a file, or cannot be written', async () => {
    const { home, get, write } = await makeKept()
    expect(await get({ env: { HOME: await write('file', '') } })).toEqual(RIGHT)
    expect(await get({ env: { HOME: '/proc/self' } })).toEqual(RIGHT)
    await rm(join(home, '.cache'), { recursive: true })
    await writeFile(join(home, '.cache'), 'a file')
    expect(await get()).toEqual(RIGHT)
  })

  it('on a full disk, and leaves nothing', async () => {
    const { cache, shell } = await makeKept()
    await rm(cache, { recursive: true })
    // No file may become larger than 1 KiB.
    expect(outcome(await shell('ulimit -f 1; lazycred get db'))).toEqual(RIGHT)
    const large = [...(await contentsOf(cache))].filter(([name, bytes]) => name.endsWith('.tmp') || bytes.length > 1024)
    expect(large.map(([name]) => name)).toEqual([])
  })

  it.runIf(IS_ROOT)('for root in the home of somebody else, where nothing is made', async () => {
    const { home, get, cache } = await makeKept()
    await rm(join(home, '.cache'), { recursive: true })
    await chown(home, OTHER_USER, OTHER_USER)
    expect(await get()).toEqual(RIGHT)
    expect(await readdir(home)).toEqual([])
    await mkdir(join(home, '.cache'))
    await chown(join(home, '.cache'), OTHER_USER, OTHER_USER)
    expect(await get()).toEqual(RIGHT)
    expect(await namesIn(cache)).toEqual([])
    expect(await readdir(join(home, '.cache'))).toEqual([])
  })
})

async function contentsOf(folder: string): Promise<Map<string, Buffer>> {
  const names = await readdir(folder).catch(() => [])
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)))
}

async function moveBehindLink({ cache, root }: Pick<Sandbox, 'root'> & { readonly cache: string }): Promise<void> {
  await rename(cache, join(root, 'elsewhere'))
  await symlink(join(root, 'elsewhere'), cache)
}

async function copySibling(main: string, cache: string): Promise<void> {
  const sibling = (await readdir(cache)).find((name) => name.startsWith('rolldown-runtime.cjs-get')) ?? ''
  await writeFile(main, await readFile(join(cache, sibling)))
}

async function edit(file: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(file, change(await readFile(file)))
}

function flip(bytes: Buffer, at: number): Buffer {
  const altered = Buffer.from(bytes)
  altered[at] = (altered[at] ?? 0) ^ 1
  return altered
}
