/** How a configuration file that is bad is refused. */
import { expect } from 'vitest'
import { ABOVE, HOME } from '../support/config-sources.js'
import { outcome } from '../support/outcome.js'
import { makeSandbox, type Sandbox } from '../support/sandbox.js'

/** In all that is bad, and in nothing that is said about it. */
export const CANARY = 'canary-4711'
export const GOOD = { s3_path: `${CANARY}/`, key_alias: CANARY, region: 'us-east-1' }

/** A sandbox in which every source after the current folder is good. */
export async function amongGood(): Promise<Sandbox> {
  const sandbox = await makeSandbox({ LAZYCRED_LOCAL: '/nowhere/by-variable' })
  for (const source of [ABOVE, HOME]) await source.plant(sandbox, '{"local": "good"}')
  return sandbox
}

export interface Expected {
  readonly path: string
  readonly reason: string | RegExp
  readonly hint?: string | undefined
}

/** Runs the command in the sandbox: status 4, the file, the reason, and nothing of what stands in the file. */
export async function expectRefusal(sandbox: Sandbox, { path, reason, hint }: Expected): Promise<void> {
  const { status, stdout, stderr } = outcome(await sandbox.lazycred(['get', 'db'], { limitMs: 20_000 }))
  const start = `ERROR:LazyCredLogger:Unable to get <Key: db>. CONFIG_INVALID: ${path}: `
  const [line = '', ...more] = stderr.split('\n')
  expect({ status, stdout, start: line.slice(0, start.length) }).toEqual({ status: 4, stdout: '', start })
  expect(line.slice(start.length)).toMatch(reason)
  if (hint !== undefined) expect(more).toEqual([hint, ''])
  expect(stderr).not.toMatch(/canary|4711|CANARY/)
}
