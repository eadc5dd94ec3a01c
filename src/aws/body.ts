import { Readable } from 'node:stream'
import { MAX_RECORD_BYTES } from '../envelope.js'
import { LazyCredError } from '../errors.js'
import { callLimitMs, tookTooLong } from './limits.js'

/**
 * Reads the body of an answer into one buffer, in one piece of memory where its length is known.
 *
 * @param length as the answer's headers give it
 * @throws LazyCredError `RECORD_DAMAGED` before more is read than any record has; what the stream throws, and an error
 *   with the name `AbortError` where it comes too slowly
 */
export async function collect(body: unknown, length: number | undefined): Promise<Buffer> {
  if (!(body instanceof Readable)) return Buffer.alloc(0)
  try {
    if (length !== undefined) assertRecordSize(length)
    const chunks = inTime(body)
    return await (length === undefined ? gather(chunks) : fill(chunks, Buffer.alloc(length)))
  } finally {
    body.destroy()
  }
}

/** Silence ends a connection; this ends what comes drop by drop. */
async function* inTime(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const begin = performance.now()
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (performance.now() - begin > callLimitMs(size)) throw tookTooLong()
    yield chunk
  }
}

async function fill(chunks: AsyncIterable<Buffer>, whole: Buffer): Promise<Buffer> {
  let at = 0
  for await (const chunk of chunks) at += chunk.copy(whole, at)
  return whole.subarray(0, at)
}

async function gather(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    assertRecordSize((size += chunk.length))
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function assertRecordSize(size: number): void {
  if (size <= MAX_RECORD_BYTES) return
  throw new LazyCredError(
    'RECORD_DAMAGED',
    `what is stored there is not a record: it is larger than ${MAX_RECORD_BYTES} bytes`,
  )
}
