export const CONNECT_LIMIT_MS = 5_000
/** Longest silence on a connection, before an answer or in the middle of it. */
export const SILENCE_LIMIT_MS = 10_000
