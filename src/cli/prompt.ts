import type { ReadStream } from 'node:tty'
import { LazyCredError, printable } from '../errors.js'
import { KeyDecoder } from './keys.js'
import { stderr } from './stderr.js'
import { TypedLine } from './typed-line.js'

/** How long a paste of several lines may pause between two of its parts. */
const PASTE_MS = 100

/**
 * Asks for a value at the terminal and shows nothing of it. One line; Enter ends it.
 *
 * @returns the line as UTF-8, without its end
 * @throws LazyCredError `CANCELLED` after Ctrl-C or Ctrl-D; `VALUE_INVALID` after an empty line, a paste of several, or
 *   what is not UTF-8; what the terminal throws
 */
export async function ask(name: string, terminal: ReadStream): Promise<Buffer> {
  const hide = (): void => {
    terminal.setRawMode(false).setRawMode(true)
  }
  // A shell that takes the process back to the foreground may have turned the echo on.
  process.on('SIGCONT', hide)
  try {
    const line = readLine(terminal)
    hide()
    // Not before: whoever waits for the question types as soon as it is there.
    stderr().write(`Value of ${printable(name)} (not shown, Enter ends it): `)
    return Buffer.from((await line).value())
  } finally {
    process.off('SIGCONT', hide)
    terminal.setRawMode(false).pause()
    stderr().write('\n')
  }
}

/** Settles when nothing has followed the end of the line for a while, so that no part of a paste is left to the shell. */
function readLine(terminal: ReadStream): Promise<TypedLine> {
  return new Promise((resolve, reject) => {
    const keys = new KeyDecoder()
    const line = new TypedLine()
    let quiet: NodeJS.Timeout | undefined
    const hangUp = (): void => {
      reject(new LazyCredError('CANCELLED', 'the terminal is gone; nothing was stored'))
    }
    terminal.on('error', reject).once('end', hangUp)
    // Node turns the echo on again after SIGINT and SIGTERM, but not after this one.
    process.once('SIGHUP', hangUp)
    const settle = (): void => {
      process.off('SIGHUP', hangUp)
      resolve(line)
    }
    terminal.on('data', (bytes: Buffer) => {
      clearTimeout(quiet)
      for (const char of keys.decode(bytes, Date.now())) line.type(char)
      if (line.isCancelled) reject(new LazyCredError('CANCELLED', 'given up; nothing was stored'))
      if (line.isEnded) quiet = setTimeout(settle, PASTE_MS)
    })
  })
}
