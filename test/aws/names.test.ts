import { describe, expect, it } from 'vitest'
import { startStandIns } from '../support/stand-ins.js'

describe('names that S3 itself refuses', () => {
  it('are told as such: .. segments that lead above the bucket', async () => {
    const { sandbox } = await startStandIns()
    for (const verb of ['get', 'put']) {
      const { status, stderr } = await sandbox.lazycred([verb, '../../up'], { input: 'value' })
      expect(status).toBe(2)
      expect(stderr).toContain(`Unable to ${verb} <Key: vault,team/../../up>. NAME_INVALID: S3 takes no object path`)
    }
    expect(await sandbox.lazycred(['put', '../up'], { input: 'value' })).toMatchObject({ status: 0, stderr: '' })
  })

  it('but too long a one is never sent', async () => {
    const { s3, kms, sandbox } = await startStandIns()
    for (const verb of ['get', 'put']) {
      const { status, stderr } = await sandbox.lazycred([verb, 'é'.repeat(510)], { input: 'value' })
      expect(status).toBe(2)
      expect(stderr).toContain('NAME_INVALID: the object path would be 1025 bytes long; the limit is 1024, of which')
    }
    expect([...s3.requests, ...kms.requests]).toEqual([])
  })
})

describe('a bucket that may not be listed', () => {
  it('has a missing secret told as access denied, with the reason', async () => {
    const { s3, sandbox } = await startStandIns()
    s3.createBucket('unlisted', { hideMissing: true })
    const { status, stderr } = await sandbox.lazycred(['get', 'db'], { env: { LAZYCRED_S3_PATH: 'unlisted/' } })
    expect(status).toBe(1)
    expect(stderr).toMatch(/ACCESS_DENIED: .*\n.*Without s3:ListBucket/)
  })
})
