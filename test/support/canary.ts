/** A secret that must not be found anywhere, and how it is looked for. */
import { inspect } from 'node:util'
import { expect } from 'vitest'

export const CANARY = 'canary-4711-squeaks'
/** As it could show: plain, in base64 at each of three offsets, in hexadecimal. */
const forms = [CANARY, Buffer.from(CANARY).toString('hex'), ...[0, 1, 2].map(innerBase64)]

/** What of the base64 does not depend on the bytes around. */
function innerBase64(offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(CANARY)]).toString('base64')
  return text.slice(offset === 0 ? 0 : 4, -4)
}

/** Fails where the text holds the canary, in whatever form. */
export function expectSilence(text: string): void {
  for (const form of forms) expect(text).not.toContain(form)
}

/** Everything an error could show, hidden properties and causes included. */
export function everythingOf(error: unknown): string {
  return `${inspect(error, { depth: 20, showHidden: true, getters: true })} ${JSON.stringify(error)} ${String(error)}`
}

/** @returns the data key that a request to KMS holds, as it is there and as KMS is meant to take it */
export function plaintextIn(body: Buffer): string[] {
  const { Plaintext } = JSON.parse(body.toString()) as { Plaintext?: string }
  return Plaintext === undefined ? [] : [Plaintext, Buffer.from(Plaintext, 'base64').toString()]
}
