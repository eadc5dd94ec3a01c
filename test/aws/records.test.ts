import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { KmsSeed } from '../support/aws/kms.js'
import { startStandIns } from '../support/stand-ins.js'

const vector = (file: string): Buffer => readFileSync(new URL(`../vectors/python/${file}`, import.meta.url))
const seed = JSON.parse(vector('kms-seed.json').toString()) as KmsSeed

describe('records of the Python tool', () => {
  it.each(['ascii', 'utf8-multiline'])('open: %s', async (name) => {
    const { s3, sandbox } = await startStandIns({ kms: { seed } })
    s3.writeObject('vault', 'team/db', vector(`${name}.record.json`))
    const { status, stdout, stderr } = await sandbox.lazycred(['get', 'db'])
    expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: '', stdout: vector(`${name}.plaintext`) })
  })

  it('that were stored when KMS failed are told as what they are', async () => {
    const { s3, kms, sandbox } = await startStandIns({ kms: { seed } })
    s3.writeObject('vault', 'team/db', vector('null-key-after-kms-failure.record.json'))
    const { status, stdout, stderr } = await sandbox.lazycred(['get', 'db'])
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/RECORD_DAMAGED: .*"key" is null.*\n.*when KMS fails/)
    expect(kms.requests).toEqual([])
  })
})

describe('a record that was put', () => {
  it('opens after the alias was moved, the KMS key rotated and the old alias target left behind', async () => {
    const { kms, keyId, sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'value' })
    kms.rotate(keyId)
    kms.setAlias('alias/lazy', kms.createKey().keyId)
    const { status, stdout } = await sandbox.lazycred(['get', 'db'])
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: 'value' })
  })
})
