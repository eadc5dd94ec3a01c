/** When the search is made: at the first call, and again after `setConfig(null)`. */
import { expect, it } from 'vitest'
import { IS_ROOT, OTHER_USER } from '../support/other-user.js'
import { outcome, printed } from '../support/outcome.js'
import { makeSandbox, type Sandbox } from '../support/sandbox.js'

async function withTwoFolders(): Promise<Sandbox> {
  const sandbox = await makeSandbox()
  for (const folder of ['one', 'two']) {
    await sandbox.write(`${folder}/.lazycred`, '{"local": "store"}')
    const put = await sandbox.lazycred(['put', 'db'], { cwd: `${sandbox.cwd}/${folder}`, input: folder })
    expect(put).toMatchObject({ status: 0, stderr: '' })
  }
  return sandbox
}

const imports = `
  import { get, LazyCred, setConfig } from 'lazycred'
  import { rmSync, writeFileSync } from 'node:fs'
  const say = async () => console.log(await get('db'))`

it('setConfig(null) searches afresh: from the folder that is current now, in the files as they are now', async () => {
  const { node } = await withTwoFolders()
  const source = `${imports}
    process.chdir('one'); await say()
    setConfig(null); process.chdir('../two'); await say()
    writeFileSync('.lazycred', '{"local": "../one/store"}'); setConfig(null); await say()
    rmSync('.lazycred'); process.env.LAZYCRED_LOCAL = 'store'; setConfig(null); await say()`
  expect(outcome(await node(source))).toEqual(printed('one\ntwo\none\ntwo\n'))
})

it('a search that found something counts until then, wherever the process goes', async () => {
  const { node } = await withTwoFolders()
  const source = `${imports}
    process.chdir('one'); const one = new LazyCred(); await one.get('db'); await say()
    process.chdir('../two'); rmSync('../one/.lazycred'); await say()
    console.log(await one.get('db'), await new LazyCred().get('db'))`
  expect(outcome(await node(source))).toEqual(printed('one\none\none two\n'))
})

it.each(['', 'relative'])('a HOME that is no whole path is passed over: %j', async (home) => {
  const { lazycred, write } = await makeSandbox({ HOME: home, LAZYCRED_LOCAL: '/nowhere' })
  await write('relative/.lazycred', 'not a configuration')
  expect(await lazycred(['get', 'db'])).toMatchObject({ status: 3 })
})

// As in a container that runs as any number: only root can become one.
it.runIf(IS_ROOT)('a user whom the machine does not know, with no HOME, has no home folder to look in', async () => {
  const { node } = await makeSandbox()
  const source = `import { LazyCred } from 'lazycred'
    delete process.env.HOME
    process.chdir('/')
    process.setuid(${OTHER_USER - 7})
    await new LazyCred().get('db').catch(({ message }) => console.log(message))`
  const { status, stdout, stderr } = outcome(await node(source))
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/CONFIG_MISSING: there is no \.lazycred in \/, any folder above it, and neither /)
})
