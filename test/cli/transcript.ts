/** What the tests of the command have in common: how it ended, in a form to compare, and what is stored then. */
import { expect } from 'vitest'
import type { outcome } from '../support/outcome.js'
import type { Sandbox } from '../support/sandbox.js'

/** @returns what a command leaves that failed: the lines on standard error, and nothing else */
export function failure(status: number, ...lines: string[]): ReturnType<typeof outcome> {
  return { status, stdout: '', stderr: lines.map((line) => `${line}\n`).join('') }
}

export async function expectStored({ lazycred }: Sandbox, name: string, value: string | Uint8Array): Promise<void> {
  const { status, stdout, stderr } = await lazycred(['get', '--', name])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  // Not toEqual: of large buffers that differ it would print every byte.
  expect(stdout.equals(Buffer.from(value))).toBe(true)
}

export async function expectNothingStored({ lazycred }: Sandbox, name: string): Promise<void> {
  expect((await lazycred(['get', '--', name])).status).toBe(3)
}
