import { describe, expect, it, vi } from 'vitest'
import { LazyCred } from '../../src/index.js'
import type { S3Server } from '../support/aws/s3.js'
import { startStandIns, type StandIns } from '../support/stand-ins.js'

const answers = ['PermanentRedirect', 'AuthorizationHeaderMalformed'] as const
const config = { s3_path: 'elsewhere/', key_alias: 'lazy', region: 'us-east-1' }

/** In this process, the credentials and endpoints of a sandbox. */
function useEnvironment({ sandbox }: StandIns): void {
  for (const [name, value] of Object.entries(sandbox.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, value)
}

function statuses(s3: S3Server): (number | undefined)[] {
  return s3.requests.map(({ status }) => status)
}

describe.each(answers)('a bucket in another region, told by %s', (wrongRegion) => {
  it('is followed by the command', async () => {
    const { s3, sandbox } = await startStandIns()
    s3.createBucket('elsewhere', { region: 'eu-west-1', wrongRegion })
    const env = { LAZYCRED_S3_PATH: 'elsewhere/' }
    const large = Buffer.alloc(3 * 1024 * 1024, 'x')
    expect(await sandbox.lazycred(['put', 'db'], { input: large, env })).toMatchObject({ status: 0, stderr: '' })
    const { status, stdout, stderr } = await sandbox.lazycred(['get', 'db'], { env })
    expect({ status, stderr, same: stdout.equals(large) }).toEqual({ status: 0, stderr: '', same: true })
    expect(s3.listObjects('elsewhere')).toEqual(['db'])
  })

  it('is followed once and then known, by calls at the same time too', async () => {
    const servers = await startStandIns()
    useEnvironment(servers)
    const { s3 } = servers
    s3.createBucket('elsewhere', { region: 'eu-west-1', wrongRegion })
    const lazycred = new LazyCred(config)
    const names = Array.from({ length: 20 }, (_, index) => `name ${index}`)
    await Promise.all(names.map((name) => lazycred.put(name, `value of ${name}`)))
    const before = s3.requests.length
    const values = await Promise.all(names.map((name) => lazycred.get(name)))
    expect(values).toEqual(names.map((name) => `value of ${name}`))
    expect(statuses(s3).slice(before)).toEqual(names.map(() => 200))
  })
})

describe('a redirect that cannot be followed', () => {
  it('leads nowhere when the region it names is no region', async () => {
    const { s3, sandbox } = await startStandIns()
    const headers = { 'x-amz-bucket-region': 'evil.example/#' }
    s3.inject({ kind: 'error', status: 301, code: 'PermanentRedirect', headers })
    const { status, stderr } = await sandbox.lazycred(['get', 'db'])
    expect(status).toBe(1)
    expect(stderr).toContain('. WRONG_REGION: S3 GetObject on bucket vault: ')
    expect(statuses(s3)).toEqual([301])
  })

  it('ends after one step', async () => {
    const { s3, sandbox } = await startStandIns()
    const headers = { 'x-amz-bucket-region': 'eu-west-1' }
    s3.inject({ kind: 'error', status: 301, code: 'PermanentRedirect', headers })
    expect((await sandbox.lazycred(['get', 'db'])).stderr).toContain('. WRONG_REGION: ')
    expect(statuses(s3)).toEqual([301, 301])
  })
})
