/** A real terminal with a process in it, and somebody who types. */
import { spawn, type IPty } from '@lydell/node-pty'
import { onTestFinished } from 'vitest'

export interface PtyOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** Behind all that is shown: the status. The terminal stays open then, since what is in it may be lost once it is not. */
const MARK = '\u001f'
const atTheEnd = String.raw`printf '\037%d\037' $?; read -r _`

const LIMIT_MS = 30_000

/** Runs a line of shell in a terminal of its own, until the test has finished. Every wait is bounded. */
export class Pty {
  readonly #pty: IPty
  readonly #watchers = new Set<() => void>()
  #output = ''

  constructor(line: string, { cwd, env }: PtyOptions) {
    const args = ['-c', `( ${line}\n); ${atTheEnd}`]
    // Wide, so that nothing that is waited for is broken over two lines.
    this.#pty = spawn('/bin/bash', args, { cwd, env: { ...env, TERM: 'xterm-256color' }, cols: 500, rows: 50 })
    this.#pty.onData((text) => {
      this.#output += text
      for (const watcher of this.#watchers) watcher()
    })
    onTestFinished(() => {
      this.#pty.kill('SIGKILL')
    })
  }

  /** All that the terminal has shown until now. */
  get shown(): string {
    return this.#output.split(MARK, 1)[0] ?? ''
  }

  /** Sends what the keyboard would send. */
  type(keys: string | Buffer): void {
    // It takes bytes too; its types do not say so.
    this.#pty.write(keys as string)
  }

  /** Resolves once `text` has been shown; rejects where it is not in time, or the line has ended without. */
  async waitFor(text: string): Promise<void> {
    await this.#until(text, () => this.shown.includes(text))
  }

  /** @returns the exit status, as a shell counts it */
  async end(): Promise<number> {
    await this.#until('the end', () => this.#status !== undefined)
    return Number(this.#status)
  }

  get #status(): string | undefined {
    const [, status, behind] = this.#output.split(MARK)
    return behind === undefined ? undefined : status
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const limit = AbortSignal.timeout(LIMIT_MS)
    while (!isSo()) {
      if (this.#status !== undefined) throw new Error(`Ended (${this.#status}) before ${what}: ${this.shown}`)
      if (limit.aborted) throw new Error(`Not in time: ${what}. Shown: ${this.shown}`)
      await this.#change(limit)
    }
  }

  #change(limit: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#watchers.delete(done)
        limit.removeEventListener('abort', done)
        resolve()
      }
      this.#watchers.add(done)
      limit.addEventListener('abort', done)
    })
  }
}
