/** Files in odd places, files that cannot be read, and what only looks like a file. */
import { mkdir, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ABOVE, HERE, HOME, lookedIn, NAMED_BY_VARIABLE } from '../support/config-sources.js'
import { outcome } from '../support/outcome.js'
import { makeSandbox } from '../support/sandbox.js'
import { amongGood, CANARY, expectRefusal } from './refusal.js'

describe('wherever it lies', () => {
  it.each([NAMED_BY_VARIABLE, HERE, ABOVE, HOME])('a bad file is named: $what', async (source) => {
    const sandbox = await makeSandbox({ LAZYCRED_LOCAL: '/nowhere' })
    const { env = {} } = await source.plant(sandbox, `["${CANARY}"]`)
    const { status, stdout, stderr } = outcome(await sandbox.lazycred(['get', 'db'], { env }))
    const path = env['LAZYCRED_CONFIG'] ?? join(sandbox.cwd, source.folder, '.lazycred')
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
    expect(stderr).toContain(`CONFIG_INVALID: ${path}: it must be an object`)
    expect(stderr).not.toContain(CANARY)
  })

  it('a path with control characters cannot forge lines', async () => {
    const sandbox = await makeSandbox()
    const folder = join(sandbox.cwd, 'a\nERROR:forged\u001b[2K')
    await mkdir(folder)
    await sandbox.write('a\nERROR:forged\u001b[2K/.lazycred', '[]')
    const { status, stderr } = await sandbox.lazycred(['get', 'db'], { cwd: folder })
    expect(status).toBe(4)
    expect(stderr).toContain('a\\u{a}ERROR:forged\\u{1b}[2K/.lazycred: it must be an object')
  })
})

describe('what cannot be read is refused', () => {
  it('a link to nothing', async () => {
    const sandbox = await amongGood()
    await symlink('nothing', join(sandbox.cwd, '.lazycred'))
    await expectRefusal(sandbox, { path: `${sandbox.cwd}/.lazycred`, reason: /cannot be read: .*\(ENOENT\)/ })
  })

  it('a link that leads round in a circle', async () => {
    const sandbox = await amongGood()
    await symlink('.lazycred', join(sandbox.cwd, '.lazycred'))
    await expectRefusal(sandbox, { path: `${sandbox.cwd}/.lazycred`, reason: /cannot be read: .*\(ELOOP\)/ })
  })

  it('a link through what is no folder', async () => {
    const sandbox = await amongGood()
    await symlink(join(await sandbox.write('file', CANARY), 'deeper'), join(sandbox.cwd, '.lazycred'))
    await expectRefusal(sandbox, { path: `${sandbox.cwd}/.lazycred`, reason: /cannot be read: .*\(ENOTDIR\)/ })
  })

  it.each([
    ['is not there', 'nothing', 'there is no such file'],
    ['is a folder', '.', 'it is a folder'],
    ['lies below a file', 'file/deeper', /cannot be read: .*\(ENOTDIR\)/],
    ['is a link to nothing', 'link', /cannot be read: .*\(ENOENT\)/],
  ])('a file that was named and %s', async (_what, name, reason) => {
    const sandbox = await amongGood()
    await HERE.plant(sandbox, '{"local": "good"}')
    await sandbox.write('file', CANARY)
    await symlink('nothing', join(sandbox.cwd, 'link'))
    const path = join(sandbox.cwd, name)
    const start = `ERROR:LazyCredLogger:Unable to get <Key: db>. CONFIG_INVALID: ${path}: `
    for (const run of [{ args: ['--config', name] }, { args: [], env: { LAZYCRED_CONFIG: name } }]) {
      const { status, stdout, stderr } = outcome(await sandbox.lazycred([...run.args, 'get', 'db'], run))
      expect({ status, stdout, start: stderr.slice(0, start.length) }).toEqual({ status: 4, stdout: '', start })
      expect(stderr.slice(start.length)).toMatch(reason)
    }
  })
})

describe('what is neither file nor folder is refused, and holds nobody up', () => {
  it.each([
    ['a pipe that nobody writes to', 'mkfifo .lazycred'],
    ['a link to a pipe', 'mkfifo pipe && ln -s pipe .lazycred'],
    ['a link to a device', 'ln -s /dev/null .lazycred'],
    ['a link to one that never ends', 'ln -s /dev/zero .lazycred'],
  ])('%s', async (_what, prepare) => {
    const sandbox = await amongGood()
    expect(await sandbox.shell(prepare)).toMatchObject({ status: 0 })
    const reason = /^it is neither a file nor a folder$/
    await expectRefusal(sandbox, { path: `${sandbox.cwd}/.lazycred`, reason })
  })

  it('a socket', async () => {
    const sandbox = await amongGood()
    const server = createServer().listen(join(sandbox.cwd, '.lazycred'))
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    await expectRefusal(sandbox, { path: `${sandbox.cwd}/.lazycred`, reason: /cannot be read: .*\(ENXIO\)/ })
  })
})

it('is opened so that a link to somebody’s terminal does not become the terminal of a service', async () => {
  const sandbox = await amongGood()
  await HERE.plant(sandbox, '{"local": "/nowhere/here"}')
  // A real one would end the session that these tests run in, where that has none.
  const { stdout } = await sandbox.node(`
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const { openSync, constants } = fs
    fs.openSync = (path, flags, ...others) => {
      if (path.endsWith('.lazycred')) console.log((flags & constants.O_NOCTTY) !== 0)
      return openSync(path, flags, ...others)
    }
    syncBuiltinESMExports()
    const { get } = await import('lazycred')
    await get('db')`)
  expect(stdout.toString()).toBe('true\n')
})

describe('a path that is not UTF-8, for which Node has no name', () => {
  const REASON = /^the path is not UTF-8, so what lies there cannot be found$/
  // As bytes, which only a shell can give.
  const FOLDER = `"$(printf 'b\\377d')"`

  it.each([
    ['the current folder', `mkdir ${FOLDER} && cd ${FOLDER} && echo '{"local": "/nowhere/here"}' > .lazycred`, ''],
    ['a folder above it', `mkdir -p ${FOLDER}/deep && cd ${FOLDER} && touch .lazycred && cd deep`, '/deep'],
    [
      'the home folder',
      `rm -f ../.lazycred && mkdir ${FOLDER} && export HOME="$PWD/"${FOLDER} && touch "$HOME/.lazycred"`,
      '',
    ],
  ])('is an error, and nothing else is asked: %s', async (_what, prepare, below) => {
    const { cwd, shell } = await amongGood()
    const { status, stdout, stderr } = outcome(await shell(`${prepare} && lazycred get db`))
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
    const [line = ''] = stderr.split('\n')
    const start = `ERROR:LazyCredLogger:Unable to get <Key: db>. CONFIG_INVALID: ${cwd}/b\ufffdd${below}/.lazycred: `
    expect(line.slice(0, start.length)).toBe(start)
    expect(line.slice(start.length)).toMatch(REASON)
  })

  it('is no place for a local folder: it would be made elsewhere', async () => {
    const { shell } = await makeSandbox()
    const line = `LAZYCRED_LOCAL="$PWD/"${FOLDER} lazycred put db`
    expect(await shell(line, { input: 'value' })).toMatchObject({ status: 4 })
    expect(await shell('ls -A')).toMatchObject({ stdout: Buffer.alloc(0) })
  })
})

describe('a folder is no file, and passed over', () => {
  it('where it is named .lazycred', async () => {
    const sandbox = await amongGood()
    await mkdir(join(sandbox.cwd, '.lazycred'))
    expect(outcome(await sandbox.lazycred(['get', 'db']))).toEqual(lookedIn(join(sandbox.cwd, '../good')))
  })

  it('where a link leads to it', async () => {
    const sandbox = await amongGood()
    await symlink('..', join(sandbox.cwd, '.lazycred'))
    expect(outcome(await sandbox.lazycred(['get', 'db']))).toEqual(lookedIn(join(sandbox.cwd, '../good')))
  })
})

it('a file that was named may be a pipe, as shells make them', async () => {
  const { shell } = await amongGood()
  const result = await shell(`lazycred --config <(echo '{"local": "/nowhere/by-pipe"}') get db`)
  expect(outcome(result)).toEqual(lookedIn('/nowhere/by-pipe'))
})
