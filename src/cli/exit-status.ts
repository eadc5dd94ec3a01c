import type { LazyCredErrorCode } from '../errors.js'

export const USAGE = 2
/** As shells count what SIGINT ends. */
const INTERRUPTED = 130

const others: Partial<Record<LazyCredErrorCode, number>> = {
  NAME_INVALID: USAGE,
  NOT_FOUND: 3,
  CONFIG_MISSING: 4,
  CONFIG_INVALID: 4,
  CONFIG_UNTRUSTED: 4,
  CANCELLED: INTERRUPTED,
}

/** @returns the status that the command exits with after such an error */
export function exitStatusOf(code: LazyCredErrorCode): number {
  return others[code] ?? 1
}
