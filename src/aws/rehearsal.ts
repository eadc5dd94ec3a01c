/**
 * The first request to a service takes most of its time in code that runs for the first time. While the answer of one service is
 * awaited, the request to the other is therefore rehearsed: all of it but the sending.
 */
import { Readable } from 'node:stream'
import { HttpResponse } from '@smithy/core/protocols'

/** Given to a client's `send`, it has the request handler send nothing. */
export const REHEARSAL: { readonly isRehearsal: true; readonly requestTimeout?: number } = { isRehearsal: true }

/** Where a server answers sooner, there is no time to rehearse. */
const PATIENCE_MS = 40

export function isRehearsal(options: object | undefined): boolean {
  return options !== undefined && 'isRehearsal' in options
}

/** What is taken for an answer then. */
export function rehearsedAnswer(): { response: HttpResponse } {
  return { response: new HttpResponse({ statusCode: 200, body: Readable.from([Buffer.from('{}')]) }) }
}

/** @param rehearse never throws */
export function meanwhile<Answer>(answer: Promise<Answer>, rehearse: () => void): Promise<Answer> {
  const timer = setTimeout(rehearse, PATIENCE_MS)
  return answer.finally(() => {
    clearTimeout(timer)
  })
}
