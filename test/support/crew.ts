/** Processes that all begin at the same moment. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import type { Sandbox } from './sandbox.js'

/** How a member of the crew ended: its status or signal, and what it wrote to standard error. */
export interface Member {
  readonly status: number | string
  readonly stderr: string
}

const LIMIT_MS = 90_000

/**
 * Starts `count` processes, each of which loads the library, and lets them go on together once the last one is ready.
 *
 * @param action the body of a module, in which `LazyCred` is the class and `me` the number of the process
 */
export async function runCrew(sandbox: Sandbox, count: number, action: string): Promise<Member[]> {
  const source = `
    import { LazyCred } from 'lazycred'
    import { once } from 'node:events'
    const me = Number(process.argv[1])
    process.stdout.write('ready')
    await once(process.stdin, 'data')
    process.stdin.destroy()
    ${action}`
  const { cwd, env } = sandbox
  const start = (me: number): ChildProcessWithoutNullStreams =>
    spawn(process.execPath, ['--input-type=module', '-e', source, String(me)], { cwd, env, timeout: LIMIT_MS })
  const crew = Array.from({ length: count }, (_, me) => start(me))
  const ends = crew.map(endOf)
  await Promise.all(crew.map((child) => Promise.race([once(child.stdout, 'data'), once(child, 'close')])))
  for (const child of crew) child.stdin.end('go')
  return Promise.all(ends)
}

async function endOf(child: ChildProcessWithoutNullStreams): Promise<Member> {
  const stderr: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  // One that has ended already takes no more.
  child.stdin.on('error', () => undefined)
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { status: code ?? signal ?? 'unknown', stderr: Buffer.concat(stderr).toString() }
}
