/** The lock beside a record: what is left of a dead process holds nobody up for long. */
import { writeFile } from 'node:fs/promises'
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { makeFolderSandbox, treeOf } from '../support/local.js'

describe('a lock that was left behind', () => {
  it.each([
    ['by a process that died while writing its name', ''],
    ['by a process of this machine that is dead', `${here()} 999999999 token`],
  ])('%s is taken over', async (_what, content) => {
    const { folder, library, recordOf } = await makeFolderSandbox()
    await library.put('db', 'old')
    const before = Object.keys(await treeOf(folder))
    await writeFile(`${recordOf('db')}.lock`, content)
    const all = ['a', 'b', 'c'].map((value) => library.put('db', value))
    await Promise.all(all)
    expect(['a', 'b', 'c']).toContain(await library.get('db'))
    expect(Object.keys(await treeOf(folder))).toEqual(before)
  })
})

describe('a lock that was left behind and taken over by somebody else', () => {
  it('at the very moment that it is moved away is theirs until they release it', async () => {
    const { library, recordOf, node } = await makeFolderSandbox()
    await library.put('db', 'old')
    const lock = `${recordOf('db')}.lock`
    await writeFile(lock, `${here()} 999999999 token`)
    const { stdout, stderr } = await node(`
      import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      const lock = ${JSON.stringify(lock)}
      const order = []
      const { rename } = fs.promises
      const release = () => { order.push('released'); fs.rmSync(lock, { force: true }) }
      fs.promises.rename = (from, to) => {
        if (from !== lock) order.push('stored')
        else if (order.length === 0) {
          order.push('taken over')
          fs.writeFileSync(lock, 'elsewhere 1 fresh')
          setTimeout(release, 500)
        }
        return rename(from, to)
      }
      syncBuiltinESMExports()
      const { LazyCred } = await import('lazycred')
      await new LazyCred().put('db', 'new')
      process.on('exit', () => console.log(order.join(', ')))`)
    expect(stderr).toBe('')
    expect(stdout.toString()).toBe('taken over, released, stored\n')
  })
})

/** Where process ids mean something. */
function here(): string {
  try {
    return `${hostname()}/${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}
