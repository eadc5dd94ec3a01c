import { Readable } from 'node:stream'
import { nowMs } from '../clock.js'
import { LazyCredError } from '../errors.js'
import { callLimitMs, tookTooLong } from './limits.js'

/**
 * Reads the body of an answer into one buffer, in one piece of memory where its length is known.
 *
 * @param length as the answer's headers give it
 * @param limit bytes
 * @throws LazyCredError `RECORD_DAMAGED` before more is read than that; what the stream throws, and an error
 *   with the name `AbortError` where it comes too slowly
 */
export async function collect(body: unknown, length: number | undefined, limit: number): Promise<Buffer> {
  if (!(body instanceof Readable)) return Buffer.alloc(0)
  try {
    if (length !== undefined) assertFits(length, limit)
    const chunks = inTime(body)
    return await (length === undefined ? gather(chunks, limit) : fill(chunks, Buffer.alloc(length)))
  } finally {
    body.destroy()
  }
}

/** Silence ends a connection; this ends what comes drop by drop. */
async function* inTime(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const begin = nowMs()
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (nowMs() - begin > callLimitMs(size)) throw tookTooLong()
    yield chunk
  }
}

async function fill(chunks: AsyncIterable<Buffer>, whole: Buffer): Promise<Buffer> {
  let at = 0
  for await (const chunk of chunks) at += chunk.copy(whole, at)
  return whole.subarray(0, at)
}

async function gather(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    assertFits((size += chunk.length), limit)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function assertFits(size: number, limit: number): void {
  if (size <= limit) return
  throw new LazyCredError('RECORD_DAMAGED', `what is stored there is not a record: it is larger than ${limit} bytes`)
}
