/** The largest value. A process of its own holds it, so that this one does not have to. */
import { describe, expect, it } from 'vitest'
import { makeFolderSandbox } from '../support/local.js'
import { DONE, outcome } from '../support/outcome.js'

describe('a value of 256 MiB', () => {
  it('is stored and read back; one byte more is refused, and the old one stays', async () => {
    const { node } = await makeFolderSandbox()
    const source = `
      import { LazyCred } from 'lazycred'
      const lazycred = new LazyCred()
      const value = Buffer.alloc(256 * 1024 * 1024 + 1, 'The gold is at the post office. ')
      await lazycred.put('large', value.subarray(1))
      const { code } = await lazycred.put('large', value).catch((error) => error)
      const found = await lazycred.getBytes('large')
      console.log(code, found.equals(value.subarray(1)))`
    expect(outcome(await node(source))).toEqual({ ...DONE, stdout: 'VALUE_TOO_LARGE true\n' })
  })
})
