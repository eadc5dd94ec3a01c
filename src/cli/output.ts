import { LazyCredError, withoutMessage } from '../errors.js'

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
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    if (code === 'EPIPE') return
    const cause = withoutMessage(error)
    throw new LazyCredError('OUTPUT_FAILED', `standard output cannot be written (${code})`, {
      verb: 'get',
      secretName: name,
      cause,
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
