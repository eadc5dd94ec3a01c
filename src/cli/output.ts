import { LazyCredError, withoutMessage } from '../errors.js'
import { describeSystemError } from '../system-errors.js'

/**
 * Writes a secret to standard output, to its last byte. A reader that has seen enough and went away is no failure.
 *
 * @param name the secret name, for errors
 * @throws LazyCredError `OUTPUT_FAILED`
 */
export async function writeValue(name: string, value: Buffer): Promise<void> {
  try {
    await write(value)
    if (process.stdout.isTTY && value.at(-1) !== 0x0a) await write(Buffer.from('\n'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return
    throw new LazyCredError('OUTPUT_FAILED', `standard output cannot be written: ${describeSystemError(error)}`, {
      verb: 'get',
      secretName: name,
      cause: withoutMessage(error),
    })
  }
}

function write(bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    // Without a listener the same error would also end the process.
    process.stdout.once('error', reject)
    process.stdout.write(bytes, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
