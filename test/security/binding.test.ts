/** SECURITY.md: who writes the bucket cannot pass one secret off as another where names are bound. */
import { describe, expect, it } from 'vitest'
import { bothWorlds, type SecretsWorld } from '../support/both-worlds.js'
import type { RunResult } from '../support/run.js'
import { startStandIns } from '../support/stand-ins.js'

const bound = { bind_names: true }

async function value(world: SecretsWorld, name: string, fields: object): Promise<string> {
  await world.configure(fields)
  const { status, stdout, stderr } = await world.sandbox.lazycred(['get', name])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.toString()
}

async function put(world: SecretsWorld, name: string, input: string, fields: object): Promise<void> {
  await world.configure(fields)
  expect(await world.sandbox.lazycred(['put', name], { input })).toMatchObject({ status: 0, stderr: '' })
}

async function refusedGet(world: SecretsWorld, name: string, fields: object): Promise<RunResult> {
  await world.configure(fields)
  const result = await world.sandbox.lazycred(['get', name])
  expect({ status: result.status, stdout: result.stdout.toString() }).toEqual({ status: 1, stdout: '' })
  expect(result.stderr).toContain('. CONTEXT_MISMATCH: the record does not open')
  return result
}

describe.each(bothWorlds)('on $name, with bind_names', ({ open }) => {
  it('a record opens under its own name and no other', async () => {
    const world = await open()
    await put(world, 'mine', 'value', bound)
    expect(await value(world, 'mine', bound)).toBe('value')
    await world.write('other', await world.read('mine'))
    expect((await refusedGet(world, 'other', bound)).stderr).toMatch(/other: it was copied from another place/)
  })

  it('an unbound record is refused, with the hint to rewrap it, and rewrap binds it', async () => {
    const world = await open()
    await put(world, 'old', 'value', {})
    expect((await refusedGet(world, 'old', bound)).stderr).toContain('lazycred rewrap')
    const { status, stderr } = await world.sandbox.lazycred(['rewrap', 'old'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'moved 1, already right 0, failed 0\n' })
    expect(await value(world, 'old', bound)).toBe('value')
  })

  it('a bound record is refused without the field, with a hint at it, and rewrap turns it back', async () => {
    const world = await open()
    await put(world, 'name', 'value', bound)
    expect((await refusedGet(world, 'name', {})).stderr).toContain('"bind_names": true')
    expect((await world.sandbox.lazycred(['rewrap', '--all'])).stderr).toBe('moved 1, already right 0, failed 0\n')
    expect(await value(world, 'name', {})).toBe('value')
  })

  it('further pairs must be the same, in whatever order', async () => {
    const world = await open()
    await put(world, 'name', 'value', { ...bound, encryption_context: { app: 'web', stage: 'live' } })
    expect(await value(world, 'name', { ...bound, encryption_context: { stage: 'live', app: 'web' } })).toBe('value')
    await refusedGet(world, 'name', { ...bound, encryption_context: { stage: 'test', app: 'web' } })
    await refusedGet(world, 'name', bound)
  })

  it('token and key of two records do not go together', async () => {
    const world = await open()
    await put(world, 'one', 'first', bound)
    await put(world, 'two', 'second', bound)
    const records = [await world.read('one'), await world.read('two')]
    const [one, two] = records.map((bytes) => JSON.parse(bytes.toString()) as Record<string, string>)
    await world.write('two', Buffer.from(JSON.stringify({ data: one?.['data'], key: two?.['key'] })))
    const { status, stdout, stderr } = await world.sandbox.lazycred(['get', 'two'])
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain('RECORD_DAMAGED')
  })

  it('a name cannot rewrite the line, or the terminal, that tells of it', async () => {
    const world = await open()
    const name = 'other\u001b[2J\nERROR:all is well'
    await put(world, 'mine', 'value', {})
    await world.write(name, await world.read('mine'))
    const { stderr } = await refusedGet(world, name, bound)
    expect(stderr).not.toContain('\u001b')
    expect(stderr.match(/^ERROR/gm)).toHaveLength(1)
  })
})

it('on AWS, with bind_names, a record opens below no other prefix and in no other bucket, and rewrap does not bind it there', async () => {
  const { s3, sandbox } = await startStandIns()
  s3.createBucket('other')
  const env = { LAZYCRED_BIND_NAMES: 'true' }
  await sandbox.lazycred(['put', 'db'], { input: 'value', env })
  const record = s3.readObject('vault', 'team/db') ?? Buffer.alloc(0)
  for (const [bucket, path] of [
    ['vault', 'db'],
    ['vault', 'team2/db'],
    ['other', 'team/db'],
  ] as const) {
    s3.writeObject(bucket, path, Buffer.from(record))
    const elsewhere = { env: { ...env, LAZYCRED_S3_PATH: `${bucket}/${path.slice(0, -2)}` } }
    for (const verb of ['get', 'rewrap']) {
      const { status, stdout, stderr } = await sandbox.lazycred([verb, 'db'], elsewhere)
      expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' })
      expect(stderr).toContain(`CONTEXT_MISMATCH: the record does not open as ${bucket}/${path}: it was copied`)
    }
    expect(s3.readObject(bucket, path)).toEqual(record)
  }
})
