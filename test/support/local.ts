/** The local backend in a sandbox, and what lies in its folder. */
import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { expect } from 'vitest'
import { LazyCred } from '../../src/index.js'
import { makeSandbox, type Sandbox } from './sandbox.js'

export interface FolderSandbox extends Sandbox {
  /** The folder that the sandbox's `.lazycred` names; not there yet. */
  readonly folder: string
  readonly masterKey: string
  /** The same secrets, in this process. */
  readonly library: LazyCred
  /** Where the record of a plain name lies. */
  readonly recordOf: (name: string) => string
}

export async function makeFolderSandbox(): Promise<FolderSandbox> {
  const sandbox = await makeSandbox()
  await sandbox.write('.lazycred', '{"local": "store"}')
  const folder = join(sandbox.cwd, 'store')
  return {
    ...sandbox,
    folder,
    masterKey: join(folder, 'master-key'),
    library: new LazyCred({ local: folder }),
    recordOf: (name) => join(folder, 'records', `${name}.json`),
  }
}

/** @returns every path in the folder with what it is and its mode, such as `file 600`; empty where there is no folder */
export async function treeOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort()
  const told = await Promise.all(paths.map(async (path) => [relative(folder, path), await describePath(path)] as const))
  return Object.fromEntries(told)
}

async function describePath(path: string): Promise<string> {
  const stats = await lstat(path)
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other'
  return `${kind} ${(stats.mode & 0o7777).toString(8)}`
}

/** Takes everything in the folder that a process which was killed may leave: temporary files, all of them 0600. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const [path, what] of Object.entries(await treeOf(folder))) {
    if (!path.endsWith('.tmp')) continue
    expect(what).toBe('file 600')
    await rm(join(folder, path))
  }
}

export interface RecordText {
  readonly data: string
  readonly key: string
}

export async function readRecord(path: string): Promise<RecordText> {
  return JSON.parse(await readFile(path, 'utf8')) as RecordText
}

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true })
}
