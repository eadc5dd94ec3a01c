import { LazyCredError } from '../errors.js'

const CTRL_D = '\u0004'
/** Ctrl-C and Ctrl-\ . */
const INTERRUPTS = ['\u0003', '\u001c']

/** What other control characters do, as at a terminal that edits lines itself. Those not here do nothing. */
const EDITS: Readonly<Record<string, (line: string) => string>> = {
  '\t': (line) => `${line}\t`,
  '\b': withoutLast,
  '\u007f': withoutLast,
  '\u0015': () => '',
  '\u0017': (line) => line.replace(/\S*\s*$/, ''),
}

function withoutLast(line: string): string {
  return Array.from(line).slice(0, -1).join('')
}

/** One line as it is typed, character by character. */
export class TypedLine {
  #line = ''
  /** The character that ended it, and what came behind. */
  #end = ''
  #isCancelled = false

  type(char: string): void {
    if (INTERRUPTS.includes(char) || (char === CTRL_D && this.#line === '')) this.#isCancelled = true
    else if (this.isEnded || char === '\r' || char === '\n') this.#end += char
    else if (/\p{Cc}/u.test(char)) this.#line = EDITS[char]?.(this.#line) ?? this.#line
    else this.#line += char
  }

  get isCancelled(): boolean {
    return this.#isCancelled
  }

  get isEnded(): boolean {
    return this.#end !== ''
  }

  /** @throws LazyCredError `VALUE_INVALID` where it is not one line of UTF-8 */
  value(): string {
    if (!['\r', '\n', '\r\n'].includes(this.#end))
      throw invalid('that was more than one line, which takes a file or a pipe')
    if (this.#line === '') throw invalid('nothing was typed (an empty secret can be put from /dev/null)')
    if (this.#line.includes('\ufffd')) throw invalid('the terminal sent what is not UTF-8')
    return this.#line
  }
}

function invalid(reason: string): LazyCredError {
  return new LazyCredError('VALUE_INVALID', `${reason}; nothing was stored`)
}
