import type { RunResult } from './run.js'

/** What a user sees of a command, as text. */
export interface Outcome {
  readonly status: RunResult['status']
  readonly stdout: string
  readonly stderr: string
}

export function outcome({ status, stdout, stderr }: RunResult): Outcome {
  return { status, stdout: stdout.toString(), stderr }
}

export const DONE: Outcome = { status: 0, stdout: '', stderr: '' }

export function printed(stdout: string): Outcome {
  return { ...DONE, stdout }
}

/** A failure as the command tells it: its line, the hint where there is one, and nothing on standard output. */
export function failed(status: number, message: string, hint?: string): Outcome {
  return { status, stdout: '', stderr: `ERROR:LazyCredLogger:${message}\n${hint === undefined ? '' : `${hint}\n`}` }
}
