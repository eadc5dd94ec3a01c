import { open } from 'node:fs/promises'
import { assertFits } from '../envelope.js'
import { LazyCredError, printable, withoutMessage } from '../errors.js'
import { isClosed } from './closed.js'
import { ask } from './prompt.js'

/**
 * Reads the value to store.
 *
 * @param name the secret name, for errors and for the prompt
 * @param file where it is; standard input where it is `undefined` or `-`: a terminal there is asked
 * @throws LazyCredError `INPUT_UNREADABLE`, `VALUE_TOO_LARGE`, `CANCELLED`
 */
export async function readValue(name: string, file = '-'): Promise<Buffer> {
  try {
    if (file !== '-') return await readWholeFile(file)
    if (isClosed(0)) throw Object.assign(new Error('closed'), { code: 'EBADF' })
    return process.stdin.isTTY ? await ask(name) : await gather(process.stdin)
  } catch (error) {
    const told = error instanceof LazyCredError ? error : unreadable(file, error)
    throw told.about({ verb: 'put', secretName: name })
  }
}

async function readWholeFile(path: string): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const stats = await file.stat()
    if (!stats.isFile()) return await gather(file.createReadStream({ autoClose: false }))
    assertFits(stats.size)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

async function gather(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    assertFits((size += chunk.length))
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function unreadable(file: string, error: unknown): LazyCredError {
  const where = file === '-' ? 'standard input' : printable(file)
  const { code = 'unknown' } = error as NodeJS.ErrnoException
  return new LazyCredError('INPUT_UNREADABLE', `${where} cannot be read (${code})`, { cause: withoutMessage(error) })
}
