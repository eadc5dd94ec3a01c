/** A file that is found and has a wrong field is an error that names both; what comes after it is never asked. */
import { describe, expect, it } from 'vitest'
import { amongGood, CANARY, expectRefusal, GOOD } from './refusal.js'
import { outcome } from '../support/outcome.js'

const FIELDS_HINT = 'The fields are "s3_path", "key_alias" and "region", or "local" in place of the three.'

describe('a field that there is not is refused, with the one that was meant', () => {
  it.each([
    ['s3Path', 's3_path'],
    ['S3_PATH', 's3_path'],
    ['s3path', 's3_path'],
    ['keyalias', 'key_alias'],
    ['key-alias', 'key_alias'],
    ['regoin', 'region'],
    ['loca', 'local'],
    ['Local', 'local'],
  ])('%s: %s', async (field, meant) => {
    const sandbox = await amongGood()
    const content = JSON.stringify({ ...GOOD, [meant]: undefined, [field]: CANARY })
    const path = await sandbox.write('.lazycred', content)
    await expectRefusal(sandbox, { path, reason: `there is no field "${field}"`, hint: `Did you mean "${meant}"?` })
  })

  it.each(['profile', '$import', 'extends', '__proto__', 'constructor', 'toString', '<<'])(
    '%s: none of them',
    async (field) => {
      const sandbox = await amongGood()
      const path = await sandbox.write('.lazycred', `{"${field}": {"local": "${CANARY}"}, "local": "${CANARY}"}`)
      await expectRefusal(sandbox, {
        path,
        reason: /^(there is no field "|it has a field of an odd name)/,
        hint: FIELDS_HINT,
      })
    },
  )

  it.each(['$import', '__proto__', '<<'])('%s in YAML', async (field) => {
    const sandbox = await amongGood()
    const path = await sandbox.write('.lazycred', `"${field}":\n  local: ${CANARY}\nlocal: ${CANARY}\n`)
    await expectRefusal(sandbox, {
      path,
      reason: /^(there is no field "|it has a field of an odd name)/,
      hint: FIELDS_HINT,
    })
  })

  it.each([
    ['a field whose name could be a secret', { [`${CANARY} and more`]: 1 }],
    ['a field whose name would rewrite the terminal', { [`\u001b[2K${CANARY}`]: 1 }],
    ['an empty name', { '': CANARY }],
  ])('%s is not shown', async (_what, fields) => {
    const sandbox = await amongGood()
    const path = await sandbox.write('.lazycred', JSON.stringify(fields))
    await expectRefusal(sandbox, { path, reason: 'it has a field of an odd name', hint: FIELDS_HINT })
  })
})

const WRONG: readonly (readonly [string, Record<string, unknown>, string | RegExp])[] = [
  ['no field at all', {}, '"s3_path", "key_alias" and "region" are missing'],
  ['two missing fields', { s3_path: `${CANARY}/` }, '"key_alias" and "region" are missing'],
  ...Object.keys(GOOD).flatMap((field) => wrongValues(field, GOOD)),
  ...wrongValues('local', { local: CANARY }).slice(1),
  ['a path without /', { ...GOOD, s3_path: CANARY }, /^"s3_path" must have a \/ behind the bucket/],
  ['a path with no bucket', { ...GOOD, s3_path: `/${CANARY}/` }, /^"s3_path" must begin with a bucket/],
  ['s3:// alone', { ...GOOD, s3_path: 's3://' }, /^"s3_path" must (begin with a bucket|have a \/ behind the bucket)/],
  ['s3:// without a bucket', { ...GOOD, s3_path: `s3:///${CANARY}` }, /^"s3_path" must begin with a bucket/],
  ['s3:// without a slash', { ...GOOD, s3_path: `s3://${CANARY}` }, /^"s3_path" must have a \/ behind the bucket/],
  ...[
    'can ary',
    'canary?',
    'canary#',
    'canary@evil',
    'canary:80',
    '..',
    '-canary',
    'cänary',
    'arn:aws:s3:::canary',
    'canary%2f',
  ].map(
    (bucket) =>
      [
        `the bucket ${bucket}`,
        { ...GOOD, s3_path: `${bucket}/` },
        /^what "s3_path" has before its first \/ is not/,
      ] as const,
  ),
  ['another scheme', { ...GOOD, s3_path: `https://${CANARY}/` }, /^what "s3_path" has before its first \/ is not/],
  ...['us-east-1.evil.example/#', 'us-east-1@evil', 'us east', '-us', 'us-', 'a'.repeat(64), 'us-east-1/', '*'].map(
    (region) => [`the region ${region}`, { ...GOOD, region }, /^"region" must be the name of a region/] as const,
  ),
  ['control characters', { ...GOOD, key_alias: `${CANARY}\u0007` }, /^"key_alias" holds/],
  ['half of a surrogate pair', { local: `${CANARY}\ud800` }, /^"local" holds/],
  ...Object.keys(GOOD).map(
    (field) => [`local together with ${field}`, { local: CANARY, [field]: CANARY }, /have one or the other/] as const,
  ),
  ['a folder that only a shell would find', { local: `~/${CANARY}` }, /^"local" begins with ~/],
]

function wrongValues(field: string, others: Record<string, unknown>): [string, Record<string, unknown>, string][] {
  return [
    [`${field} missing`, { ...others, [field]: undefined }, `"${field}" is missing`],
    [`${field} empty`, { ...others, [field]: '' }, `"${field}" is empty`],
    [`${field} null`, { ...others, [field]: null }, `"${field}" must be text, not null`],
    [`${field} a number`, { ...others, [field]: 4711 }, `"${field}" must be text, not a`],
    [`${field} true`, { ...others, [field]: true }, `"${field}" must be text, not a`],
    [`${field} a list`, { ...others, [field]: [CANARY] }, `"${field}" must be text, not a list`],
    [`${field} an object`, { ...others, [field]: { local: CANARY } }, `"${field}" must be text, not a`],
  ]
}

describe('a file of the right form with wrong values is refused', () => {
  it.each(WRONG)('%s', async (_what, fields, reason) => {
    const sandbox = await amongGood()
    await expectRefusal(sandbox, { path: await sandbox.write('.lazycred', JSON.stringify(fields)), reason })
  })

  it.each(['get', 'put'])('by %s, which does nothing then', async (verb) => {
    const sandbox = await amongGood()
    await sandbox.write('.lazycred', `{"local": "${CANARY}"`)
    const { status, stdout, stderr } = outcome(await sandbox.lazycred([verb, 'db'], { input: CANARY }))
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
    expect(stderr).toContain(`Unable to ${verb} <Key: db>. CONFIG_INVALID: ${sandbox.cwd}/.lazycred: `)
    expect(stderr).not.toContain(CANARY)
  })
})
