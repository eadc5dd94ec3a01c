import { Readable } from 'node:stream'
import { MAX_RECORD_BYTES } from '../envelope.js'
import { LazyCredError } from '../errors.js'
import { callLimitMs } from './limits.js'

/**
 * Reads the body of an answer into one buffer, in one piece of memory where its length is known.
 *
 * @param length as the answer's headers give it
 * @throws LazyCredError `RECORD_DAMAGED` before more is read than any record has; what the stream throws
 */
export async function collect(body: unknown, length: number | undefined): Promise<Buffer> {
  if (!(body instanceof Readable)) return Buffer.alloc(0)
  const timer = setTimeout(() => body.destroy(tooSlow()), callLimitMs(length ?? MAX_RECORD_BYTES))
  try {
    if (length !== undefined) assertRecordSize(length)
    return await (length === undefined ? gather(body) : fill(body, Buffer.alloc(length)))
  } finally {
    clearTimeout(timer)
    body.destroy()
  }
}

/** As the SDK's own, which it throws where a request is too slow. */
function tooSlow(): Error {
  return Object.assign(new Error('the body took too long'), { name: 'AbortError' })
}

async function fill(body: AsyncIterable<Buffer>, whole: Buffer): Promise<Buffer> {
  let at = 0
  for await (const chunk of body) at += chunk.copy(whole, at)
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
