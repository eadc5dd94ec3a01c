/** What else is there on this machine to measure against. */
import { interleave, ratios, run, RUNS, spread } from './measure.js'

const { PATH = '', HOME = '' } = process.env
const PYTHONS = ['/usr/bin/python3', 'python3']
/** The system's own first: nothing stands between it and its user, as a shim does. */
const AWS_CLIS = ['/usr/bin/aws', 'aws']
const OTHERS = ['chamber', 'credstash', 'sops', 'fnox', 'op', 'vault', 'gopass']

/** @param {string} imports @returns {Promise<string | undefined>} a Python that has these */
export async function findPython(imports) {
  for (const python of PYTHONS) {
    if (await works([python, '-c', `import ${imports}`])) return python
  }
  return undefined
}

/** @returns {Promise<string | undefined>} a Python with what the original stands on */
export function findPythonOriginal() {
  return findPython('boto, boto.kms, cryptography.fernet')
}

/** @returns {Promise<string | undefined>} */
export async function findAwsCli() {
  for (const aws of AWS_CLIS) {
    if (await works([aws, '--version'])) return aws
  }
  return undefined
}

/**
 * They keep their secrets elsewhere, or need a service that is not there; so their start alone is measured.
 *
 * @returns {Promise<import('./table.js').Row[]>}
 */
export async function measureOthers() {
  const rows = []
  for (const name of OTHERS) {
    const row = { what: `${name} --version (its start alone)`, against: 'node -e 0', unit: '×' }
    const isThere = await works([name, '--version'])
    rows.push(isThere ? { ...row, ...(await startOf(name)) } : { ...row, absent: /** @type {const} */ (true) })
  }
  return rows
}

/** @param {string} name */
async function startOf(name) {
  const env = { PATH, HOME }
  const commands = [
    { name, argv: [name, '--version'], env },
    { name: 'node', argv: [process.execPath, '-e', '0'], env },
  ]
  const times = await interleave(commands, Math.ceil(RUNS / 3))
  return spread(ratios(times.get(name) ?? [], times.get('node') ?? []))
}

/** @param {string[]} argv */
async function works(argv) {
  try {
    await run({ name: argv[0] ?? '', argv, env: { PATH, HOME } })
    return true
  } catch {
    return false
  }
}
