/** What a terminal in raw mode sends: text, control characters, and sequences for the keys that are neither. */

const ESCAPE = '\u001b'
/** What comes in one sequence comes at once. A pause in it means that the Escape key itself was pressed. */
const PAUSE_MS = 100

/** Where in an escape sequence (ECMA-48) the next character stands. */
type Place = 'outside' | 'after escape' | 'control sequence' | 'last' | 'string'

/** Takes the sequences of arrow keys, function keys, the mouse and the terminal's own answers out of what was typed. */
export class KeyDecoder {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #place: Place = 'outside'
  #lastMs = 0

  /** @returns text and control characters, one by one; U+FFFD for what is not UTF-8 */
  decode(bytes: Uint8Array, nowMs: number): string[] {
    if (nowMs - this.#lastMs > PAUSE_MS) this.#place = 'outside'
    this.#lastMs = nowMs
    return Array.from(this.#decoder.decode(bytes, { stream: true })).filter((char) => this.#isTyped(char))
  }

  #isTyped(char: string): boolean {
    const before = this.#place
    this.#place = placeAfter(before, char)
    return this.#place === 'outside' && (before === 'outside' || isControl(char))
  }
}

function placeAfter(place: Place, char: string): Place {
  if (char === ESCAPE) return 'after escape'
  // Enter and Ctrl-C are what they are, wherever they come; the bell ends a string.
  if (place === 'outside' || place === 'last' || isControl(char)) return 'outside'
  if (place === 'string') return 'string'
  if (place === 'after escape') return afterEscape(char)
  // Linux's console sends ESC [ [ A for F1.
  if (char === '[') return 'last'
  return /[@-~]/.test(char) ? 'outside' : 'control sequence'
}

function afterEscape(char: string): Place {
  if (char === '[') return 'control sequence'
  if (char === 'O') return 'last'
  return ']PX^_'.includes(char) ? 'string' : 'outside'
}

function isControl(char: string): boolean {
  return /\p{Cc}/u.test(char)
}
