/** What must hold on any server that speaks S3 and KMS: our own stand-ins, or the ones that the environment names. */
import { createDecipheriv, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSandbox, PROJECT, type Sandbox } from '../support/sandbox.js'
import { startAws, type AwsWorld } from '../support/world.js'

let aws: AwsWorld
beforeAll(async () => {
  aws = await startAws()
})
afterAll(() => aws.close())

async function sandboxOnAws(fields: object = {}): Promise<Sandbox> {
  const sandbox = await makeSandbox(aws.env)
  await sandbox.write('.lazycred', JSON.stringify({ ...aws.config, ...fields }))
  return sandbox
}

async function expectValue(
  sandbox: Sandbox,
  name: string,
  value: string,
  env: Record<string, string> = {},
): Promise<void> {
  const { status, stdout, stderr } = await sandbox.lazycred(['get', name], { env })
  expect({ status, stdout: stdout.toString(), stderr }).toEqual({ status: 0, stdout: value, stderr: '' })
}

const done = { status: 0, stdout: Buffer.alloc(0), stderr: '' }

describe('the command', () => {
  it('stores what comes by file, redirection and pipe, and gives it back to the byte', async () => {
    const sandbox = await sandboxOnAws()
    await sandbox.write('db.json', '{"user": "sterling"}\n')
    for (const line of ['lazycred put a db.json', 'lazycred put b < db.json', 'cat db.json | lazycred put c -']) {
      expect(await sandbox.shell(line)).toEqual(done)
    }
    for (const name of ['a', 'b', 'c']) await expectValue(sandbox, name, '{"user": "sterling"}\n')
  })

  it('takes everything from variables alone', async () => {
    const { s3_path, key_alias, region } = aws.config
    const variables = { LAZYCRED_S3_PATH: `s3://${s3_path}`, LAZYCRED_KEY_ALIAS: key_alias, AWS_REGION: region }
    const sandbox = await makeSandbox({ ...aws.env, ...variables })
    expect(await sandbox.lazycred(['put', 'by variables'], { input: 'value' })).toEqual(done)
    await expectValue(sandbox, 'by variables', 'value')
  })

  it('takes endpoints by host name', async () => {
    const byName = Object.entries(aws.env).map(([name, value]) => [name, value.replace('//127.0.0.1', '//localhost')])
    const env = Object.fromEntries(byName) as Record<string, string>
    const sandbox = await sandboxOnAws()
    expect(await sandbox.lazycred(['put', 'by host name'], { input: 'value', env })).toEqual(done)
    await expectValue(sandbox, 'by host name', 'value', env)
  })

  it('tells a secret that is not there, and stores nothing of one that cannot be encrypted', async () => {
    const sandbox = await sandboxOnAws({ key_alias: `no-${randomUUID()}` })
    const missing = await sandbox.lazycred(['get', 'nothing'])
    expect(missing).toMatchObject({ status: 3, stdout: Buffer.alloc(0) })
    expect(missing.stderr).toMatch(
      /^ERROR:LazyCredLogger:Unable to get <Key: .*,credentials\/nothing>\. NOT_FOUND: .*\n$/,
    )
    const refused = await sandbox.lazycred(['put', 'nothing'], { input: 'value' })
    expect(refused).toMatchObject({ status: 1, stdout: Buffer.alloc(0) })
    expect(refused.stderr).toMatch(/KMS_KEY_NOT_FOUND: KMS Encrypt on alias\/no-\S+ in region us-east-1: /)
    expect((await sandbox.lazycred(['get', 'nothing'])).status).toBe(3)
  })

  it('tells a bucket that is not there from a secret that is not', async () => {
    const sandbox = await sandboxOnAws({ s3_path: `no-${randomUUID()}/` })
    for (const verb of ['get', 'put']) {
      const { status, stderr } = await sandbox.lazycred([verb, 'name'], { input: 'value' })
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringContaining('. BUCKET_NOT_FOUND: ') as string,
      })
    }
  })
})

describe('a record that was put', () => {
  it('opens by hand: base64 -d the key, KMS Decrypt it, Fernet-decrypt the data', async () => {
    const sandbox = await sandboxOnAws()
    await sandbox.lazycred(['put', 'by hand'], { input: 'The gold is at the post office.' })
    const text = (await aws.readObject('credentials/by hand')).toString()
    expect(text).toMatch(/^\{"data": "gAAAAA[A-Za-z0-9_-]+={0,2}", "key": "[A-Za-z0-9+/]+={0,2}"\}$/)
    const record = JSON.parse(text) as { data: string; key: string }
    const blob = Buffer.from(record.key, 'base64')
    const { Plaintext } = await aws.kms.send(new DecryptCommand({ CiphertextBlob: blob }))
    const dataKey = Buffer.from(Plaintext ?? []).toString()
    expect(dataKey).toMatch(/^[A-Za-z0-9_-]{43}=$/)
    expect(decryptByHand(dataKey, record.data)).toBe('The gold is at the post office.')
  })

  it('has a data key of its own each time', async () => {
    const sandbox = await sandboxOnAws()
    const records: { data: string; key: string }[] = []
    for (const input of ['same', 'same']) {
      await sandbox.lazycred(['put', 'same name'], { input })
      records.push(
        JSON.parse((await aws.readObject('credentials/same name')).toString()) as { data: string; key: string },
      )
    }
    expect(records[0]?.data).not.toBe(records[1]?.data)
    expect(records[0]?.key).not.toBe(records[1]?.key)
  })

  it('opens after its alias was moved to another KMS key', async () => {
    const alias = `moves-${randomUUID()}`
    const makeKmsKey = async (): Promise<string | undefined> =>
      (await aws.kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId
    const AliasName = `alias/${alias}`
    await aws.kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: await makeKmsKey() }))
    const sandbox = await sandboxOnAws({ key_alias: alias })
    expect(await sandbox.lazycred(['put', 'old'], { input: 'old' })).toEqual(done)
    await aws.kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: await makeKmsKey() }))
    expect(await sandbox.lazycred(['put', 'new'], { input: 'new' })).toEqual(done)
    await expectValue(sandbox, 'old', 'old')
    await expectValue(sandbox, 'new', 'new')
  })
})

describe.runIf(process.env['LAZYCRED_TEST_AWS_CLI'])('the commands of the README for AWS', () => {
  it('make all that a first put and get need', async () => {
    const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8')
    const commands = /```sh\n(aws s3 mb .*?)```/s.exec(readme)?.[1] ?? 'false'
    const env = { ...aws.env, AWS_DEFAULT_REGION: 'us-east-1' }
    const sandbox = await makeSandbox(env)
    const path = `${process.env['LAZYCRED_TEST_AWS_CLI'] ?? ''}:${sandbox.env['PATH'] ?? ''}`
    const made = await sandbox.shell(`set -e\n${commands}`, { env: { PATH: path } })
    expect(made).toMatchObject({ status: 0, stderr: '' })
    expect(await sandbox.lazycred(['put', 'db'], { input: 'value' })).toEqual(done)
    await expectValue(sandbox, 'db', 'value')
  })
})

/** After the Fernet spec, with nothing of ours. */
function decryptByHand(dataKey: string, data: string): string {
  const token = Buffer.from(data, 'base64url')
  const encryptionHalf = Buffer.from(dataKey, 'base64url').subarray(16)
  const decipher = createDecipheriv('aes-128-cbc', encryptionHalf, token.subarray(9, 25))
  return Buffer.concat([decipher.update(token.subarray(25, -32)), decipher.final()]).toString()
}

describe('the alias', () => {
  const forms: [string, (alias: string, arn: string) => string][] = [
    ['without alias/', (alias) => alias],
    ['with alias/', (alias) => `alias/${alias}`],
    ['as its ARN', (alias, arn) => arn.replace(/key\/.*/, `alias/${alias}`)],
    ['or as the ARN of a KMS key', (_alias, arn) => arn],
  ]
  it.each(forms)('may be given %s', async (_how, form) => {
    const { key_alias: alias } = aws.config
    const { KeyMetadata } = await aws.kms.send(new DescribeKeyCommand({ KeyId: `alias/${alias}` }))
    const sandbox = await sandboxOnAws({ key_alias: form(alias, KeyMetadata?.Arn ?? '') })
    expect(await sandbox.lazycred(['put', 'by alias'], { input: 'value' })).toEqual(done)
    await expectValue(sandbox, 'by alias', 'value')
  })
})
