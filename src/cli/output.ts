import { fstatSync, writeFile } from 'node:fs'
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
  if (process.stdout.isTTY && !endsInNewline) await deliver(Buffer.from('\n'), {})
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

function write(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null | undefined): void => {
      if (error) reject(error)
      else resolve()
    }
    // A disk that becomes full takes a part of a write, which Node's stream to a file takes for the whole.
    if (fstatSync(1).isFile()) {
      writeFile(1, bytes, done)
      return
    }
    // Without a listener the same error would also end the process.
    process.stdout.once('error', reject)
    process.stdout.write(bytes, done)
  })
}
