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

/** Where process ids mean something. */
function here(): string {
  try {
    return `${hostname()}/${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname()
  }
}
