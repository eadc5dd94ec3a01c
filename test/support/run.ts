import { spawn } from 'node:child_process'

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** What goes to standard input; none means that it is at its end. */
  readonly input?: string | Uint8Array
  /** Ends the process where it takes longer; a test that runs into it fails. */
  readonly limitMs?: number
}

export interface RunResult {
  /** The exit status, or the name of the signal that ended the process. */
  readonly status: number | NodeJS.Signals
  readonly stdout: Buffer
  readonly stderr: string
}

/** Runs a process to its end, its output collected. */
export function runProcess(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const { cwd, env, input = '', limitMs = 50_000 } = options
    const child = spawn(command, args, { cwd, env, timeout: limitMs, killSignal: 'SIGKILL' })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    // The process may end before it has read all of it.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const status = code ?? signal ?? -1
      resolve({ status, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() })
    })
  })
}
