/** The command and the library, seen alike, each as a process of its own: for what must hold of both. */
import type { RunOptions, RunResult } from './run.js'
import type { Sandbox } from './sandbox.js'

export interface Face {
  readonly face: string
  /** Prints the secret `db`; on failure, the error's message on standard error and the status 1. */
  readonly get: (sandbox: Sandbox, env?: RunOptions['env']) => Promise<RunResult>
  /** Stores a value as `db`. */
  readonly put: (sandbox: Sandbox, value: string, env?: RunOptions['env']) => Promise<RunResult>
}

const COMMAND: Face = {
  face: 'the command',
  get: (sandbox, env = {}) => sandbox.lazycred(['get', 'db'], { env }),
  put: (sandbox, input, env = {}) => sandbox.lazycred(['put', 'db'], { env, input }),
}

const LIBRARY: Face = {
  face: 'the library',
  get: ({ node }, env) => node(module(`process.stdout.write(await lazyCred.get('db'))`), { env: { ...quiet, ...env } }),
  put: ({ node }, input, env) =>
    node(module(`await lazyCred.put('db', await text(process.stdin))`), { env: { ...quiet, ...env }, input }),
}

/** What the SDK says about Node 20 is for the application to hear. */
const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' }

export const faces: readonly Face[] = [COMMAND, LIBRARY]

/** The process ends by itself, once nothing keeps it. */
function module(action: string): string {
  return `
    import { LazyCred } from 'lazycred'
    import { text } from 'node:stream/consumers'
    const lazyCred = new LazyCred()
    try {
      ${action}
    } catch ({ message }) {
      console.error(message)
      process.exitCode = 1
    }`
}
