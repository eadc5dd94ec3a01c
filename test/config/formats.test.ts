/** What a configuration file may look like. */
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lookedIn } from '../support/config-sources.js'
import { outcome } from '../support/outcome.js'
import { makeSandbox } from '../support/sandbox.js'
import { startStandIns } from '../support/stand-ins.js'

const readmeOfThePythonTool = `{
    "s3_path": "vault/team/",
    "key_alias": "lazy",
    "region": "us-east-1",
}
`

describe('a configuration for AWS', () => {
  it.each([
    ['JSON with the trailing comma of the Python tool’s README', readmeOfThePythonTool],
    ['the same indented with tabs', readmeOfThePythonTool.replaceAll('    ', '\t')],
    ['the same with CRLF', readmeOfThePythonTool.replaceAll('\n', '\r\n')],
    ['the same behind a byte order mark', `\ufeff${readmeOfThePythonTool}`],
    ['JSON in one line', '{"region": "us-east-1", "key_alias": "lazy", "s3_path": "vault/team/"}'],
    ['JSON behind a byte order mark', '\ufeff{"s3_path":"vault/team/","key_alias":"lazy","region":"us-east-1"}\r\n'],
    ['YAML', '# ours\ns3_path: vault/team/\nkey_alias: lazy\nregion: us-east-1\n'],
    ['YAML with quotes and document marks', `---\ns3_path: 'vault/team/'\nkey_alias: "lazy"\nregion: us-east-1\n...\n`],
    ['s3:// in front of the path', '{"s3_path": "s3://vault/team/", "key_alias": "lazy", "region": "us-east-1"}'],
    ['the alias written out', '{"s3_path": "vault/team/", "key_alias": "alias/lazy", "region": "us-east-1"}'],
    [
      'a path without its last slash, which joins as it is',
      '{"s3_path":"vault/te","key_alias":"lazy","region":"us-east-1"}',
      'amdb',
    ],
  ])('may be %s', async (_what, content, name = 'db') => {
    const { s3, sandbox } = await startStandIns()
    await sandbox.write('.lazycred', content)
    expect(outcome(await sandbox.lazycred(['put', name], { input: 'value' }))).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    })
    expect(s3.listObjects('vault')).toEqual([content.includes('team') ? 'team/db' : 'teamdb'])
  })

  it('may have the bucket alone: the first slash ends it', async () => {
    const { s3, sandbox } = await startStandIns()
    await sandbox.write('.lazycred', '{"s3_path": "vault/", "key_alias": "lazy", "region": "us-east-1"}')
    expect(outcome(await sandbox.lazycred(['put', 'a/b'], { input: 'value' }))).toMatchObject({ status: 0, stderr: '' })
    expect(s3.listObjects('vault')).toEqual(['a/b'])
  })

  it('may name the KMS key by its ARN', async () => {
    const { kms, sandbox } = await startStandIns()
    const arn = kms.createKey().arn
    await sandbox.write('.lazycred', JSON.stringify({ s3_path: 'vault/', key_alias: arn, region: 'us-east-1' }))
    expect(outcome(await sandbox.lazycred(['put', 'db'], { input: 'value' }))).toMatchObject({ status: 0, stderr: '' })
    expect(kms.requests.map(({ request }) => JSON.parse(request.body.toString()) as unknown)).toEqual([
      expect.objectContaining({ KeyId: arn }),
    ])
  })
})

describe('a configuration for a folder', () => {
  it.each([
    ['a path from the place of the file', 'store'],
    ['a path upwards', '../store'],
    ['a whole path', '/nowhere/store'],
    ['spaces and letters of all kinds', 'ein Ordner/für ключ 🔑'],
    ['a dot', '.'],
    ['a trailing slash', 'store/'],
  ])('may have %s', async (_what, local) => {
    const { cwd, write, lazycred } = await makeSandbox()
    await write('.lazycred', JSON.stringify({ local }))
    expect(outcome(await lazycred(['get', 'db']))).toEqual(lookedIn(resolve(cwd, local)))
  })
})

it('what is put from a folder below is got from above: the place of the file counts', async () => {
  const { cwd, write, lazycred } = await makeSandbox()
  await write('../.lazycred', '{"local": "store"}')
  await write('deeper/there', '')
  expect(await lazycred(['put', 'db'], { input: 'value', cwd: `${cwd}/deeper` })).toMatchObject({ status: 0 })
  expect(outcome(await lazycred(['get', 'db']))).toEqual({ status: 0, stdout: 'value', stderr: '' })
})
