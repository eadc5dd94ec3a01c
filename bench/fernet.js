/** Fernet and whole records: how fast, and how much memory it takes. Each figure is of a process of its own. */
import { join } from 'node:path'
import { run, spread } from './measure.js'
import { findPython } from './peers.js'
import { buildInternals } from './internals.js'
import { PROJECT } from './world.js'

/** @typedef {import('./table.js').Row} Row */
/** @typedef {{ seal: number[], open: number[], peak: number }} Figures MB/s of each round, and bytes */

const SIZES = { '1 KB': 1e3, '1 MB': 1e6, '16 MB': 16e6, '100 MB': 100e6 }
/** The packages work on text, at a few MB/s: more would take minutes. */
const PACKAGES = { '1 KB': 1e3, '1 MB': 1e6 }
/** From here on it is the goals' matter. */
const LARGE = 1e6

const { PATH = '' } = process.env

/** @param {import('./world.js').World} world @returns {Promise<Row[]>} */
export async function measureFernet({ folder }) {
  const internals = await buildInternals(folder)
  const python = await findPython('cryptography.fernet')
  const rows = []
  for (const [label, size] of Object.entries(SIZES)) {
    const ours = await figuresOf([process.execPath, 'bench/fernet-rate.js', internals, 'lazycred', String(size)])
    const record = await figuresOf([process.execPath, 'bench/fernet-rate.js', internals, 'record', String(size)])
    rows.push(...rates(`Fernet, ${label}`, ours), ...rates(`whole record, ${label}`, record))
    if (size >= 100e6) rows.push(peak(`whole record, ${label}`, record, size))
    const theirs = python === undefined ? undefined : await figuresOf([python, 'bench/fernet-rate.py', String(size)])
    rows.push(...against(label, 'Python’s cryptography', ours, theirs, size >= LARGE))
  }
  for (const [label, size] of Object.entries(PACKAGES)) {
    for (const name of ['fernet', 'fernet-nodejs']) {
      const ours = await figuresOf([process.execPath, 'bench/fernet-rate.js', internals, 'lazycred', String(size)])
      const theirs = await figuresOf([process.execPath, 'bench/fernet-rate.js', internals, name, String(size)])
      rows.push(...against(label, `the package ${name}`, ours, theirs, false))
    }
  }
  return rows
}

/** @param {string[]} argv @returns {Promise<Figures>} */
async function figuresOf([program = '', script = '', ...args]) {
  const argv = [program, join(PROJECT, script), ...args]
  const { stdout } = await run({ name: argv.join(' '), argv, env: { PATH } })
  return JSON.parse(stdout.toString())
}

/** @param {string} what @param {Figures} figures @returns {Row[]} */
function rates(what, figures) {
  return [
    { what: `${what}: seal`, against: '', unit: 'MB/s', ...spread(figures.seal) },
    { what: `${what}: open`, against: '', unit: 'MB/s', ...spread(figures.open) },
  ]
}

/** @param {string} what @param {Figures} figures @param {number} size @returns {Row} */
function peak(what, figures, size) {
  return {
    what: `${what}: memory besides the secret itself`,
    against: 'the secret',
    unit: '×',
    ...spread([figures.peak / size]),
  }
}

/** @param {string} label @param {string} other @param {Figures} ours @param {Figures | undefined} theirs @param {boolean} isGoal @returns {Row[]} */
function against(label, other, ours, theirs, isGoal) {
  /** @param {'seal' | 'open'} verb @param {number} atLeast @returns {Row} */
  const row = (verb, atLeast) => ({
    what: `Fernet, ${label}: ${verb}`,
    against: other,
    unit: '× the rate',
    ...(theirs ? spread(ours[verb].map((rate) => rate / spread(theirs[verb]).median)) : { absent: true }),
    ...(isGoal && { goal: { atLeast } }),
  })
  return [row('seal', 2.5), row('open', 4)]
}
