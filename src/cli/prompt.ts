import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import { LazyCredError, printable } from '../errors.js'

/** How long a paste of several lines may take to arrive. */
const PASTE_MS = 50

/**
 * Asks for a value at the terminal and shows nothing of it. One line; Enter ends it.
 *
 * @returns the line as UTF-8, without its end
 * @throws LazyCredError `CANCELLED` after Ctrl-C or Ctrl-D; `VALUE_INVALID` after an empty line or a paste of several
 */
export async function ask(name: string): Promise<Buffer> {
  process.stderr.write(`Value of ${printable(name)} (not shown, Enter ends it): `)
  const terminal = createInterface({ input: process.stdin, output: nowhere(), terminal: true, historySize: 0 })
  try {
    return Buffer.from(await oneLine(terminal))
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}

function nowhere(): Writable {
  return new Writable({
    write(_chunk, _encoding, done) {
      done()
    },
  })
}

function oneLine(terminal: Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines: string[] = []
    const refuse = (code: 'CANCELLED' | 'VALUE_INVALID', reason: string): void => {
      reject(new LazyCredError(code, `${reason}; nothing was stored`))
    }
    terminal.once('SIGINT', () => {
      refuse('CANCELLED', 'interrupted')
    })
    terminal.once('close', () => {
      refuse('CANCELLED', 'the input ended before the line did')
    })
    terminal.on('line', (line) => {
      if (lines.push(line) > 1) return
      setTimeout(() => {
        if (lines.length > 1 || terminal.line !== '') refuse('VALUE_INVALID', MANY_LINES)
        else if (line === '') refuse('VALUE_INVALID', NO_LINE)
        else resolve(line)
      }, PASTE_MS)
    })
  })
}

const MANY_LINES = 'that was more than one line, which takes a file or a pipe'
const NO_LINE = 'nothing was typed (an empty secret can be put from /dev/null)'
