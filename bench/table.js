/** The figures as a table for people, and as JSON. */

/**
 * @typedef {{ atMost: number } | { atLeast: number }} Goal
 * @typedef {object} Row
 * @property {string} what is measured
 * @property {string} against what
 * @property {string} unit
 * @property {number} [median]
 * @property {number} [low] the lower quartile
 * @property {number} [high] the upper one
 * @property {Goal} [goal]
 * @property {true} [absent] it is not there to be measured
 */

/** @param {readonly Row[]} rows @returns {string} Markdown */
export function tableOf(rows) {
  const cells = [['measured', 'against', 'median', 'quartiles', 'goal'], ...rows.map(cellsOf)]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const lines = cells.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}

/** @param {Row} row @returns {string[]} */
function cellsOf({ what, against, unit, median = NaN, low = NaN, high = NaN, goal, absent }) {
  if (absent === true) return [what, against, 'absent', '', goal ? goalOf(goal, unit) : '']
  const range = `${digits(low)} – ${digits(high)}`
  return [what, against, `${digits(median)} ${unit}`, range, goal ? goalOf(goal, unit) : '']
}

/** @param {Goal} goal @param {string} unit */
function goalOf(goal, unit) {
  return 'atMost' in goal ? `≤ ${goal.atMost} ${unit}` : `≥ ${goal.atLeast} ${unit}`
}

/** @param {number} value */
function digits(value) {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
