/** Tests that need a user who is not root and not the owner of what lies in the sandbox. */
import { chmod } from 'node:fs/promises'
import type { Sandbox } from './sandbox.js'
import type { RunResult } from './run.js'

export const IS_ROOT = process.getuid?.() === 0

/** By convention nobody; need not be known to the machine. */
export const OTHER_USER = 65534

/**
 * Gets the secret `db` through the library; run by root, as another user, to whom modes and owners mean something.
 * The process changes its user once a first call has loaded
 * everything, since the project may lie where only root may read.
 */
export async function getAsOrdinaryUser(sandbox: Sandbox): Promise<RunResult> {
  await chmod(sandbox.root, 0o755)
  return sandbox.node(`
    import { get, LazyCred } from 'lazycred'
    await new LazyCred({ local: '/nowhere' }).get('db').catch(() => undefined)
    if (process.getuid() === 0) {
      process.setgroups([])
      process.setgid(${OTHER_USER})
      process.setuid(${OTHER_USER})
    }
    console.log(await get('db'))`)
}
