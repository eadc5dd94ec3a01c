/** A file that was found, and that somebody else could have planted, is refused with the command that mends it. */
import { chmod, chown, lchown, mkdir, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lookedIn } from '../support/config-sources.js'
import { getAsOrdinaryUser, IS_ROOT, OTHER_USER } from '../support/other-user.js'
import { outcome } from '../support/outcome.js'
import { makeSandbox, type Sandbox } from '../support/sandbox.js'

const USER = process.getuid?.() ?? 0
const CONTENT = '{"local": "/nowhere/found"}'
const FOUND = lookedIn('/nowhere/found')

/** Every source after the current folder is good, and must not be asked. */
async function amongGood(): Promise<Sandbox> {
  const sandbox = await makeSandbox({ LAZYCRED_LOCAL: '/nowhere/by-variable' })
  await sandbox.write('../../home/.lazycred', '{"local": "/nowhere/home"}')
  return sandbox
}

interface Refusal {
  readonly path: string
  readonly owner?: number
  readonly reason: RegExp
}

/** @returns the command that the refusal tells to run */
function expectRefusal(stderr: string, { path, owner = USER, reason }: Refusal): string {
  const [line = '', hint = '', ...more] = stderr.split('\n')
  const start = `ERROR:LazyCredLogger:Unable to get <Key: db>. CONFIG_UNTRUSTED: ${path} (owner: user ${owner}) `
  expect({ start: line.slice(0, start.length), more }).toEqual({ start, more: [''] })
  expect(line.slice(start.length)).toMatch(reason)
  expect(hint).toContain('LAZYCRED_CONFIG')
  return /run: (.+)$/.exec(hint)?.[1] ?? ''
}

async function expectMended(sandbox: Sandbox, refusal: Refusal, cwd = sandbox.cwd): Promise<void> {
  const { status, stdout, stderr } = outcome(await sandbox.lazycred(['get', 'db'], { cwd }))
  expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
  const command = expectRefusal(stderr, refusal)
  expect(command).not.toContain('sudo')
  expect(await sandbox.shell(command, { cwd: '/' })).toMatchObject({ status: 0, stderr: '' })
  expect(outcome(await sandbox.lazycred(['get', 'db'], { cwd }))).toEqual(FOUND)
}

const BY_FILE = /^could have been planted by someone else: everyone may write it$/
const BY_FOLDER = /^could have been planted by someone else: everyone may write the folder .+ above it$/

describe('a file that everyone may write', () => {
  it.each([0o666, 0o602, 0o777, 0o646])('is refused, and mended by the command that is told: mode %o', async (mode) => {
    const sandbox = await amongGood()
    const path = await sandbox.write('.lazycred', CONTENT, mode)
    await expectMended(sandbox, { path, reason: BY_FILE })
  })

  it.each(['../.lazycred', '../../home/.lazycred'])('is refused wherever it was found: %s', async (place) => {
    const sandbox = await makeSandbox({ LAZYCRED_LOCAL: '/nowhere/by-variable' })
    await expectMended(sandbox, { path: await sandbox.write(place, CONTENT, 0o666), reason: BY_FILE })
  })

  it('is refused before anything in it is looked at', async () => {
    const sandbox = await amongGood()
    const path = await sandbox.write('.lazycred', 'canary', 0o666)
    const { status, stderr } = await sandbox.lazycred(['get', 'db'])
    expect(status).toBe(4)
    expectRefusal(stderr, { path, reason: BY_FILE })
    expect(stderr).not.toContain('canary')
  })

  it('is refused to a put, which stores nothing anywhere', async () => {
    const sandbox = await amongGood()
    await sandbox.write('.lazycred', JSON.stringify({ local: 'store' }), 0o666)
    expect(await sandbox.lazycred(['put', 'db'], { input: 'value' })).toMatchObject({ status: 4 })
    expect(await sandbox.shell('ls -A')).toMatchObject({ stdout: Buffer.from('.lazycred\n') })
  })

  it('is refused by the library too', async () => {
    const sandbox = await amongGood()
    const path = await sandbox.write('.lazycred', CONTENT, 0o666)
    const result = await sandbox.node(`import { get } from 'lazycred'; console.log(await get('db'))`)
    expect(result).toMatchObject({ status: 0, stdout: Buffer.from('null\n') })
    expectRefusal(result.stderr, { path, reason: BY_FILE })
  })
})

describe('a folder that everyone may write', () => {
  it.each(['.', '..'])('is refused, and mended: %s', async (folder) => {
    const sandbox = await amongGood()
    const path = await sandbox.write('.lazycred', CONTENT)
    await chmod(join(sandbox.cwd, folder), 0o777)
    await expectMended(sandbox, { path, reason: BY_FOLDER })
  })

  it('is told together with all else that is wrong, and one line mends it all', async () => {
    const sandbox = await amongGood()
    const path = await sandbox.write('.lazycred', CONTENT, 0o666)
    for (const folder of ['.', '..']) await chmod(join(sandbox.cwd, folder), 0o777)
    await expectMended(sandbox, { path, reason: /everyone may write it, and everyone may write the folder .*, and / })
  })

  it.each(['it is', `it's "quoted" $(touch never)`, 'wéird ключ', '-n', '`touch never`', 'a\nb', 'a\u001b[2Kb'])(
    'is mended whatever its name: %j',
    async (name) => {
      const sandbox = await amongGood()
      const folder = join(sandbox.cwd, name)
      await mkdir(folder)
      const path = await sandbox.write(`${name}/.lazycred`, CONTENT, 0o666)
      await chmod(folder, 0o777)
      const shown = path.replace('\n', '\\u{a}').replace('\u001b', '\\u{1b}')
      await expectMended(sandbox, { path: shown, reason: /everyone may write it, and everyone may write/ }, folder)
    },
  )
})

describe('what only the user, root and their groups may write', () => {
  it.each([
    ['a file of mode 644', 0o644, 0o755],
    ['a file of mode 400', 0o400, 0o700],
    ['a file that the group may write', 0o664, 0o755],
    ['a folder that the group may write', 0o600, 0o775],
    ['a sticky folder, as /tmp is', 0o600, 0o1777],
  ])('is used: %s', async (_what, mode, folderMode) => {
    const sandbox = await amongGood()
    await sandbox.write('.lazycred', CONTENT, mode)
    await chmod(sandbox.cwd, folderMode)
    expect(outcome(await sandbox.lazycred(['get', 'db']))).toEqual(FOUND)
  })
})

describe('a link', () => {
  async function linked(mode: number): Promise<{ sandbox: Sandbox; link: string; target: string }> {
    const sandbox = await amongGood()
    const target = await sandbox.write('../../elsewhere/config.json', CONTENT, mode)
    const link = join(sandbox.cwd, '.lazycred')
    await symlink(target, link)
    return { sandbox, link, target }
  }

  it('to a file that is fine is fine, although every link has mode 777', async () => {
    const { sandbox } = await linked(0o600)
    expect(outcome(await sandbox.lazycred(['get', 'db']))).toEqual(FOUND)
  })

  it('to a file that everyone may write is refused, and the file is mended', async () => {
    const { sandbox, link } = await linked(0o666)
    await expectMended(sandbox, { path: link, reason: BY_FILE })
  })

  it('to a file in a folder that everyone may write is refused', async () => {
    const { sandbox, link, target } = await linked(0o600)
    await chmod(dirname(target), 0o777)
    await expectMended(sandbox, { path: link, reason: BY_FOLDER })
  })

  it('to a link in a folder that everyone may write is refused: it could be led elsewhere', async () => {
    const { sandbox, link, target } = await linked(0o600)
    const between = await makeBetween(sandbox, target)
    await rm(link)
    await symlink(between, link)
    await chmod(dirname(between), 0o777)
    await expectMended(sandbox, { path: link, reason: BY_FOLDER })
  })

  it('in a folder that everyone may write is refused: it could be led elsewhere', async () => {
    const { sandbox, link } = await linked(0o600)
    await chmod(sandbox.cwd, 0o777)
    await expectMended(sandbox, { path: link, reason: BY_FOLDER })
  })
})

/** A link that lies between. */
async function makeBetween(sandbox: Sandbox, target: string): Promise<string> {
  const between = join(sandbox.root, 'between/link')
  await mkdir(dirname(between))
  await symlink(target, between)
  return between
}

describe('a file that is replaced between being opened and being judged', () => {
  /** Somebody who is quick, in a folder that is everybody's. */
  const QUICK = `
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const { openSync } = fs
    fs.openSync = (path, ...others) => {
      const fd = openSync(path, ...others)
      if (path === process.cwd() + '/.lazycred') {
        fs.unlinkSync(path)
        fs.writeFileSync(path, 'another')
      }
      return fd
    }
    syncBuiltinESMExports()
    const { get } = await import('lazycred')
    console.log(await get('db'))`

  it('is refused', async () => {
    const sandbox = await amongGood()
    await chmod(sandbox.cwd, 0o1777)
    await symlink(await sandbox.write('../other.json', CONTENT), join(sandbox.cwd, '.lazycred'))
    const { stdout, stderr } = outcome(await sandbox.node(QUICK))
    expect(stdout).toBe('null\n')
    expect(stderr).toContain(`CONFIG_UNTRUSTED: ${sandbox.cwd}/.lazycred was replaced while it was looked at`)
  })
})

describe('a file that was named', () => {
  it.each([
    ['--config', (path: string) => ({ args: ['--config', path] })],
    ['LAZYCRED_CONFIG', (path: string) => ({ args: [], env: { LAZYCRED_CONFIG: path } })],
  ])('by %s is not questioned', async (_what, name) => {
    const sandbox = await amongGood()
    const path = await sandbox.write('open/named.json', CONTENT, 0o666)
    await chmod(dirname(path), 0o777)
    const { args, ...options } = name(path)
    expect(outcome(await sandbox.lazycred([...args, 'get', 'db'], options))).toEqual(FOUND)
  })
})

describe('a file that may not be read', () => {
  it('is an error, and nothing else is asked', async () => {
    const sandbox = await amongGood()
    // Nothing may be read by anybody of mode 000, but for root; who is another user here.
    const path = await sandbox.write('.lazycred', CONTENT, 0o000)
    const { stdout, stderr } = outcome(await getAsOrdinaryUser(sandbox))
    expect(stdout).toBe('null\n')
    expect(stderr).toMatch(/CONFIG_INVALID: .*: it cannot be read: permission denied \(EACCES\)\n$/)
    expect(stderr).toContain(path)
  })
})

/** Only root can give files away. */
describe.runIf(IS_ROOT)('owners', () => {
  const BY_OWNER = /^could have been planted by someone else: it belongs to neither you nor root$/

  it('root is told to take a stranger’s file, or to name it', async () => {
    const sandbox = await amongGood()
    const path = await sandbox.write('.lazycred', CONTENT)
    await chown(path, OTHER_USER, OTHER_USER)
    await expectMended(sandbox, { path, owner: OTHER_USER, reason: BY_OWNER })
  })

  it('a stranger’s file that everyone may write is mended by one line', async () => {
    const sandbox = await amongGood()
    const path = await sandbox.write('.lazycred', CONTENT, 0o666)
    await chown(path, OTHER_USER, OTHER_USER)
    await expectMended(sandbox, { path, owner: OTHER_USER, reason: /neither you nor root, and everyone may write it$/ })
  })

  it('a stranger’s link is refused, also where it leads to a file that is fine', async () => {
    const sandbox = await amongGood()
    await sandbox.write('config.json', CONTENT)
    const path = join(sandbox.cwd, '.lazycred')
    await symlink('config.json', path)
    await lchown(path, OTHER_USER, OTHER_USER)
    await expectMended(sandbox, {
      path,
      owner: OTHER_USER,
      reason: /the link .*lazycred belongs to user \d+, neither you nor root$/,
    })
  })

  it.each([
    ['to a link', 'between/link'],
    ['through a link to the folder', 'between/link/config.json'],
  ])('a stranger’s link is refused on the way as well: %s', async (_what, way) => {
    const sandbox = await amongGood()
    const target = await sandbox.write('config.json', CONTENT)
    const between = await makeBetween(sandbox, way.endsWith('json') ? sandbox.cwd : target)
    await chmod(dirname(between), 0o1777)
    await lchown(between, OTHER_USER, OTHER_USER)
    const path = join(sandbox.cwd, '.lazycred')
    await symlink(join(sandbox.root, way), path)
    await expectMended(sandbox, { path, owner: OTHER_USER, reason: /the link .*between\/link belongs to user \d+/ })
  })

  it('a stranger’s link in the place of the home folder is refused', async () => {
    const sandbox = await makeSandbox()
    await sandbox.write('../../home/.lazycred', CONTENT)
    const between = await makeBetween(sandbox, sandbox.home)
    await lchown(between, OTHER_USER, OTHER_USER)
    const { status, stderr } = await sandbox.lazycred(['get', 'db'], { env: { HOME: between } })
    expect(status).toBe(4)
    expectRefusal(stderr, {
      path: `${between}/.lazycred`,
      owner: OTHER_USER,
      reason: /the link .*between\/link belongs/,
    })
  })

  it.each([
    ['root’s file', 0],
    ['their own file', OTHER_USER],
  ])('another user may use %s', async (_what, owner) => {
    const sandbox = await amongGood()
    await chown(await sandbox.write('.lazycred', CONTENT, 0o644), owner, owner)
    expect(outcome(await getAsOrdinaryUser(sandbox))).toEqual({ ...FOUND, status: 0, stdout: 'null\n' })
  })

  it.each([0o644, 0o600])(
    'another user is refused a third one’s file, and it takes sudo to mend it: mode %o',
    async (mode) => {
      const sandbox = await amongGood()
      const path = await sandbox.write('.lazycred', CONTENT, mode)
      await chown(path, OTHER_USER - 1, OTHER_USER - 1)
      const { stdout, stderr } = outcome(await getAsOrdinaryUser(sandbox))
      expect(stdout).toBe('null\n')
      const command = expectRefusal(stderr, { path, owner: OTHER_USER - 1, reason: BY_OWNER })
      expect(command).toBe(`sudo chown ${OTHER_USER} ${path}`)
      expect(await sandbox.shell(command.replace('sudo ', ''))).toMatchObject({ status: 0, stderr: '' })
      expect(outcome(await getAsOrdinaryUser(sandbox))).toEqual({ ...FOUND, status: 0, stdout: 'null\n' })
    },
  )
})
