import { expect, test } from 'vitest'
import { TEST_CREDENTIALS } from '../support/aws/sigv4.js'
import { makeFolderSandbox } from '../support/local.js'
import { outcome } from '../support/outcome.js'
import { startStandIns } from '../support/stand-ins.js'

const CANARY = 'canary-4711-D4nger-Zone'

/** The value, the AWS credentials, a data key as it travels to KMS and back, a signature. */
function expectNothingSecret(stderr: string): void {
  expect(stderr).toMatch(/^ERROR:LazyCredLogger:Unable to (put|get) /m)
  expect(stderr).not.toContain(CANARY)
  expect(stderr).not.toContain(TEST_CREDENTIALS.secretAccessKey)
  expect(stderr).not.toMatch(/[A-Za-z0-9_-]{43}=|Signature=|Plaintext":/)
}

test('shows nothing secret of a put that AWS refuses, with --verbose neither', async () => {
  const { s3, kms, sandbox } = await startStandIns()
  kms.inject({ kind: 'error', status: 400, code: 'AccessDeniedException' }, { times: 1 })
  s3.inject({ kind: 'error', status: 403, code: 'AccessDenied' }, { times: 1 })
  for (const service of ['KMS', 'S3']) {
    const result = outcome(await sandbox.lazycred(['--verbose', 'put', 'db'], { input: CANARY }))
    expect(result).toMatchObject({ status: 1, stdout: '' })
    expect(result.stderr).toContain(`ACCESS_DENIED: ${service} `)
    expectNothingSecret(result.stderr)
  }
})

test('shows nothing secret of a get that fails late, with --verbose neither', async () => {
  const { sandbox, kms } = await startStandIns()
  await sandbox.lazycred(['put', 'db'], { input: CANARY })
  const full = outcome(await sandbox.shell('lazycred --verbose get db > /dev/full'))
  kms.inject({ kind: 'truncate' }, { operation: 'Decrypt' })
  const cut = outcome(await sandbox.lazycred(['--verbose', 'get', 'db'], { env: { AWS_MAX_ATTEMPTS: '1' } }))
  for (const result of [full, cut]) {
    expect(result).toMatchObject({ status: 1, stdout: '' })
    expectNothingSecret(result.stderr)
  }
})

test('shows nothing of a value that the store cannot take, and no stack where it was not asked for', async () => {
  const { lazycred, write } = await makeFolderSandbox()
  await write('store', 'a file where a folder is expected')
  for (const args of [
    ['put', 'db'],
    ['put', 'db', 'nothing'],
    ['put', ''],
    ['put', 'db', '--x'],
  ]) {
    const { stderr } = outcome(await lazycred(args, { input: CANARY }))
    expect(stderr).not.toMatch(/^ +at |DEBUG|Caused by|canary/m)
    expect(stderr.split('\n').length).toBeLessThanOrEqual(3)
  }
})

test.each([
  ['as the file', [CANARY]],
  ['as the file, with a slash', [`.lazycred/${CANARY}`]],
  ['as the file, longer than any name', [CANARY.repeat(20)]],
  ['as a third argument', ['.lazycred', CANARY]],
  ['with an option of two dashes', [`--value=${CANARY}`]],
  ['with an option of one dash', [`-p${CANARY}`]],
])('does not repeat a value that was given %s', async (_how, args) => {
  const { lazycred } = await makeFolderSandbox()
  const { status, stderr } = outcome(await lazycred(['--verbose', 'put', 'db', ...args], { input: 'x' }))
  expect([1, 2]).toContain(status)
  expect(stderr).not.toContain(CANARY)
})

test('lets the name of a folder forge no line, in debug messages neither', async () => {
  const { cwd, shell } = await makeFolderSandbox()
  const go = `mkdir -p $'a\\nERROR:forged' && cd $'a\\nERROR:forged'`
  const { status, stderr } = outcome(await shell(`${go} && cp ../.lazycred . && lazycred --verbose get db`))
  const place = `${cwd}/a\\u{a}ERROR:forged`
  expect({ status, lines: stderr.split('\n').slice(0, 2) }).toEqual({
    status: 3,
    lines: [
      `DEBUG:LazyCredLogger:Configuration from ${place}/.lazycred`,
      `ERROR:LazyCredLogger:Unable to get <Key: ${place}/store,db>. NOT_FOUND: there is no such secret`,
    ],
  })
  const missing = outcome(await shell(`${go} && rm -f .lazycred ../.lazycred && lazycred get db`))
  expect(missing.status).toBe(4)
  expect(missing.stderr).toContain(`CONFIG_MISSING: there is no .lazycred in ${place},`)
  for (const text of [stderr, missing.stderr]) expect(text).not.toMatch(/^ERROR:forged/m)
})

test.each(['2>/dev/full', '2>&-', '2> >(true)'])('does its work where standard error is %s', async (redirection) => {
  const { lazycred, shell } = await makeFolderSandbox()
  await lazycred(['put', 'db'], { input: Buffer.alloc(1024 * 1024, 'a') })
  const line = `lazycred --verbose get db ${redirection} | wc -c; echo "\${PIPESTATUS[0]}"`
  expect(outcome(await shell(line))).toEqual({ status: 0, stdout: '1048576\n0\n', stderr: '' })
  expect((await shell(`lazycred --verbose get nothing ${redirection}`)).status).toBe(3)
  expect((await shell(`lazycred gett ${redirection}`)).status).toBe(2)
})
