/** What can be made to go wrong with a request to a loopback server. */
export type Fault =
  | { kind: 'delay'; at: 'headers' | 'body'; ms: number }
  | { kind: 'silence'; at: 'headers' | 'body' }
  | { kind: 'reset'; at: 'headers' | 'body' }
  | { kind: 'truncate' }
  | ErrorFault

/** Answered in the service's own error shape. */
export interface ErrorFault {
  kind: 'error'
  status: number
  code: string
  message?: string
  headers?: Record<string, string>
}

interface Injected {
  fault: Fault
  operation: string | undefined
  left: number
}

/** The faults waiting for their requests: first injected, first used. */
export class FaultQueue {
  #waiting: Injected[] = []

  inject(fault: Fault, where: { operation?: string; times?: number } = {}): void {
    this.#waiting.push({ fault, operation: where.operation, left: where.times ?? Infinity })
  }

  clear(): void {
    this.#waiting = []
  }

  /** The fault for a request of this operation, used up once; nothing where none waits for it. */
  take(operation: string): Fault | undefined {
    const found = this.#waiting.find((each) => each.operation === undefined || each.operation === operation)
    if (found === undefined) return undefined
    found.left -= 1
    this.#waiting = this.#waiting.filter((each) => each.left > 0)
    return found.fault
  }
}
