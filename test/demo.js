/** The first minute: a secret stored and read back on the local backend, in a folder that is thrown away. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const project = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'lazycred-demo-'))

const files = {
  '.lazycred': '{"local": "vault"}\n',
  'db_creds.json': '{"user": "sterling", "password": "D4nger Zone"}\n',
  // No newline at its end, a NUL, and no UTF-8.
  'token.bin': Buffer.from('t\0ken\xff', 'latin1'),
  'app.mjs': `import { get } from 'lazycred'\nconst { user } = JSON.parse(await get('db_credentials'))\nconsole.log('connecting as', user)\n`,
}

/**
 * Prints a line of shell, runs it, prints what it gave, and fails where that is not what it should be.
 *
 * @param {string} line
 * @param {string} [expected]
 */
function show(line, expected) {
  console.log(`$ ${line}`)
  const output = execFileSync('/bin/sh', ['-c', line], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  }).toString()
  process.stdout.write(output === '' || output.endsWith('\n') ? output : `${output}\n`)
  if (expected !== undefined && output !== expected) throw new Error(`"${line}" did not give what it should`)
}

/** As after an install: the command on the PATH, the library in node_modules; and none of this machine's configuration. */
function install() {
  const bin = join(folder, 'node_modules/.bin')
  mkdirSync(bin, { recursive: true })
  symlinkSync(project, join(folder, 'node_modules/lazycred'))
  symlinkSync(join(project, 'bin/lazycred.js'), join(bin, 'lazycred'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return { HOME: folder, PATH: [bin, join(process.execPath, '..'), process.env['PATH']].join(delimiter) }
}

const environment = install()
try {
  console.log(`# LazyCred on its local backend, in ${folder}\n`)
  show('cat .lazycred')
  show('lazycred put db_credentials db_creds.json')
  show('lazycred get db_credentials', files['db_creds.json'])
  show('cat token.bin | lazycred put token')
  show('lazycred get token | od -c')
  show('lazycred get token | cmp - token.bin && echo same', 'same\n')
  show('cat app.mjs')
  show('node app.mjs', 'connecting as sterling\n')
  show('cat vault/records/db_credentials.json')
  console.log('\nEvery byte came back.')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
