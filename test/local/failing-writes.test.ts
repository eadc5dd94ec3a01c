/** Writes that fail: the status and the error say so, the old record is intact, and nothing is left lying about. */
import { chmod, chown, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFolder, makeFolderSandbox, treeOf, type FolderSandbox } from '../support/local.js'
import { IS_ROOT, OTHER_USER } from '../support/other-user.js'
import { DONE, outcome } from '../support/outcome.js'
import type { RunResult } from '../support/run.js'

const CANARY = 'canary-4711'

function expectFailure(run: RunResult, pattern: RegExp): void {
  expect({ status: run.status, stdout: run.stdout.toString() }).toEqual({ status: 1, stdout: '' })
  expect(run.stderr).toMatch(pattern)
  expect(run.stderr).not.toContain(CANARY)
  expect(run.stderr).not.toContain('UNEXPECTED')
}

describe('a folder that cannot be made', () => {
  it.each(['/proc/nowhere', '/proc/self/fd/nowhere/deeper'])('is an error and no hang: %s', async (local) => {
    const { lazycred, write } = await makeFolderSandbox()
    const file = await write('config.json', JSON.stringify({ local }))
    const run = await lazycred(['put', 'db', '--config', file], { input: CANARY, limitMs: 20_000 })
    expectFailure(run, /STORAGE_ERROR|ACCESS_DENIED/)
  })

  it('as below a configuration that is a process substitution', async () => {
    const { shell } = await makeFolderSandbox()
    const line = `timeout -s KILL 20 lazycred put db failing --config <(echo '{"local": "vault"}')`
    expectFailure(await shell(`echo ${CANARY} > failing; ${line}`), /STORAGE_ERROR|ACCESS_DENIED/)
  })
})

describe('a full disk, as a limit on the size of files makes one', () => {
  it('leaves the old record, and no temporary file', async () => {
    const { folder, library, shell, write } = await makeFolderSandbox()
    await library.put('db', 'the old value')
    await write('large', Buffer.alloc(200_000, CANARY))
    const tree = await treeOf(folder)
    expectFailure(await shell('ulimit -f 64; lazycred put db large'), /STORAGE_ERROR: \S+db\.json: .*\(EFBIG\)\n$/)
    expect(await treeOf(folder)).toEqual(tree)
    expect(await library.get('db')).toBe('the old value')
  })

  it('leaves no record where there was none', async () => {
    const { folder, library, shell, write } = await makeFolderSandbox()
    await write('large', Buffer.alloc(200_000, CANARY))
    expectFailure(await shell('ulimit -f 64; lazycred put db large'), /STORAGE_ERROR: \S+db\.json: .*\(EFBIG\)\n$/)
    expect(await treeOf(folder)).toEqual({ 'master-key': 'file 600', records: 'folder 700' })
    await expect(library.get('db')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('leaves no half of a master key, and does not stand in the way of the next put', async () => {
    const { folder, lazycred, shell } = await makeFolderSandbox()
    const run = await shell('ulimit -f 0; lazycred put db < /dev/null')
    expectFailure(run, /STORAGE_ERROR: \S+master-key: .*\(EFBIG\)\n$/)
    expect(await treeOf(folder)).toEqual({})
    expect(outcome(await lazycred(['put', 'db'], { input: 'value' }))).toEqual(DONE)
    expect(outcome(await lazycred(['get', 'db']))).toEqual({ ...DONE, stdout: 'value' })
  })
})

describe('something else in the place of a folder or a file', () => {
  const cases: [string, string, RegExp][] = [
    ['the folder is a file', 'echo x > store', /STORAGE_ERROR: \S+: not a directory \(ENOTDIR\)/],
    ['the folder would be in a file', 'echo x > file; ln -s file/store store', /STORAGE_ERROR: .*\(ENOTDIR\)/],
    ['the folder is a link to nothing', 'ln -s nowhere store', /STORAGE_ERROR: .*\(E[A-Z]+\)/],
    ['the records are a file', 'mkdir store; echo x > store/records', /STORAGE_ERROR: .*\(ENOTDIR\)/],
    ['the record is a folder', 'mkdir -p store/records/db.json', /(?:STORAGE_ERROR|RECORD_DAMAGED): /],
  ]
  it.each(cases)('is told as such: %s', async (_what, command, pattern) => {
    const { cwd, lazycred, shell } = await makeFolderSandbox()
    await shell(command)
    const tree = await treeOf(cwd)
    expectFailure(await lazycred(['put', 'db'], { input: CANARY }), pattern)
    const { 'store/master-key': _made, ...after } = await treeOf(cwd)
    expect(after).toEqual(tree)
  })

  it.each(cases.filter(([what]) => !what.includes('link to nothing')))(
    'is never told as a missing secret: %s',
    async (_what, command, pattern) => {
      const { lazycred, shell } = await makeFolderSandbox()
      await shell(command)
      expectFailure(await lazycred(['get', 'db']), pattern)
    },
  )

  it('lets nothing be lost: a record that turned into a folder does not end up half replaced', async () => {
    const { folder, library, recordOf } = await makeFolderSandbox()
    await library.put('other', 'other')
    await makeFolder(join(recordOf('db'), 'inside'))
    const tree = await treeOf(folder)
    await expect(library.put('db', CANARY)).rejects.toMatchObject({ code: 'STORAGE_ERROR' })
    expect(await treeOf(folder)).toEqual(tree)
  })
})

/**
 * Runs a module as a user whom modes stop: root, which no mode stops, becomes somebody else once everything is loaded.
 * What it prints of an error is its code and its message.
 */
async function asPlainUser(sandbox: FolderSandbox, action: string): Promise<RunResult> {
  const source = `
    import { LazyCred } from 'lazycred'
    await new LazyCred({ local: ${JSON.stringify(join(sandbox.root, 'warm-up'))} }).put('name', 'everything is loaded')
    if (process.getuid() === 0) {
      process.setgroups([])
      process.setgid(${OTHER_USER})
      process.setuid(${OTHER_USER})
    }
    const lazycred = new LazyCred({ local: ${JSON.stringify(sandbox.folder)} })
    await (${action}).catch(({ code, message, hint }) => console.log(code, message, hint))`
  return sandbox.node(source)
}

/** Gives everything in the sandbox to the user whom `asPlainUser` becomes. */
async function hand(sandbox: FolderSandbox): Promise<void> {
  await chmod(sandbox.root, 0o755)
  if (!IS_ROOT) return
  const paths = Object.keys(await treeOf(sandbox.root)).map((path) => join(sandbox.root, path))
  const own = paths.filter((path) => path.startsWith(join(sandbox.root, 'work')))
  for (const path of own) await chown(path, OTHER_USER, OTHER_USER)
}

describe('modes that forbid it', () => {
  async function refused(mode: number, of: (sandbox: FolderSandbox) => string, action: string): Promise<string> {
    const sandbox = await makeFolderSandbox()
    await sandbox.library.put('db', 'the old value')
    await hand(sandbox)
    await chmod(of(sandbox), mode)
    const { status, stdout, stderr } = await asPlainUser(sandbox, action)
    await chmod(of(sandbox), 0o700)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(await sandbox.library.get('db')).toBe('the old value')
    expect(Object.keys(await treeOf(sandbox.folder)).filter((path) => path.endsWith('.tmp'))).toEqual([])
    return stdout.toString()
  }

  const PUT = `lazycred.put('db', '${CANARY}')`
  const GET = `lazycred.get('db')`
  it.each([
    ['a put where the records may not be written', 0o500, 'records', PUT],
    ['a put where the records may not be entered', 0o000, 'records', PUT],
    ['a get where the records may not be entered', 0o000, 'records', GET],
    ['a put where the master key may not be read', 0o000, 'master-key', PUT],
    ['a get where the master key may not be read', 0o000, 'master-key', GET],
    ['a get where the record may not be read', 0o000, 'records/db.json', GET],
    ['a put where the folder may not be entered', 0o000, '', PUT],
    ['a get where the folder may not be entered', 0o000, '', GET],
  ])('have %s told as access denied, with a hint', async (_what, mode, path, action) => {
    const told = await refused(mode, ({ folder }) => join(folder, path), action)
    expect(told).toMatch(/^ACCESS_DENIED Unable to .* \(EACCES\) Check who owns the folder/)
    expect(told).not.toContain(CANARY)
  })

  it('do not keep a first put from saying that its folder cannot be made', async () => {
    const sandbox = await makeFolderSandbox()
    await hand(sandbox)
    await chmod(sandbox.cwd, 0o500)
    const { stdout } = await asPlainUser(sandbox, PUT)
    await chmod(sandbox.cwd, 0o700)
    expect(stdout.toString()).toMatch(/^ACCESS_DENIED Unable to put .* \(EACCES\) Check who owns the folder/)
    await expect(stat(sandbox.folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('let a put into a folder that may be written and entered but not listed be what it is: done', async () => {
    const sandbox = await makeFolderSandbox()
    await sandbox.library.put('db', 'the old value')
    await hand(sandbox)
    await chmod(join(sandbox.folder, 'records'), 0o300)
    const { stdout, stderr } = await asPlainUser(sandbox, `lazycred.put('db', 'the new value')`)
    await chmod(join(sandbox.folder, 'records'), 0o700)
    expect({ stdout: stdout.toString(), stderr }).toEqual({ stdout: '', stderr: '' })
    expect(await sandbox.library.get('db')).toBe('the new value')
  })
})

describe('a temporary file that a killed process left', () => {
  it('disturbs nothing', async () => {
    const { folder, lazycred, library } = await makeFolderSandbox()
    await library.put('db', 'value')
    await writeFile(join(folder, 'records/.0123456789abcdef.tmp'), 'half of')
    await writeFile(join(folder, '.0123456789abcdef.tmp'), 'half of')
    expect(outcome(await lazycred(['put', 'db'], { input: 'other' }))).toEqual(DONE)
    expect(outcome(await lazycred(['get', 'db']))).toEqual({ ...DONE, stdout: 'other' })
    await rm(join(folder, '.0123456789abcdef.tmp'))
    expect((await readFile(join(folder, 'records/.0123456789abcdef.tmp'))).toString()).toBe('half of')
  })
})

describe('a file system without links', () => {
  it('is good enough', async () => {
    const { folder, library, node } = await makeFolderSandbox()
    const run = await node(`
      import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      fs.promises.link = () => Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM', errno: -1 }))
      syncBuiltinESMExports()
      const { LazyCred } = await import('lazycred')
      const lazycred = new LazyCred()
      await lazycred.put('db', 'value')
      await lazycred.put('other', 'other')`)
    expect(outcome(run)).toEqual(DONE)
    expect(await Promise.all(['db', 'other'].map((name) => library.get(name)))).toEqual(['value', 'other'])
    expect(Object.keys(await treeOf(folder))).toEqual([
      'master-key',
      'records',
      'records/db.json',
      'records/other.json',
    ])
  })
})
