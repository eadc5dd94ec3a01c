/** 100 MiB. Processes of their own hold them, so that this one does not have to. */
import { expect, it } from 'vitest'
import { outcome, printed } from '../support/outcome.js'
import { describeEverywhere } from '../support/places.js'

const MAKE = 'head -c 104857600 /dev/urandom > value.bin'
/** The AWS SDK warns on Node 20; only the command keeps that to itself. */
const QUIET = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' }

describeEverywhere('a value of 100 MiB', (place) => {
  it('is the same by file and by pipe, out of the command', async () => {
    const { shell } = await place.open()
    const line = `
      set -eo pipefail
      ${MAKE}
      lazycred put large value.bin
      lazycred get large | cmp - value.bin && echo same by file
      cat value.bin | lazycred put large
      lazycred get large > copy && cmp copy value.bin && echo same by pipe`
    expect(outcome(await shell(line, { limitMs: 100_000 }))).toEqual(printed('same by file\nsame by pipe\n'))
  })

  it('is the same by library', async () => {
    const { node, shell } = await place.open()
    const { stdout: hash } = await shell(`${MAKE}; sha256sum < value.bin | cut -d ' ' -f 1`)
    const source = `
      import { createHash } from 'node:crypto'
      import { readFileSync } from 'node:fs'
      import { LazyCred } from 'lazycred'
      const lazycred = new LazyCred()
      await lazycred.put('large by library', readFileSync('value.bin'))
      console.log(createHash('sha256').update(await lazycred.getBytes('large by library')).digest('hex'))`
    expect(hash).toHaveLength(65)
    expect(outcome(await node(source, { env: QUIET, limitMs: 100_000 }))).toEqual(printed(hash.toString()))
  })
})
