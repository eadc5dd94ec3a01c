/** SECURITY.md: rewrap moves data keys, and decrypts nothing here. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bothWorlds } from '../support/both-worlds.js'
import { runCrew } from '../support/crew.js'
import { startStandIns } from '../support/stand-ins.js'

type Fields = Record<string, string>

async function alwaysAnswer(body: string): Promise<string> {
  const server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
  })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('rewrap on AWS', () => {
  it('goes by KMS ReEncrypt: no data key leaves KMS, and the token is not touched', async () => {
    const { s3, kms, sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'value' })
    const before = JSON.parse(String(s3.readObject('vault', 'team/db'))) as Fields
    kms.setAlias('alias/lazy', kms.createKey().keyId)
    kms.requests.length = 0
    expect(await sandbox.lazycred(['rewrap', 'db'])).toMatchObject({ status: 0 })
    expect(kms.requests.map(({ operation }) => operation)).toEqual(['ReEncrypt'])
    const after = JSON.parse(String(s3.readObject('vault', 'team/db'))) as Fields
    expect(after['data']).toBe(before['data'])
    expect(after['key']).not.toBe(before['key'])
    expect((await sandbox.lazycred(['get', 'db'])).stdout.toString()).toBe('value')
  })

  it('takes no answer that is none for a record that is right already', async () => {
    const { s3, kms, sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'value' })
    kms.inject({ kind: 'error', status: 200, code: 'Nothing' }, { operation: 'ReEncrypt' })
    const before = s3.readObject('vault', 'team/db')
    const { status, stderr } = await sandbox.lazycred(['rewrap', 'db'])
    expect({ status, told: stderr.includes('KMS answered without') }).toEqual({ status: 1, told: true })
    expect(s3.readObject('vault', 'team/db')).toEqual(before)
  })

  it('goes over any number of records, page by page, and over what is below the prefix alone', async () => {
    const { s3, kms, sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'value' })
    const record = s3.readObject('vault', 'team/db') ?? Buffer.alloc(0)
    for (let index = 0; index < 1200; index++) s3.writeObject('vault', `team/${index} + é`, Buffer.from(record))
    s3.writeObject('vault', 'team/', Buffer.alloc(0))
    s3.writeObject('vault', 'elsewhere', Buffer.from('not ours'))
    kms.setAlias('alias/lazy', kms.createKey().keyId)
    expect((await sandbox.lazycred(['rewrap', '--all'])).stderr).toBe('moved 1201, already right 0, failed 0\n')
    expect((await sandbox.lazycred(['rewrap', '--all'])).stderr).toBe('moved 0, already right 1201, failed 0\n')
    expect((await sandbox.lazycred(['get', '1199 + é'])).stdout.toString()).toBe('value')
  })

  it('still tells what was moved where the listing breaks off, and that it did', async () => {
    const { s3, kms, sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'value' })
    const record = s3.readObject('vault', 'team/db') ?? Buffer.alloc(0)
    for (let index = 0; index < 1200; index++) s3.writeObject('vault', `team/${index}`, Buffer.from(record))
    kms.setAlias('alias/lazy', kms.createKey().keyId)
    const rewrapping = sandbox.lazycred(['rewrap', '--all'])
    const listed = () => s3.requests.some(({ operation, status }) => operation === 'ListObjectsV2' && status === 200)
    await expect.poll(listed, { timeout: 20_000 }).toBe(true)
    s3.inject({ kind: 'error', status: 403, code: 'AccessDenied' }, { operation: 'ListObjectsV2' })
    const { status, stderr } = await rewrapping
    expect(status).toBe(1)
    expect(stderr).toMatch(/^ERROR:LazyCredLogger:.*ACCESS_DENIED: S3 ListObjectsV2 on bucket vault/)
    expect(stderr).toMatch(/\nmoved 1000, already right 0, failed 1\n$/)
  })

  it.each([
    '<html><body>Welcome to this network</body></html>',
    '',
    '<ListBucketResult><Name>vault</Name><IsTruncated>true</IsTruncated></ListBucketResult>',
  ])('takes no answer that is no listing for a bucket with nothing to move: %s', async (body) => {
    const { sandbox } = await startStandIns()
    const env = { AWS_ENDPOINT_URL_S3: await alwaysAnswer(body) }
    const { status, stderr } = await sandbox.lazycred(['rewrap', '--all'], { env })
    expect({ status, told: stderr.includes('SERVICE_ERROR: S3 ') }).toEqual({ status: 1, told: true })
  })

  it('knows what the console makes of a folder where a server encodes each / as well', async () => {
    const { sandbox } = await startStandIns()
    const folder = '<Contents><Key>team%2Ffolder%2F</Key><Size>0</Size></Contents>'
    const listing = `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${folder}</ListBucketResult>`
    const env = { AWS_ENDPOINT_URL_S3: await alwaysAnswer(listing) }
    const { stderr } = await sandbox.lazycred(['rewrap', '--all'], { env })
    expect(stderr).toBe('moved 0, already right 0, failed 0\n')
  })

  it.each([
    ['S3', 'ListObjectsV2', 403, 'AccessDenied', 'Allow s3:ListBucket on the bucket to'],
    [
      'KMS',
      'ReEncrypt',
      400,
      'AccessDeniedException',
      'Allow kms:ReEncryptFrom on the old KMS key and kms:ReEncryptTo',
    ],
  ])('where %s denies %s, hints at what IAM calls it', async (service, operation, status, code, hint) => {
    const { s3, kms, sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'value' })
    const server = service === 'S3' ? s3 : kms
    server.inject({ kind: 'error', status, code }, { operation })
    const run = await sandbox.lazycred(['rewrap', '--all'])
    expect(run).toMatchObject({ status: 1, stderr: expect.stringContaining(`\n${hint}`) as string })
  })

  it.each(['SIGINT', 'SIGKILL'] as const)('is whole after %s, and goes on where it is repeated', async (signal) => {
    const { s3, kms, keyId, sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'value' })
    const record = s3.readObject('vault', 'team/db') ?? Buffer.alloc(0)
    for (let index = 0; index < 600; index++) s3.writeObject('vault', `team/${index}`, Buffer.from(record))
    kms.setAlias('alias/lazy', kms.createKey().keyId)
    const line = `lazycred rewrap --all & until [ -e stop ]; do sleep 0.05; done; kill -${signal} $!; wait $!; echo $?`
    const interrupted = sandbox.shell(`set -m; ${line}`)
    const asked = () => kms.requests.filter(({ operation }) => operation === 'ReEncrypt').length
    await expect.poll(asked, { timeout: 20_000 }).toBeGreaterThan(50)
    await sandbox.write('stop', '')
    expect((await interrupted).stdout.toString()).toMatch(/^1(30|37)\n$/)
    const listed = { LAZYCRED_TRUSTED_KEYS: `lazy,arn:aws:kms:us-east-1:000000000000:key/${keyId}` }
    const [, moved, right] =
      /^moved (\d+), already right (\d+), failed 0\n$/.exec(
        (await sandbox.lazycred(['rewrap', '--all'], { env: listed })).stderr,
      ) ?? []
    expect({ sum: Number(moved) + Number(right), some: Number(right) > 0 }).toEqual({ sum: 601, some: true })
    const env = { LAZYCRED_TRUSTED_KEYS: 'lazy' }
    expect((await sandbox.lazycred(['rewrap', '--all'], { env })).stderr).toBe('moved 0, already right 601, failed 0\n')
  })

  it('writes only where nobody else wrote meanwhile, and gives up where somebody keeps writing', async () => {
    const { s3, kms, sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'old' })
    const record = s3.readObject('vault', 'team/db') ?? Buffer.alloc(0)
    kms.setAlias('alias/lazy', kms.createKey().keyId)
    kms.inject({ kind: 'delay', at: 'headers', ms: 2000 }, { operation: 'ReEncrypt' })
    const rewrapping = sandbox.lazycred(['rewrap', 'db'])
    const asked = () => kms.requests.filter(({ operation }) => operation === 'ReEncrypt').length
    const written = (times: number) => Buffer.concat([record, Buffer.alloc(times, ' ')])
    for (let times = 1; times <= 3; times++) {
      await expect.poll(asked, { timeout: 10_000 }).toBe(times)
      s3.writeObject('vault', 'team/db', written(times))
    }
    const { status, stderr } = await rewrapping
    expect(status).toBe(1)
    expect(stderr).toContain('Unable to rewrap <Key: vault,team/db>. CONDITION_FAILED: ')
    expect(s3.readObject('vault', 'team/db')).toEqual(written(3))
  })

  it('leaves what somebody else wrote meanwhile, and does not fail where that is right already', async () => {
    const { s3, kms, sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'old' })
    kms.setAlias('alias/lazy', kms.createKey().keyId)
    kms.inject({ kind: 'delay', at: 'headers', ms: 4000 }, { operation: 'ReEncrypt', times: 1 })
    const rewrapping = sandbox.lazycred(['rewrap', 'db'])
    const asked = () => kms.requests.some(({ operation }) => operation === 'ReEncrypt')
    await expect.poll(asked, { timeout: 10_000 }).toBe(true)
    await sandbox.lazycred(['rewrap', 'db'])
    const moved = s3.readObject('vault', 'team/db')
    expect(await rewrapping).toMatchObject({ status: 0, stderr: 'moved 0, already right 1, failed 0\n' })
    expect(s3.readObject('vault', 'team/db')).toEqual(moved)
  })
})

describe.each(bothWorlds)('rewrap on $name', ({ open }) => {
  it('says what it would do, name by name, and does nothing in a dry run', async () => {
    const world = await open()
    const names = ['name', 'odd\u001b[2J']
    for (const name of names) await world.sandbox.lazycred(['put', name], { input: 'value' })
    const before = await Promise.all(names.map(world.read))
    await world.configure({ bind_names: true })
    const { status, stderr } = await world.sandbox.lazycred(['rewrap', '--all', '--dry-run'])
    expect({ status, lines: stderr.split('\n').sort() }).toEqual({
      status: 0,
      lines: [
        '',
        'would move 2, already right 0, failed 0',
        'would move <Key: name>',
        'would move <Key: odd\\u{1b}[2J>',
      ],
    })
    expect(stderr).toMatch(/would move 2, [^\n]*\n$/)
    expect(await Promise.all(names.map(world.read))).toEqual(before)
  })

  it('goes on past what fails, tells each, and ends with status 1', async () => {
    const world = await open()
    for (const name of ['a', 'c']) await world.sandbox.lazycred(['put', name], { input: name })
    await world.write('b', Buffer.from('no record'))
    await world.configure({ bind_names: true })
    const { status, stderr } = await world.sandbox.lazycred(['rewrap', '--all'])
    expect(status).toBe(1)
    expect(stderr).toMatch(/Unable to rewrap <Key: [^>]*b>\. RECORD_DAMAGED: .*\nmoved 2, already right 0, failed 1\n$/)
    for (const name of ['a', 'c']) expect((await world.sandbox.lazycred(['get', name])).stdout.toString()).toBe(name)
  })

  it('leaves a record alone whose token is none, rather than lay it out anew', async () => {
    const world = await open()
    await world.sandbox.lazycred(['put', 'name'], { input: 'value' })
    const { data, key: wrapped } = JSON.parse(String(await world.read('name'))) as Fields
    const odd = Buffer.from(JSON.stringify({ data: `${data}", "more": "`, key: wrapped }))
    await world.write('name', odd)
    await world.configure({ bind_names: true })
    const { status, stderr } = await world.sandbox.lazycred(['rewrap', 'name'])
    expect({ status, told: stderr.includes('RECORD_DAMAGED: ') }).toEqual({ status: 1, told: true })
    expect(await world.read('name')).toEqual(odd)
  })

  it('moves large records as well as small ones', async () => {
    const world = await open()
    const values = { large: 'x'.repeat(3_000_000), larger: 'y'.repeat(5_000_000), small: 'z' }
    for (const [name, input] of Object.entries(values)) await world.sandbox.lazycred(['put', name], { input })
    await world.configure({ bind_names: true })
    expect((await world.sandbox.lazycred(['rewrap', '--all'])).stderr).toBe('moved 3, already right 0, failed 0\n')
    for (const [name, value] of Object.entries(values)) {
      expect((await world.sandbox.lazycred(['get', name])).stdout.toString() === value).toBe(true)
    }
  })

  it('by several processes at once fails for none of them, and moves each record once', async () => {
    const world = await open()
    const names = Array.from({ length: 30 }, (_, index) => `name${index}`)
    await world.sandbox.node(
      `import { LazyCred } from 'lazycred'; for (const name of ${JSON.stringify(names)}) await new LazyCred().put(name, name)`,
    )
    await world.configure({ bind_names: true })
    const action = `
      const { moved, alreadyRight, failed } = await new LazyCred().rewrap('all')
      console.error(failed[0], 'in all:', moved, moved + alreadyRight)`
    const told = (await runCrew(world.sandbox, 3, action)).map(({ stderr }) => stderr)
    const counts = told.map((stderr) => /undefined in all: (\d+) 30\n$/.exec(stderr)?.[1])
    const sum = counts.reduce((so, moved) => so + Number(moved), 0)
    expect(sum, told.join('')).toBe(30)
  })

  it('takes names or --all, and a dry run makes no master key', async () => {
    const { sandbox } = await open()
    for (const args of [[], ['--all', 'name'], ['--dry-run', '--new-master-key']]) {
      expect(await sandbox.lazycred(['rewrap', ...args])).toMatchObject({ status: 2, stdout: Buffer.alloc(0) })
    }
  })
})

describe('rewrap of many that fail', () => {
  it('ends with the summary, however slowly it is read', async () => {
    const { sandbox } = await (bothWorlds[1]?.open ?? expect.fail)()
    await sandbox.lazycred(['put', 'good'], { input: 'value' })
    await sandbox.shell('for each in $(seq 1500); do echo no record > vault/records/bad$each.json; done')
    const { stdout } = await sandbox.shell('lazycred rewrap --all 2>&1 | (sleep 3; tail -n 1)')
    expect(stdout.toString()).toBe('moved 0, already right 1, failed 1500\n')
  })
})

describe('rewrap --new-master-key', () => {
  it('moves every record of the local backend to a new master key', async () => {
    const { sandbox } = await (bothWorlds[1]?.open ?? expect.fail)()
    for (const name of ['a', 'b']) await sandbox.lazycred(['put', name], { input: name })
    await sandbox.shell('cp vault/master-key old-key')
    expect((await sandbox.lazycred(['rewrap', '--new-master-key'])).stderr).toBe('moved 2, already right 0, failed 0\n')
    for (const name of ['a', 'b']) expect((await sandbox.lazycred(['get', name])).stdout.toString()).toBe(name)
    await sandbox.shell('cp old-key vault/master-key')
    const { status, stderr } = await sandbox.lazycred(['get', 'a'])
    expect({ status, told: stderr.includes('WRONG_KMS_KEY') }).toEqual({ status: 1, told: true })
  })

  it('makes the first one of a folder that is new, and none where it is gone while there are records', async () => {
    const { sandbox } = await (bothWorlds[1]?.open ?? expect.fail)()
    expect(await sandbox.lazycred(['rewrap', '--new-master-key'])).toMatchObject({
      status: 0,
      stderr: 'moved 0, already right 0, failed 0\n',
    })
    expect((await sandbox.shell('wc -l < vault/master-key')).stdout.toString().trim()).toBe('1')
    await sandbox.lazycred(['put', 'db'], { input: 'value' })
    await sandbox.shell('mv vault/master-key backup')
    const { status, stderr } = await sandbox.lazycred(['rewrap', '--new-master-key'])
    expect({ status, told: stderr.includes('is gone\nBring it back from a backup') }).toEqual({ status: 1, told: true })
    expect((await sandbox.shell('ls vault')).stdout.toString()).toBe('records\n')
  })

  it('loses nothing where two of them and a put are at work at once', async () => {
    const { sandbox } = await (bothWorlds[1]?.open ?? expect.fail)()
    const names = Array.from({ length: 40 }, (_, index) => `name${index}`)
    const world = `const lazycred = new LazyCred(); const names = ${JSON.stringify(names)}`
    await sandbox.node(
      `import { LazyCred } from 'lazycred'; ${world}; for (const name of names) await lazycred.put(name, 'old')`,
    )
    const action = `${world}
      if (me === 0) for (const name of names.slice(20)) await lazycred.put(name, 'new')
      else await lazycred.rewrap('all', { newMasterKey: true }).catch((error) => { if (error.code !== 'STORAGE_ERROR') throw error })`
    expect((await runCrew(sandbox, 3, action)).map(({ status }) => status)).toEqual([0, 0, 0])
    expect(await sandbox.lazycred(['rewrap', '--all'])).toMatchObject({ status: 0 })
    // All are under the newest one by now: no other is needed.
    await sandbox.shell('tail -n 1 vault/master-key > newest && cp newest vault/master-key')
    for (const [index, name] of names.entries()) {
      expect((await sandbox.lazycred(['get', name])).stdout.toString()).toBe(index < 20 ? 'old' : 'new')
    }
  })

  it('is told on AWS to be made in KMS', async () => {
    const { sandbox } = await startStandIns()
    const { status, stderr } = await sandbox.lazycred(['rewrap', '--new-master-key'])
    expect({ status, told: stderr.includes('KMS keys are made in KMS') }).toEqual({ status: 4, told: true })
  })
})
