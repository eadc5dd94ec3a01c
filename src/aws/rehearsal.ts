/** A request of which all is done but the sending: most of its time goes into code that runs for the first time. */
import { Readable } from 'node:stream'
import type { NodeHttpHandler } from '@smithy/node-http-handler'

type Answer = Awaited<ReturnType<NodeHttpHandler['handle']>>

/** Given to a client's `send`, it has the request handler send nothing. */
export const REHEARSAL: { readonly isRehearsal: true; readonly requestTimeout?: number } = { isRehearsal: true }

export function isRehearsal(options: object | undefined): boolean {
  return options !== undefined && 'isRehearsal' in options
}

/** What is taken for an answer then. */
export function rehearsedAnswer(): Answer {
  const response: unknown = { statusCode: 200, headers: {}, body: Readable.from([Buffer.from('{}')]) }
  return { response } as Answer
}
