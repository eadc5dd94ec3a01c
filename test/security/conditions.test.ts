/** SECURITY.md: writers do not trample on each other where they ask not to. */
import { describe, expect, it } from 'vitest'
import { httpAnswer, startWire } from '../support/aws/wire.js'
import { bothWorlds } from '../support/both-worlds.js'
import { runCrew } from '../support/crew.js'
import type { Sandbox } from '../support/sandbox.js'
import { startStandIns } from '../support/stand-ins.js'

const LOOPS = 100
const CREW = 10

describe.each(bothWorlds)('on $name', ({ open }) => {
  it('put --if-absent stores the first and refuses the second', async () => {
    const { sandbox } = await open()
    const args = ['put', '--if-absent', 'name']
    expect(await sandbox.lazycred(args, { input: 'first' })).toMatchObject({ status: 0, stderr: '' })
    const { status, stdout, stderr } = await sandbox.lazycred(args, { input: 'second' })
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain('. CONDITION_FAILED: ')
    expect((await sandbox.lazycred(['get', 'name'])).stdout.toString()).toBe('first')
  })

  it('put --if-match stores over the etag that get told of, and over no other, nor over nothing', async () => {
    const { sandbox } = await open()
    await sandbox.lazycred(['put', 'name'], { input: 'first' })
    expect((await sandbox.lazycred(['get', '--etag', 'tag', 'name'])).stdout.toString()).toBe('first')
    const put = (name: string) => sandbox.shell(`echo next | lazycred put --if-match "$(cat tag)" ${name}`)
    expect(await put('name')).toMatchObject({ status: 0, stderr: '' })
    for (const name of ['name', 'nothing']) {
      const { status, stderr } = await put(name)
      expect(status).toBe(1)
      expect(stderr).toContain('. CONDITION_FAILED: ')
    }
    expect((await sandbox.lazycred(['get', 'name'])).stdout.toString()).toBe('next\n')
    expect((await sandbox.lazycred(['get', 'nothing'])).status).toBe(3)
  })

  it(`${LOOPS} loops of reading, adding one and writing lose no update`, async () => {
    const { sandbox } = await open()
    const { status, stderr } = await sandbox.node(
      `import { LazyCred } from 'lazycred'
       await new LazyCred().put('counter', '0', { ifAbsent: true })
       const loop = async (lazycred) => {
         for (let tries = 0; tries < 2000; tries++) {
           const { value, etag } = await lazycred.getVersioned('counter')
           try {
             await lazycred.put('counter', String(Number(value.toString()) + 1), { ifMatch: etag })
             return
           } catch (error) {
             if (error.code !== 'CONDITION_FAILED') throw error
             await new Promise((resolve) => setTimeout(resolve, Math.random() * 200))
           }
         }
         throw new Error('never got through')
       }
       const four = Array.from({ length: 4 }, () => new LazyCred())
       await Promise.all(Array.from({ length: ${LOOPS} }, (_, index) => loop(four[index % 4])))`,
      { limitMs: 100_000, env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' } },
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect((await sandbox.lazycred(['get', 'counter'])).stdout.toString()).toBe(String(LOOPS))
  })

  it(`${LOOPS} such loops in ${CREW} processes lose none either`, async () => {
    const { sandbox } = await open()
    await sandbox.lazycred(['put', 'counter'], { input: '0' })
    const crew = await runCrew(
      { ...sandbox, env: { ...sandbox.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' } },
      CREW,
      `const lazycred = new LazyCred()
       for (let left = ${LOOPS / CREW}, tries = 0; left > 0; tries++) {
         if (tries > 2000) throw new Error('never got through')
         const { value, etag } = await lazycred.getVersioned('counter')
         const next = String(Number(value.toString()) + 1)
         await lazycred.put('counter', next, { ifMatch: etag }).then(
           () => left--,
           (error) => {
             if (error.code !== 'CONDITION_FAILED') throw error
             return new Promise((resolve) => setTimeout(resolve, Math.random() * 50))
           },
         )
       }`,
    )
    expect(crew.filter(({ status, stderr }) => status !== 0 || stderr !== '')).toEqual([])
    expect((await sandbox.lazycred(['get', 'counter'])).stdout.toString()).toBe(String(LOOPS))
  })

  it('put --if-match takes the etag with the quotes of its header too', async () => {
    const { sandbox } = await open()
    await sandbox.lazycred(['put', 'name'], { input: 'first' })
    await sandbox.lazycred(['get', '--etag', 'tag', 'name'])
    const line = `printf next | lazycred put --if-match '"'"$(cat tag)"'"' name`
    expect(await sandbox.shell(line)).toMatchObject({ status: 0, stderr: '' })
    expect((await sandbox.lazycred(['get', 'name'])).stdout.toString()).toBe('next')
  })

  it.each(['', '""', '*', '"*"', 'two\nlines', '\u2713'])(
    'put --if-match refuses %j, which is no etag',
    async (etag) => {
      const { sandbox } = await open()
      await sandbox.lazycred(['put', 'name'], { input: 'first' })
      const { status, stderr } = await sandbox.lazycred(['put', '--if-match', etag, 'name'], { input: 'next' })
      expect({ status, told: stderr.includes('. CONDITION_FAILED: no secret has that etag') }).toEqual({
        status: 1,
        told: true,
      })
      expect((await sandbox.lazycred(['get', 'name'])).stdout.toString()).toBe('first')
    },
  )

  it('both conditions at once are wrong usage', async () => {
    const { sandbox } = await open()
    const args = ['put', '--if-absent', '--if-match', 'x', 'name']
    expect(await sandbox.lazycred(args, { input: 'value' })).toMatchObject({ status: 2 })
  })
})

describe('a conditional write on S3', () => {
  it('goes through when S3 asks to send it again', async () => {
    const { s3, sandbox } = await startStandIns()
    s3.inject({ kind: 'error', status: 409, code: 'ConditionalRequestConflict' }, { operation: 'PutObject', times: 2 })
    expect(await sandbox.lazycred(['put', '--if-absent', 'db'], { input: 'value' })).toMatchObject({ status: 0 })
  })

  it('that fails is told as such also to who may not read', async () => {
    const { s3, sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'value' })
    s3.inject({ kind: 'error', status: 403, code: 'AccessDenied' }, { operation: 'GetObject' })
    const { status, stderr } = await sandbox.lazycred(['put', '--if-absent', 'db'], { input: 'other' })
    expect({ status, told: stderr.includes('. CONDITION_FAILED: ') }).toEqual({ status: 1, told: true })
  })

  it('that fails without a word of why is told as such too', async () => {
    const { s3, sandbox } = await startStandIns()
    s3.inject({ kind: 'error', status: 412, code: '' }, { operation: 'PutObject' })
    const { status, stderr } = await sandbox.lazycred(['put', '--if-absent', 'db'], { input: 'value' })
    expect({ status, told: stderr.includes('. CONDITION_FAILED: ') }).toEqual({ status: 1, told: true })
  })

  it.each([
    ['--if-absent', '409 Conflict'],
    ['--if-match=0123456789abcdef', '409 Conflict'],
    ['--if-match=0123456789abcdef', '404 Not Found'],
    ['--if-match=0123456789abcdef', '412 Precondition Failed'],
  ])('that fails without a body is told as such too: %s, %s', async (condition, status) => {
    const { sandbox } = await startStandIns()
    const { url, count } = await startWire(
      httpAnswer(status, { 'Content-Length': '0', Connection: 'close' }, ''),
      'end',
    )
    const put = ['put', condition, 'db']
    const run = await sandbox.lazycred(put, { input: 'value', env: { AWS_ENDPOINT_URL_S3: url } })
    expect({ status: run.status, told: run.stderr.includes('. CONDITION_FAILED: ') }).toEqual({ status: 1, told: true })
    expect(count()).toBeLessThan(20)
  })

  it('is not told as refused because something that is not S3 knows no such path', async () => {
    const { sandbox } = await startStandIns()
    const { url } = await startWire(httpAnswer('404 Not Found', { 'Content-Length': '0' }, ''), 'end')
    const env = { AWS_ENDPOINT_URL_S3: url }
    const { stderr } = await sandbox.lazycred(['put', '--if-absent', 'db'], { input: 'value', env })
    expect(stderr).toContain('. SERVICE_ERROR: ')
  })

  it('that S3 asks to send again for ever comes to an end', async () => {
    const { s3, sandbox } = await startStandIns()
    await sandbox.lazycred(['put', 'db'], { input: 'old' })
    s3.inject({ kind: 'error', status: 409, code: 'ConditionalRequestConflict' }, { operation: 'PutObject' })
    const { status, stderr } = await sandbox.lazycred(['put', '--if-absent', 'db'], { input: 'value' })
    expect({ status, told: stderr.includes('. CONDITION_FAILED: ') }).toEqual({ status: 1, told: true })
    expect(s3.requests.filter(({ operation }) => operation === 'PutObject').length).toBeLessThan(12)
    expect((await sandbox.lazycred(['get', 'db'])).stdout.toString()).toBe('old')
  })

  it('that may have failed because of itself says that this is not known', async () => {
    const { s3, sandbox } = await startStandIns()
    s3.inject({ kind: 'reset', at: 'body' }, { operation: 'PutObject', times: 1 })
    s3.inject({ kind: 'error', status: 403, code: 'AccessDenied' }, { operation: 'GetObject' })
    const { status, stderr } = await sandbox.lazycred(['put', '--if-absent', 'db'], { input: 'value' })
    expect(status).toBe(1)
    expect(stderr).toMatch(/\. CONDITION_FAILED: .*\nIt was sent twice, .* not known/)
    expect(s3.listObjects('vault')).toHaveLength(1)
  })

  it('is not refused because of itself, when its answer was lost and it was sent again', async () => {
    const { s3, sandbox } = await startStandIns()
    s3.inject({ kind: 'reset', at: 'body' }, { operation: 'PutObject', times: 1 })
    const put = await sandbox.lazycred(['put', '--if-absent', 'db'], { input: 'value' })
    expect(put).toMatchObject({ status: 0, stderr: '' })
    expect((await sandbox.lazycred(['get', 'db'])).stdout.toString()).toBe('value')
  })

  it('is all that a bucket takes whose policy asks for conditions', async () => {
    const { s3, sandbox } = await startStandIns()
    s3.createBucket('strict', { requireConditions: true })
    const env = { LAZYCRED_S3_PATH: 'strict/' }
    const put = (value: string, ...condition: string[]) =>
      sandbox.lazycred(['put', 'db', ...condition], { input: value, env })
    const { status, stderr } = await put('first')
    expect(status).toBe(1)
    expect(stderr).toContain('. ACCESS_DENIED: ')
    expect(s3.listObjects('strict')).toEqual([])
    expect(await put('first', '--if-absent')).toMatchObject({ status: 0, stderr: '' })
    await sandbox.lazycred(['get', '--etag', 'tag', 'db'], { env })
    const etag = (await sandbox.shell('cat tag')).stdout.toString().trim()
    expect(await put('second', '--if-match', etag)).toMatchObject({ status: 0, stderr: '' })
    expect((await sandbox.lazycred(['get', 'db'], { env })).stdout.toString()).toBe('second')
  })
})

describe('what a put gives back', () => {
  const source = `
    import { LazyCred } from 'lazycred'
    const lazycred = new LazyCred()
    const versions = [await lazycred.put('db', 'same'), await lazycred.put('db', 'same')]
    const { value, ...read } = await lazycred.getVersioned('db')
    console.log(JSON.stringify([...versions, read]))`

  async function versions(sandbox: Sandbox, env: Record<string, string> = {}): Promise<Record<string, string>[]> {
    return JSON.parse((await sandbox.node(source, { env })).stdout.toString()) as Record<string, string>[]
  }

  it('is another etag and another versionId each time in a bucket that keeps versions, and a get tells the last', async () => {
    const { s3, sandbox } = await startStandIns()
    s3.createBucket('kept', { versioned: true })
    const [first, second, read] = await versions(sandbox, { LAZYCRED_S3_PATH: 'kept/' })
    expect(read).toEqual(second)
    for (const each of [first, second]) expect(Object.keys(each ?? {})).toEqual(['etag', 'versionId'])
    expect(first?.['etag']).toMatch(/^[^"]+$/)
    expect(first?.['etag']).not.toBe(second?.['etag'])
    expect(first?.['versionId']).not.toBe(second?.['versionId'])
  })

  it.each(bothWorlds)('is an etag and no versionId where none are kept, as on $name', async ({ open }) => {
    const [first, second, read] = await versions((await open()).sandbox)
    expect(read).toEqual(second)
    for (const each of [first, second]) expect(Object.keys(each ?? {})).toEqual(['etag'])
    expect(first?.['etag']).not.toBe(second?.['etag'])
  })
})
