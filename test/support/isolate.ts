/** Run before every test file: nothing that the machine configures for AWS or LazyCred reaches a test. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const home = mkdtempSync(join(tmpdir(), 'lazycred-home-'))
for (const name of Object.keys(process.env)) {
  if (/^(AWS_|LAZYCRED_(?!TEST_))/.test(name)) Reflect.deleteProperty(process.env, name)
}
process.env['HOME'] = home
process.env['AWS_EC2_METADATA_DISABLED'] = 'true'
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'
afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})
