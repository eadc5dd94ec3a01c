/** @returns the candidate that differs from `word` in the fewest edits, where that is few enough to be a slip */
export function nearest<Word extends string>(word: string, candidates: readonly Word[]): Word | undefined {
  const letters = fold(word)
  const rated = candidates.map((candidate) => ({ candidate, edits: distance(letters, fold(candidate)) }))
  const best = rated.sort((a, b) => a.edits - b.edits)[0]
  return best !== undefined && best.edits <= 2 ? best.candidate : undefined
}

/** Case and word breaks are not what people get wrong: `keyAlias`, `KEY-ALIAS` and `key_alias` are one word. */
function fold(word: string): string {
  return word
    .slice(0, 64)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
}

/** Levenshtein's distance, row by row. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (const [index, letter] of Array.from(a).entries()) {
    const next = [index + 1]
    for (const [column, other] of Array.from(b).entries()) {
      const substitution = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(substitution, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
