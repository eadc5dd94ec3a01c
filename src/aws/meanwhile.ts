/** Where a server answers sooner, there is no time for anything else. */
const PATIENCE_MS = 40

/**
 * Does something useful while an answer is slow to come: once, and where it comes soon, not at all.
 *
 * @param useful never throws
 */
export function meanwhile<Answer>(answer: Promise<Answer>, useful: () => void): Promise<Answer> {
  const timer = setTimeout(useful, PATIENCE_MS)
  return answer.finally(() => {
    clearTimeout(timer)
  })
}
