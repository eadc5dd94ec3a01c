/** @returns milliseconds of a clock that nobody sets */
export function nowMs(): number {
  return process.uptime() * 1000
}
