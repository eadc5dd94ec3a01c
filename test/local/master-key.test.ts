/** The master key: gone, damaged, another one; and the wrapped keys that depend on it. */
import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { makeFolder, makeFolderSandbox, readRecord, treeOf, type FolderSandbox } from '../support/local.js'
import { DONE, failed, outcome } from '../support/outcome.js'

const CANARY = 'canary-4711'

async function withSecret(): Promise<FolderSandbox> {
  const sandbox = await makeFolderSandbox()
  await sandbox.library.put('db', CANARY)
  return sandbox
}

interface Failure {
  readonly code: string
  readonly reason: string
}

/** Neither get nor put may do anything but fail so, and nothing may change. */
async function expectRefusal(
  sandbox: FolderSandbox,
  verbs: readonly ('get' | 'put')[],
  failure: Failure,
): Promise<void> {
  const { folder, library, recordOf } = sandbox
  const record = await readFile(recordOf('db'))
  const tree = await treeOf(folder)
  for (const verb of verbs) {
    const error: unknown = await library[verb]('db', 'other').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ ...failure, secretName: 'db', place: folder })
    expect(inspect(error)).not.toContain(CANARY)
    expect(await readFile(recordOf('db'))).toEqual(record)
    expect(await treeOf(folder)).toEqual(tree)
  }
}

describe('a master key', () => {
  it('is 32 random bytes in base64, another one for each folder, and stays', async () => {
    const [one, two] = [await withSecret(), await withSecret()]
    const text = await readFile(one.masterKey, 'utf8')
    expect(text).toMatch(/^[A-Za-z0-9+/]{43}=\n$/)
    expect(await readFile(two.masterKey, 'utf8')).not.toBe(text)
    await one.library.put('db', 'other')
    await rm(one.recordOf('db'))
    await one.library.put('db', 'another')
    expect(await readFile(one.masterKey, 'utf8')).toBe(text)
  })

  it('that is gone is not made anew while there are records: what they hold would be lost', async () => {
    const sandbox = await withSecret()
    await rename(sandbox.masterKey, join(sandbox.cwd, 'backup'))
    const reason = `the master key ${sandbox.masterKey} is gone`
    await expectRefusal(sandbox, ['get', 'put'], { code: 'STORAGE_ERROR', reason })
    for (const verb of ['get', 'put']) {
      const run = outcome(await sandbox.lazycred([verb, 'db'], { input: 'other' }))
      const message = `Unable to ${verb} <Key: ${sandbox.folder},db>. STORAGE_ERROR: ${reason}`
      const hint = 'Bring it back from a backup: without it nothing opens the records beside it.'
      expect(run).toEqual(failed(1, message, hint))
    }
    await rename(join(sandbox.cwd, 'backup'), sandbox.masterKey)
    expect(await sandbox.library.get('db')).toBe(CANARY)
  })

  it('that is gone is made anew where there are no records left, whatever else a file manager left there', async () => {
    const sandbox = await withSecret()
    await rm(sandbox.masterKey)
    await rm(sandbox.recordOf('db'))
    await writeFile(join(sandbox.folder, 'records/.DS_Store'), '')
    expect(outcome(await sandbox.lazycred(['put', 'db'], { input: 'other' }))).toEqual(DONE)
    expect(await sandbox.library.get('db')).toBe('other')
  })

  it('that is gone is not made anew where the records have long names only', async () => {
    const sandbox = await makeFolderSandbox()
    await sandbox.library.put('x'.repeat(1000), CANARY)
    await rm(sandbox.masterKey)
    await expect(sandbox.library.put('db', 'value')).rejects.toMatchObject({ code: 'STORAGE_ERROR' })
    await expect(stat(sandbox.masterKey)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it.each([
    ['empty', () => ''],
    ['cut short', (text: string) => text.slice(0, 20)],
    ['cut by one byte', (text: string) => text.slice(0, 43)],
    ['longer', (text: string) => text + text],
    ['of 31 bytes', () => randomBytes(31).toString('base64')],
    ['of 33 bytes', () => randomBytes(33).toString('base64')],
    ['not base64', (text: string) => text.replace(/^./, '%')],
    ['as long as no master key is', () => 'A'.repeat(5000)],
    ['zeros', () => Buffer.alloc(45)],
  ])('that is %s is told as such, and left as it is', async (_what, change) => {
    const sandbox = await withSecret()
    const changed = change(await readFile(sandbox.masterKey, 'utf8'))
    await writeFile(sandbox.masterKey, changed)
    const reason = `${sandbox.masterKey} does not hold a master key`
    await expectRefusal(sandbox, ['get', 'put'], { code: 'STORAGE_ERROR', reason })
    expect(await readFile(sandbox.masterKey)).toEqual(Buffer.from(changed))
  })

  it('that is a folder is told as such', async () => {
    const sandbox = await withSecret()
    await rm(sandbox.masterKey)
    await makeFolder(sandbox.masterKey)
    const reason = `${sandbox.masterKey} does not hold a master key`
    await expectRefusal(sandbox, ['get', 'put'], { code: 'STORAGE_ERROR', reason })
  })

  it('may have lost the newline at its end', async () => {
    const sandbox = await withSecret()
    await writeFile(sandbox.masterKey, (await readFile(sandbox.masterKey, 'utf8')).trimEnd())
    expect(await sandbox.library.get('db')).toBe(CANARY)
  })

  it('that is another one opens no older record, and says why; brought back, it opens them again', async () => {
    const sandbox = await withSecret()
    const backup = await readFile(sandbox.masterKey)
    await writeFile(sandbox.masterKey, `${randomBytes(32).toString('base64')}\n`)
    const reason = `its data key was wrapped by another master key than ${sandbox.masterKey}`
    await expectRefusal(sandbox, ['get'], { code: 'WRONG_KMS_KEY', reason })
    await writeFile(sandbox.masterKey, backup)
    expect(await sandbox.library.get('db')).toBe(CANARY)
  })
})

describe('a wrapped key', () => {
  it('cannot be changed in any bit', async () => {
    const { library, recordOf } = await withSecret()
    const { data, key: text } = await readRecord(recordOf('db'))
    const wrappedKey = Buffer.from(text, 'base64')
    for (let bit = 0; bit < wrappedKey.length * 8; bit++) {
      const changed = Buffer.from(wrappedKey)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await writeFile(recordOf('db'), JSON.stringify({ data, key: changed.toString('base64') }))
      const codes = expect.stringMatching(/^(?:RECORD_DAMAGED|WRONG_KMS_KEY|CONTEXT_MISMATCH)$/) as string
      await expect(library.get('db')).rejects.toMatchObject({ code: codes })
    }
    await writeFile(recordOf('db'), JSON.stringify({ data, key: text }))
    expect(await library.get('db')).toBe(CANARY)
  })

  it('cannot be cut or lengthened', async () => {
    const { library, recordOf } = await withSecret()
    const { data, key: text } = await readRecord(recordOf('db'))
    const wrappedKey = Buffer.from(text, 'base64')
    const cut = Array.from(wrappedKey, (_byte, length) => wrappedKey.subarray(0, length))
    for (const changed of [...cut, Buffer.concat([wrappedKey, Buffer.of(0)])]) {
      await writeFile(recordOf('db'), JSON.stringify({ data, key: changed.toString('base64') }))
      const codes = expect.stringMatching(/^(?:RECORD_DAMAGED|WRONG_KMS_KEY|CONTEXT_MISMATCH)$/) as string
      await expect(library.get('db')).rejects.toMatchObject({ code: codes })
    }
  })

  it('belongs to its own record: swapped with another one it opens neither', async () => {
    const { library, recordOf } = await withSecret()
    await library.put('other', 'other')
    const [db, other] = [await readRecord(recordOf('db')), await readRecord(recordOf('other'))]
    await writeFile(recordOf('db'), JSON.stringify({ ...db, key: other.key }))
    await writeFile(recordOf('other'), JSON.stringify({ ...other, key: db.key }))
    for (const name of ['db', 'other']) {
      await expect(library.get(name)).rejects.toMatchObject({ code: 'RECORD_DAMAGED' })
    }
  })

  it.each([
    ['KMS', Buffer.concat([Buffer.from('0102030078', 'hex'), randomBytes(150)])],
    ['a stand-in for KMS', Buffer.concat([Buffer.of(75), Buffer.from('arn:aws:kms:us-east-1:'), randomBytes(90)])],
  ])('of %s is told as such, also where there is no master key', async (_who, blob) => {
    const { folder, library, masterKey, recordOf, lazycred } = await withSecret()
    const { data } = await readRecord(recordOf('db'))
    await writeFile(recordOf('db'), JSON.stringify({ data, key: blob.toString('base64') }))
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(library.get('db')).rejects.toMatchObject({
        code: 'WRONG_KMS_KEY',
        reason: 'its data key was not wrapped by the local backend',
      })
      await rm(masterKey, { force: true })
    }
    expect(await lazycred(['get', 'db'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`<Key: ${folder},db>. WRONG_KMS_KEY: its data key was not wrapped`) as string,
    })
  })
})
