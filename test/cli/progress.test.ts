import { describe, expect, it } from 'vitest'
import { makeFolderSandbox } from '../support/local.js'
import { Pty } from '../support/pty.js'

describe('lazycred rewrap', () => {
  it('shows how far it is at a terminal, and cleans up behind itself', async () => {
    const vault = await makeFolderSandbox()
    for (const name of ['a', 'b', 'c']) await vault.library.put(name, name)
    const pty = new Pty('lazycred rewrap --new-master-key', vault)
    expect(await pty.end()).toBe(0)
    expect(pty.shown).toMatch(/\[=*-*\] \d of 4/)
    expect(pty.shown.trimEnd().endsWith('moved 3, already right 0, failed 0')).toBe(true)
  })

  it('shows no bar elsewhere, nor for names', async () => {
    const vault = await makeFolderSandbox()
    await vault.library.put('a', 'a')
    expect((await vault.lazycred(['rewrap', '--all'])).stderr).toBe('moved 0, already right 1, failed 0\n')
    const pty = new Pty('lazycred rewrap a', vault)
    expect(await pty.end()).toBe(0)
    expect(pty.shown.trimEnd()).toBe('moved 0, already right 1, failed 0')
  })
})
