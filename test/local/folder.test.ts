/** What the local backend makes on disk: what, where, when and with which modes. */
import { readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LazyCred } from '../../src/index.js'
import { makeFolder, makeFolderSandbox, treeOf } from '../support/local.js'
import { DONE, outcome } from '../support/outcome.js'
import { makeSandbox } from '../support/sandbox.js'

const MADE_BY_A_PUT = { 'master-key': 'file 600', records: 'folder 700', 'records/db.json': 'file 600' }

describe('the folder', () => {
  it.each(['000', '022', '077', '027'])('has folders of 0700 and files of 0600 under umask %s', async (umask) => {
    const { folder, shell } = await makeFolderSandbox()
    expect(outcome(await shell(`umask ${umask}; echo value | lazycred put db`))).toEqual(DONE)
    expect(await treeOf(folder)).toEqual(MADE_BY_A_PUT)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  it('keeps the modes where a secret is put again, and mends those that were loosened', async () => {
    const { folder, recordOf, shell } = await makeFolderSandbox()
    await shell('umask 000; echo value | lazycred put db; chmod 644 store/records/db.json')
    expect(outcome(await shell('umask 000; echo other | lazycred put db'))).toEqual(DONE)
    expect(await treeOf(folder)).toEqual(MADE_BY_A_PUT)
    expect((await stat(recordOf('db'))).mode & 0o777).toBe(0o600)
  })

  it('is not made, nor anything in it, by a get', async () => {
    const { folder, lazycred, library } = await makeFolderSandbox()
    expect(await lazycred(['get', 'db'])).toMatchObject({ status: 3, stdout: Buffer.alloc(0) })
    await expect(library.getBytes('db')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' })
    await makeFolder(folder)
    expect(await lazycred(['get', 'db'])).toMatchObject({ status: 3, stdout: Buffer.alloc(0) })
    expect(await treeOf(folder)).toEqual({})
  })

  it('is not made by a put that is refused: a name too long, a value that is none', async () => {
    const { folder, lazycred, library } = await makeFolderSandbox()
    expect((await lazycred(['put', 'x'.repeat(1025)], { input: 'value' })).status).toBe(2)
    await expect(library.put('db', 7 as never)).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    await expect(library.put('db', '\ud800')).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    await expect(library.put('db', new Uint8Array(256 * 1024 * 1024 + 1))).rejects.toMatchObject({
      code: 'VALUE_TOO_LARGE',
    })
    await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('is taken from the place of the .lazycred, wherever the user stands', async () => {
    const { cwd, folder, shell } = await makeFolderSandbox()
    expect(outcome(await shell('mkdir -p a/b && cd a/b && echo value | lazycred put db'))).toEqual(DONE)
    expect(await treeOf(folder)).toEqual(MADE_BY_A_PUT)
    expect(outcome(await shell('cd / && lazycred --config "$OLDPWD/.lazycred" get db'))).toMatchObject({
      stdout: 'value\n',
    })
    expect(Object.keys(await treeOf(join(cwd, 'a')))).toEqual(['b'])
  })

  it('is taken from the current folder where a variable names it, and made with all that lead to it', async () => {
    const { cwd, shell } = await makeSandbox({ LAZYCRED_LOCAL: '../over/there' })
    expect(outcome(await shell('umask 000; echo value | lazycred put db'))).toEqual(DONE)
    const there = Object.entries(MADE_BY_A_PUT).map(([path, what]) => [`there/${path}`, what])
    expect(await treeOf(join(cwd, '../over'))).toEqual({ there: 'folder 700', ...Object.fromEntries(there) })
  })

  it('may be a link to a folder', async () => {
    const { cwd, folder, lazycred } = await makeFolderSandbox()
    await makeFolder(join(cwd, 'elsewhere'))
    await symlink('elsewhere', folder)
    expect(outcome(await lazycred(['put', 'db'], { input: 'value' }))).toEqual(DONE)
    expect(outcome(await lazycred(['get', 'db']))).toEqual({ ...DONE, stdout: 'value' })
    expect(await treeOf(join(cwd, 'elsewhere'))).toEqual(MADE_BY_A_PUT)
  })

  it('holds whatever the names are, each in a record of its own and nothing outside', async () => {
    const { cwd, library } = await makeFolderSandbox()
    const names = ['../out', '/etc/out', '..', '.', 'records', 'master-key', '../master-key', 'a\0b', 'a\nb', 'con']
    const all = [...names, 'DB', 'db', 'Db', '\u00e9', 'e\u0301', 'a.json', '.tmp', '🔑'.repeat(256), 'x'.repeat(1024)]
    const before = Object.keys(await treeOf(join(cwd, '..'))).length
    for (const name of all) await library.put(name, `the value of ${name}`)
    expect(await Promise.all(all.map((name) => library.get(name)))).toEqual(all.map((name) => `the value of ${name}`))
    const tree = await treeOf(join(cwd, '..'))
    const made = Object.keys(tree).filter((path) => !path.startsWith('here/store/records/'))
    expect(made).toHaveLength(before + 3)
    expect(Object.values(tree).filter((what) => what === 'file 600')).toHaveLength(1 + all.length + 1)
  })
})

describe('a link in the folder', () => {
  it('is replaced by a put, and what it leads to is not touched', async () => {
    const { cwd, recordOf, lazycred, folder } = await makeFolderSandbox()
    await lazycred(['put', 'other'], { input: 'other' })
    const outside = join(cwd, 'outside')
    await writeFile(outside, 'not a record')
    await symlink(outside, recordOf('db'))
    expect(outcome(await lazycred(['put', 'db'], { input: 'value' }))).toEqual(DONE)
    expect(outcome(await lazycred(['get', 'db']))).toEqual({ ...DONE, stdout: 'value' })
    expect(await readFile(outside, 'utf8')).toBe('not a record')
    expect((await treeOf(folder))['records/db.json']).toBe('file 600')
  })

  it('to nothing is no secret', async () => {
    const { recordOf, lazycred } = await makeFolderSandbox()
    await lazycred(['put', 'other'], { input: 'other' })
    await symlink('nowhere', recordOf('db'))
    expect((await lazycred(['get', 'db'])).status).toBe(3)
  })

  it('may lead to the master key, which then is never replaced by a new one', async () => {
    const { cwd, masterKey, lazycred, shell, folder } = await makeFolderSandbox()
    await lazycred(['put', 'db'], { input: 'value' })
    await shell('mv store/master-key . && ln -s ../master-key store/master-key')
    expect(outcome(await lazycred(['get', 'db']))).toEqual({ ...DONE, stdout: 'value' })
    await shell('rm -r master-key store/records')
    const { status, stderr } = await lazycred(['put', 'db'], { input: 'value' })
    expect(status).toBe(1)
    expect(stderr).toContain(`STORAGE_ERROR: the master key ${masterKey} is gone\n`)
    expect(await treeOf(folder)).toEqual({ 'master-key': expect.stringMatching(/^other/) as string })
    expect(Object.keys(await treeOf(cwd))).not.toContain('master-key')
  })

  it('in a circle is an error, not a missing secret', async () => {
    const { recordOf, lazycred } = await makeFolderSandbox()
    await lazycred(['put', 'other'], { input: 'other' })
    await symlink('db.json', recordOf('db'))
    const { status, stderr } = await lazycred(['get', 'db'])
    expect(status).toBe(1)
    expect(stderr).toMatch(/STORAGE_ERROR: .*db\.json: .*\(ELOOP\)\n$/)
  })
})

describe('what is no file', () => {
  it.each([
    ['a pipe that nobody writes to', 'mkfifo store/records/db.json'],
    ['a folder', 'mkdir store/records/db.json'],
    ['an endless file', 'ln -s /dev/zero store/records/db.json'],
  ])('is no record, and holds nobody up: %s', async (_what, command) => {
    const { recordOf, lazycred, shell } = await makeFolderSandbox()
    await lazycred(['put', 'other'], { input: 'other' })
    await shell(command)
    const { status, stdout, stderr } = await lazycred(['get', 'db'], { limitMs: 20_000 })
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain(`RECORD_DAMAGED: ${recordOf('db')} is not a file`)
  })
})

describe('the class', () => {
  it('takes the folder from the current one where the configuration is given in code', async () => {
    const { cwd, node } = await makeSandbox()
    const source = `import { LazyCred } from 'lazycred'; await new LazyCred({ local: 'store' }).put('db', 'value')`
    expect(outcome(await node(source))).toEqual(DONE)
    expect(await treeOf(join(cwd, 'store'))).toEqual(MADE_BY_A_PUT)
    expect(await new LazyCred({ local: join(cwd, 'store') }).get('db')).toBe('value')
  })
})
