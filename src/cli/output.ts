import { fstatSync, writeSync } from 'node:fs'
import { LazyCredError, printable, withoutMessage, type ErrorContext } from '../errors.js'
import { describeSystemError } from '../system-errors.js'
import { isClosed } from './closed.js'

/**
 * Writes a secret to standard output, to its last byte. A reader that has seen enough and went away is no failure.
 *
 * @param name the secret name, for errors
 * @throws LazyCredError `OUTPUT_FAILED`
 */
export async function writeValue(name: string, value: Uint8Array): Promise<void> {
  const endsInNewline = value.at(-1) === 0x0a
  await deliver(value, { verb: 'get', secretName: name })
  if (isTerminal() && !endsInNewline) await deliver(Buffer.from('\n'), {})
}

/** Writes what is no secret, likewise. */
export async function writeText(text: string): Promise<void> {
  await deliver(Buffer.from(text), {})
}

async function deliver(bytes: Uint8Array, about: ErrorContext): Promise<void> {
  try {
    if (isClosed(1)) throw new LazyCredError('OUTPUT_FAILED', CLOSED)
    await write(bytes)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw outputFailed('standard output', error, about)
  }
}

const CLOSED = 'standard output is closed, or /dev/null opened for reading and writing'

/** @returns the error of what could not be delivered */
export function outputFailed(where: string, error: unknown, about: ErrorContext): LazyCredError {
  if (error instanceof LazyCredError) return error.about(about)
  const reason = `${printable(where)} cannot be written: ${describeSystemError(error)}`
  return new LazyCredError('OUTPUT_FAILED', reason, { ...about, cause: withoutMessage(error) })
}

/** Asked of the stream only where it can be one: to set it up takes as long as to decrypt a secret. */
function isTerminal(): boolean {
  return fstatSync(1).isCharacterDevice() && process.stdout.isTTY
}

/** Straight away as far as that goes, which unlike Node's stream to a file notices a full disk; what a pipe does not take yet is left to its stream. */
async function write(bytes: Uint8Array): Promise<void> {
  let done = 0
  try {
    while (done < bytes.length) done += writeSync(1, bytes, done)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    await writeToStream(bytes.subarray(done))
  }
}

function writeToStream(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // Without a listener the same error would also end the process.
    process.stdout.once('error', reject)
    process.stdout.write(bytes, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
