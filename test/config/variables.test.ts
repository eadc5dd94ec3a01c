/** The environment's variables as a source of configuration. */
import { describe, expect, it } from 'vitest'
import { HERE, lookedIn } from '../support/config-sources.js'
import { outcome } from '../support/outcome.js'
import { makeSandbox } from '../support/sandbox.js'
import { startStandIns, type StandIns } from '../support/stand-ins.js'

const ALL = { LAZYCRED_S3_PATH: 'vault/', LAZYCRED_KEY_ALIAS: 'lazy', AWS_DEFAULT_REGION: 'us-east-1' }

/** Signature V4 names the region it was made for. */
function regionsAsked({ kms }: StandIns): string[] {
  return kms.requests.map(
    ({ request: { headers } }) => /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers['authorization'] ?? '')?.[1] ?? '',
  )
}

describe('the region', () => {
  it.each([
    ['AWS_DEFAULT_REGION where AWS_REGION says another', { AWS_DEFAULT_REGION: 'us-east-1', AWS_REGION: 'eu-west-1' }],
    ['AWS_REGION where there is no other', { AWS_DEFAULT_REGION: '', AWS_REGION: 'us-east-1' }],
  ])('is that of %s', async (_what, env) => {
    const servers = await startStandIns()
    const { lazycred } = servers.sandbox
    expect(await lazycred(['put', 'db'], { input: 'value', env })).toMatchObject({ status: 0, stderr: '' })
    expect(outcome(await lazycred(['get', 'db'], { env }))).toEqual({ status: 0, stdout: 'value', stderr: '' })
    expect(regionsAsked(servers)).toEqual(['us-east-1', 'us-east-1'])
  })

  it('is not taken from AWS_REGION where a .lazycred has one', async () => {
    const servers = await startStandIns()
    await servers.sandbox.write('.lazycred', '{"s3_path": "vault/", "key_alias": "lazy", "region": "us-east-1"}')
    const env = { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1' }
    expect(await servers.sandbox.lazycred(['put', 'db'], { input: 'value', env })).toMatchObject({ status: 0 })
    expect(regionsAsked(servers)).toEqual(['us-east-1'])
  })
})

describe('variables that are not enough', () => {
  it.each([
    ['LAZYCRED_S3_PATH', 'is', { LAZYCRED_S3_PATH: '' }],
    ['LAZYCRED_KEY_ALIAS', 'is', { LAZYCRED_KEY_ALIAS: '' }],
    ['AWS_DEFAULT_REGION or AWS_REGION', 'is', { AWS_DEFAULT_REGION: '' }],
    [
      'LAZYCRED_KEY_ALIAS and AWS_DEFAULT_REGION or AWS_REGION',
      'are',
      { LAZYCRED_KEY_ALIAS: '', AWS_DEFAULT_REGION: '' },
    ],
  ])('are told: %s %s missing, also where it is there but empty', async (what, verb, env) => {
    const sandbox = await makeSandbox({ ...ALL, ...env })
    const stderr = `ERROR:LazyCredLogger:Unable to get <Key: db>. CONFIG_INVALID: the environment: ${what} ${verb} missing\n`
    expect(outcome(await sandbox.lazycred(['get', 'db']))).toEqual({ status: 4, stdout: '', stderr })
  })

  it.each([
    ['none', {}],
    ['a region alone, which is AWS’s', { AWS_DEFAULT_REGION: 'us-east-1', AWS_REGION: 'us-east-1' }],
    ['all of them empty', { LAZYCRED_S3_PATH: '', LAZYCRED_KEY_ALIAS: '', LAZYCRED_LOCAL: '', LAZYCRED_CONFIG: '' }],
  ])('are no configuration: %s', async (_what, env) => {
    const sandbox = await makeSandbox(env)
    const { status, stdout, stderr } = outcome(await sandbox.lazycred(['get', 'db']))
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
    expect(stderr).toMatch(/^ERROR:LazyCredLogger:Unable to get <Key: db>\. CONFIG_MISSING: .*\n.*"local".*\n$/)
    for (const place of [sandbox.cwd, sandbox.home, 'LAZYCRED_S3_PATH', 'LAZYCRED_KEY_ALIAS'])
      expect(stderr).toContain(place)
  })
})

describe('LAZYCRED_LOCAL', () => {
  it.each([
    ['alone', {}],
    ['beside a region, which most machines have set', { AWS_DEFAULT_REGION: 'us-east-1', AWS_REGION: 'eu-west-1' }],
    ['beside empty variables', { LAZYCRED_S3_PATH: '', LAZYCRED_KEY_ALIAS: '' }],
  ])('names the folder, from the current one: %s', async (_what, env) => {
    const sandbox = await makeSandbox({ LAZYCRED_LOCAL: 'store', ...env })
    expect(outcome(await sandbox.lazycred(['get', 'db']))).toEqual(lookedIn(`${sandbox.cwd}/store`))
  })

  it.each(['LAZYCRED_S3_PATH', 'LAZYCRED_KEY_ALIAS'])('does not go together with %s', async (name) => {
    const sandbox = await makeSandbox({ LAZYCRED_LOCAL: 'store', [name]: 'vault/' })
    const reason = `the environment: LAZYCRED_LOCAL stands in for ${name}: have one or the other`
    const stderr = `ERROR:LazyCredLogger:Unable to get <Key: db>. CONFIG_INVALID: ${reason}\n`
    expect(outcome(await sandbox.lazycred(['get', 'db']))).toEqual({ status: 4, stdout: '', stderr })
  })
})

describe('a bad variable', () => {
  it.each([
    ['LAZYCRED_S3_PATH', 'canary'],
    ['LAZYCRED_S3_PATH', '/canary'],
    ['LAZYCRED_S3_PATH', 'can ary/'],
    ['AWS_DEFAULT_REGION', 'us-east-1.canary.example/#'],
    ['LAZYCRED_KEY_ALIAS', 'canary\nalias'],
  ])('is named, and what it holds is not shown: %s=%j', async (what, value) => {
    const sandbox = await makeSandbox({ ...ALL, [what]: value })
    const { status, stdout, stderr } = outcome(await sandbox.lazycred(['get', 'db']))
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
    expect(stderr).toContain(`CONFIG_INVALID: the environment: `)
    expect(stderr).toContain(what)
    expect(stderr).not.toMatch(/can|ary/)
  })
})

describe('LAZYCRED_CONFIG', () => {
  it('is taken from the current folder, and --config from there too', async () => {
    const sandbox = await makeSandbox({ LAZYCRED_CONFIG: 'sub/of variable.json' })
    await sandbox.write('sub/of variable.json', '{"local": "variable"}')
    await sandbox.write('sub/of option.json', '{"local": "option"}')
    expect(outcome(await sandbox.lazycred(['get', 'db']))).toEqual(lookedIn(`${sandbox.cwd}/sub/variable`))
    const args = ['--config=sub/of option.json', 'get', 'db']
    expect(outcome(await sandbox.lazycred(args))).toEqual(lookedIn(`${sandbox.cwd}/sub/option`))
  })

  it('is for the library too', async () => {
    const sandbox = await makeSandbox({ LAZYCRED_CONFIG: 'named' })
    await sandbox.write('named', '{"local": "store"}')
    await HERE.plant(sandbox, '{"local": "wrong"}')
    const result = await sandbox.node(`import { get } from 'lazycred'; console.log(await get('db'))`)
    expect(outcome(result)).toEqual({ ...lookedIn(`${sandbox.cwd}/store`), status: 0, stdout: 'null\n' })
  })
})
