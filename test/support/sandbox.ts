import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { runProcess, type RunOptions, type RunResult } from './run.js'

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const COMMAND = join(PROJECT, 'bin/lazycred.js')

/** A home, a current folder and an environment of its own: nothing of the machine's configuration is in reach. */
export interface Sandbox {
  /** Everything is below it; removed when the test has finished. */
  readonly root: string
  readonly home: string
  readonly cwd: string
  /** All that a process in the sandbox is given. */
  readonly env: Record<string, string>
  /** Writes a file, path relative to `cwd`, and returns where it is. */
  readonly write: (path: string, content: string | Uint8Array, mode?: number) => Promise<string>
  /** Runs the command, as a user's shell would. */
  readonly lazycred: (args: readonly string[], options?: RunOptions) => Promise<RunResult>
  /** Runs a module of its own that may `import … from 'lazycred'`. */
  readonly node: (source: string, options?: RunOptions) => Promise<RunResult>
  /** Runs a line of shell, in which `lazycred` is the command. */
  readonly shell: (line: string, options?: RunOptions) => Promise<RunResult>
}

/** @param env added to the environment, such as what names the servers to talk to */
export async function makeSandbox(env: Readonly<Record<string, string>> = {}): Promise<Sandbox> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'lazycred-test-')))
  onTestFinished(async () => {
    await rm(root, { recursive: true, force: true })
  })
  const home = join(root, 'home')
  const cwd = join(root, 'work/here')
  const bin = join(root, 'bin')
  const modules = join(root, 'node_modules')
  await Promise.all([home, cwd, bin, modules].map((folder) => mkdir(folder, { recursive: true })))
  await symlink(PROJECT, join(modules, 'lazycred'))
  await writeFile(join(bin, 'lazycred'), `#!/bin/sh\nexec "${process.execPath}" "${COMMAND}" "$@"\n`)
  await chmod(join(bin, 'lazycred'), 0o755)
  const all = { ...bareEnvironment(home, bin), ...env }
  return { root, home, cwd, env: all, ...actions(cwd, all) }
}

/** No instance metadata: a test must not ask an address outside of this machine. */
function bareEnvironment(home: string, bin: string): Record<string, string> {
  const path = `${bin}:${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`
  return { HOME: home, PATH: path, LANG: 'C.UTF-8', AWS_EC2_METADATA_DISABLED: 'true' }
}

type Actions = Pick<Sandbox, 'write' | 'lazycred' | 'node' | 'shell'>

function actions(cwd: string, env: Record<string, string>): Actions {
  const run = (command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
    runProcess(command, args, { cwd, ...options, env: { ...env, ...options.env } })
  return {
    async write(path, content, mode = 0o600) {
      const file = join(cwd, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
      await chmod(file, mode)
      return file
    },
    lazycred: (args, options) => run(process.execPath, [COMMAND, ...args], options),
    node: (source, options) => run(process.execPath, ['--input-type=module', '-e', source], options),
    shell: (line, options) => run('/bin/bash', ['-c', line], options),
  }
}
