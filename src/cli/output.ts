import { LazyCredError, printable, withoutMessage } from '../errors.js'
import { describeSystemError } from '../system-errors.js'
import { isClosed } from './closed.js'

/**
 * Writes a secret to standard output, to its last byte. A reader that has seen enough and went away is no failure.
 *
 * @param name the secret name, for errors
 * @throws LazyCredError `OUTPUT_FAILED`
 */
export async function writeValue(name: string, value: Uint8Array): Promise<void> {
  try {
    if (isClosed(1)) throw new LazyCredError('OUTPUT_FAILED', 'standard output is closed')
    await write(value)
    if (process.stdout.isTTY && value.at(-1) !== 0x0a) await write(Buffer.from('\n'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw outputFailed(name, 'standard output', error)
  }
}

/** Writes what is no secret to standard output. */
export async function writeText(text: string): Promise<void> {
  await write(Buffer.from(text))
}

/** @returns the error of a value that could not be delivered */
export function outputFailed(name: string, where: string, error: unknown): LazyCredError {
  const about = { verb: 'get', secretName: name } as const
  if (error instanceof LazyCredError) return error.about(about)
  const reason = `${printable(where)} cannot be written: ${describeSystemError(error)}`
  return new LazyCredError('OUTPUT_FAILED', reason, { ...about, cause: withoutMessage(error) })
}

function write(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // Without a listener the same error would also end the process.
    process.stdout.once('error', reject)
    process.stdout.write(bytes, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
