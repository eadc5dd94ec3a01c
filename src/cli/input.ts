import { closeSync, createReadStream, fstatSync, openSync, readFileSync } from 'node:fs'
import { assertFits } from '../envelope.js'
import { LazyCredError, printable, withoutMessage } from '../errors.js'
import { describeSystemError } from '../system-errors.js'
import { isClosed } from './closed.js'
import { ask } from './prompt.js'

/** Names that standard input has as a file. */
const STDIN_FILES = ['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']

/**
 * Reads the value to store.
 *
 * @param name the secret name, for errors and for the prompt
 * @param file where it is; standard input where it is `undefined` or `-`: a terminal there is asked
 * @throws LazyCredError `INPUT_UNREADABLE`, `VALUE_INVALID`, `VALUE_TOO_LARGE`, `CANCELLED`
 */
export async function readValue(name: string, file = '-'): Promise<Buffer> {
  try {
    return await (isStandardInput(file) ? readStandardInput(name) : readWholeFile(file))
  } catch (error) {
    const told = error instanceof LazyCredError ? error : unreadable(file, error)
    throw told.about({ verb: 'put', secretName: name })
  }
}

/** What a configuration has been read from has nothing left: an empty value would be stored over a good one. */
export function wouldReadTwice(config: string | undefined, file = '-'): boolean {
  return STDIN_FILES.includes(config ?? process.env['LAZYCRED_CONFIG'] ?? '') && isStandardInput(file)
}

function isStandardInput(file: string): boolean {
  return file === '-' || STDIN_FILES.includes(file)
}

async function readStandardInput(name: string): Promise<Buffer> {
  if (isClosed(0))
    throw new LazyCredError(
      'INPUT_UNREADABLE',
      'standard input is closed, or /dev/null opened for reading and writing',
      {
        hint: 'An empty secret can be put from /dev/null: lazycred put NAME < /dev/null',
      },
    )
  const { stdin } = process
  if (stdin.isTTY) return ask(name, stdin)
  // Of a folder Node makes an input that is empty: a good secret would be lost to a slip.
  if (fstatSync(stdin.fd).isDirectory()) throw new LazyCredError('INPUT_UNREADABLE', 'standard input is a folder')
  return gather(stdin)
}

async function readWholeFile(path: string): Promise<Buffer> {
  if (path === '') throw new LazyCredError('INPUT_UNREADABLE', 'the name of the file is empty')
  const fd = openSync(path, 'r')
  try {
    const stats = fstatSync(fd)
    if (stats.isDirectory()) throw new LazyCredError('INPUT_UNREADABLE', `${printable(path)} is a folder`)
    if (!stats.isFile()) return await gather(createReadStream(path, { fd, autoClose: false }))
    assertFits(stats.size)
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}

async function gather(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    assertFits((size += chunk.length))
    chunks.push(chunk)
  }
  const whole = Buffer.concat(chunks)
  for (const chunk of chunks) chunk.fill(0)
  return whole
}

/** Of what is not there, whose name may well be the value. */
const NOT_THERE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE']

function unreadable(file: string, error: unknown): LazyCredError {
  const isMissing = NOT_THERE.includes((error as NodeJS.ErrnoException).code ?? '')
  const where = file === '-' ? 'standard input' : isMissing ? 'the file after the name' : printable(file)
  return new LazyCredError('INPUT_UNREADABLE', `${where} cannot be read: ${describeSystemError(error)}`, {
    hint: isMissing ? 'What follows the name is a file. A value itself goes in by standard input.' : undefined,
    cause: withoutMessage(error),
  })
}
