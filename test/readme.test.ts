import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { codes } from '../src/errors.js'
import { exitStatusOf } from '../src/cli/exit-status.js'
import { makeSandbox, PROJECT, type Sandbox } from './support/sandbox.js'
import { startStandIns } from './support/stand-ins.js'

const readme = readFileSync(`${PROJECT}README.md`, 'utf8')
const CREDENTIALS = '{"user": "sterling", "password": "D4nger Zone"}\n'

/** The code blocks of a language, in their order. */
function blocks(language: string): string[] {
  return Array.from(readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms')), (match) => match[1] ?? '')
}

/** The first cells of a table, by what its header begins with. */
function column(header: string): string[] {
  const rows = (readme.slice(readme.indexOf(`| ${header} `)).split('\n\n')[0] ?? '').split('\n').slice(2)
  return rows.map((row) => /^\| `?(\w+)`? +\|/.exec(row)?.[1] ?? row)
}

async function readersSandbox(): Promise<Sandbox> {
  const sandbox = await makeSandbox()
  await sandbox.write('.lazycred', '{"local": "vault"}')
  await sandbox.write('db_creds.json', CREDENTIALS)
  return sandbox
}

/** Runs the lines after `$`, and expects what stands under each. */
async function replay(sandbox: Sandbox, transcript: string): Promise<void> {
  for (const step of transcript.split(/^\$ /m).slice(1)) {
    const [line = '', ...expected] = step.split('\n')
    const { stdout, stderr } = await sandbox.shell(line)
    expect(`${line}\n${stdout.toString()}${stderr}`).toBe(`${line}\n${expected.join('\n')}`)
  }
}

describe('the README', () => {
  it('has transcripts that happen', async () => {
    const [first, command, error] = blocks('console')
    const sandbox = await readersSandbox()
    await replay(sandbox, first ?? '')
    await replay(sandbox, command ?? '')
    const { s3, sandbox: onAws } = await startStandIns()
    s3.createBucket('my-secrets')
    await onAws.write('.lazycred', blocks('json')[0] ?? '')
    await replay(onAws, error ?? '')
  })

  it('has examples of the library that run', async () => {
    const outputs = [
      'Something Something Danger Zone\n',
      '<Buffer ff d8>\nno such secret\n',
      "[ 'the user', 'the password' ]\nthe user\n",
    ]
    expect(blocks('js')).toHaveLength(outputs.length)
    const sandbox = await readersSandbox()
    for (const [index, example] of blocks('js').entries()) {
      const { status, stdout, stderr } = await sandbox.node(example)
      expect({ status, stdout: stdout.toString(), stderr }).toEqual({ status: 0, stdout: outputs[index], stderr: '' })
    }
  })

  it('lists every code and every exit status', () => {
    expect(column('code')).toEqual(Object.keys(codes))
    const statuses = (Object.keys(codes) as (keyof typeof codes)[]).map(exitStatusOf)
    expect(column('exit status')).toEqual([...new Set([0, ...statuses])].sort((a, b) => a - b).map(String))
  })

  it('begins with the two commands for a fresh clone', () => {
    const { scripts } = JSON.parse(readFileSync(`${PROJECT}package.json`, 'utf8')) as {
      scripts: Record<string, string>
    }
    expect(blocks('sh')[0]).toMatch(/^npm ci && npm run demo .*\nnpm ci && npm test .*\n$/)
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test']))
  })
})

describe('SECURITY.md', () => {
  const security = readFileSync(`${PROJECT}SECURITY.md`, 'utf8')

  it('names tests that there are, by file and title, and files of the source', () => {
    const named = Array.from(security.matchAll(/`((?:test|src)\/[^`]+)`(?: “([^”…]+)[^”]*”)?/g))
    expect(named.length).toBeGreaterThan(10)
    for (const [, file = '', title = ''] of named) {
      expect(existsSync(`${PROJECT}${file}`), file).toBe(true)
      if (title !== '')
        expect(readFileSync(`${PROJECT}${file}`, 'utf8')).toMatch(new RegExp(`(it|describe).*${title.trim()}`))
    }
  })
})
