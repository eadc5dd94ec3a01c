import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSandbox, type Sandbox } from '../support/sandbox.js'
import { startAws, type AwsWorld } from '../support/world.js'

let aws: AwsWorld
beforeAll(async () => {
  aws = await startAws()
})
afterAll(() => aws.close())

async function sandboxOnAws(): Promise<Sandbox> {
  const sandbox = await makeSandbox(aws.env)
  await sandbox.write('.lazycred', JSON.stringify(aws.config))
  return sandbox
}

describe('the command on AWS', () => {
  it('stores what comes by file, redirection and pipe, and gives it back to the byte', async () => {
    const sandbox = await sandboxOnAws()
    await sandbox.write('db.json', '{"user": "sterling"}\n')
    for (const line of ['lazycred put a db.json', 'lazycred put b < db.json', 'cat db.json | lazycred put c -']) {
      expect(await sandbox.shell(line)).toEqual({ status: 0, stdout: Buffer.alloc(0), stderr: '' })
    }
    for (const name of ['a', 'b', 'c']) {
      expect(await sandbox.lazycred(['get', name])).toEqual({
        status: 0,
        stdout: Buffer.from('{"user": "sterling"}\n'),
        stderr: '',
      })
    }
  })
})
