/** The form of what lies on disk, read by hand with nothing of ours: folders that exist must open with every later version. */
import { createDecipheriv, createHash } from 'node:crypto'
import { cp, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { makeFolderSandbox, readRecord } from '../support/local.js'
import { DONE, outcome } from '../support/outcome.js'

const VECTOR = fileURLToPath(new URL('../vectors/local', import.meta.url))

/** lazycred, 0x01 | id of the master key, 8 bytes | nonce, 12 bytes | AES-256-GCM ciphertext | tag, 16 bytes */
function unwrapByHand(masterKey: Buffer, wrappedKey: Buffer): string {
  expect(wrappedKey).toHaveLength(9 + 8 + 12 + 44 + 16)
  expect(wrappedKey.toString('latin1', 0, 9)).toBe('lazycred\x01')
  const id = createHash('sha256').update('lazycred master key id\0').update(masterKey).digest().subarray(0, 8)
  expect(wrappedKey.subarray(9, 17)).toEqual(id)
  const decipher = createDecipheriv('aes-256-gcm', masterKey, wrappedKey.subarray(17, 29))
  // The encryption context is part of what is authenticated: none, so far.
  decipher.setAAD(Buffer.concat([wrappedKey.subarray(0, 29), Buffer.from('[]')]))
  decipher.setAuthTag(wrappedKey.subarray(-16))
  return Buffer.concat([decipher.update(wrappedKey.subarray(29, -16)), decipher.final()]).toString()
}

/** After the Fernet spec. */
function decryptByHand(dataKey: string, token: Buffer): string {
  const encryptionHalf = Buffer.from(dataKey, 'base64url').subarray(16)
  const decipher = createDecipheriv('aes-128-cbc', encryptionHalf, token.subarray(9, 25))
  return Buffer.concat([decipher.update(token.subarray(25, -32)), decipher.final()]).toString()
}

describe('a record on disk', () => {
  it('has the form of those on S3, to the byte, and opens by hand', async () => {
    const { lazycred, masterKey, recordOf } = await makeFolderSandbox()
    expect(outcome(await lazycred(['put', 'db'], { input: 'The gold is at the post office.' }))).toEqual(DONE)
    const text = await readFile(recordOf('db'), 'utf8')
    expect(text).toMatch(/^\{"data": "gAAAAA[A-Za-z0-9_-]+={0,2}", "key": "[A-Za-z0-9+/]+={0,2}"\}$/)
    const { data, key: wrapped } = await readRecord(recordOf('db'))
    const dataKey = unwrapByHand(
      Buffer.from(await readFile(masterKey, 'utf8'), 'base64'),
      Buffer.from(wrapped, 'base64'),
    )
    expect(dataKey).toMatch(/^[A-Za-z0-9_-]{43}=$/)
    expect(decryptByHand(dataKey, Buffer.from(data, 'base64url'))).toBe('The gold is at the post office.')
  })

  it('has a data key of its own each time', async () => {
    const { library, recordOf } = await makeFolderSandbox()
    const records = []
    for (const value of ['same', 'same']) {
      await library.put('db', value)
      records.push(await readRecord(recordOf('db')))
    }
    expect(records[0]?.data).not.toBe(records[1]?.data)
    expect(records[0]?.key).not.toBe(records[1]?.key)
  })
})

describe('a folder that was made long ago', () => {
  it('opens', async () => {
    const { folder, lazycred } = await makeFolderSandbox()
    await cp(VECTOR, folder, { recursive: true })
    const expected = { ...DONE, stdout: 'The gold is at the post office.\n' }
    expect(outcome(await lazycred(['get', 'team/db']))).toEqual(expected)
    expect(outcome(await lazycred(['put', 'other'], { input: 'value' }))).toEqual(DONE)
    expect(outcome(await lazycred(['get', 'team/db']))).toEqual(expected)
  })

  it('opens nothing where its master key was replaced by the one of another', async () => {
    const [mine, other] = [await makeFolderSandbox(), await makeFolderSandbox()]
    await other.library.put('db', 'value')
    await cp(VECTOR, mine.folder, { recursive: true })
    await cp(other.masterKey, mine.masterKey)
    await expect(mine.library.get('team/db')).rejects.toMatchObject({ code: 'WRONG_KMS_KEY' })
  })
})
