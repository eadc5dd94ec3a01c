import { randomBytes, randomUUID } from 'node:crypto'
import { DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import {
  createKey,
  createNamedKey,
  decrypt,
  encrypt,
  randomAlias,
  refusalOf,
  type Kms,
  type NamedKey,
} from './kms-client.js'

const PLAINTEXT = Buffer.from('the 44 characters of a data key, more or less')

/** Encrypt and Decrypt: what goes through, and under which name of the key. */
export function encryptChecks(kms: Kms, check: Check): void {
  check('gives back the plaintext, and names the key by its ARN', async () => {
    const { arn, sealed, opened } = await thereAndBack(kms)
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(PLAINTEXT)
    expect([sealed.KeyId, opened.KeyId]).toEqual([arn, arn])
  })

  check('says which algorithm it used', async () => {
    const { sealed, opened } = await thereAndBack(kms)
    const algorithms = [sealed.EncryptionAlgorithm, opened.EncryptionAlgorithm]
    expect(algorithms).toEqual(['SYMMETRIC_DEFAULT', 'SYMMETRIC_DEFAULT'])
  })

  check('encrypts the same plaintext to another blob each time', async () => {
    const { keyId } = await createKey(kms)
    const input = { KeyId: keyId, Plaintext: PLAINTEXT }
    expect(await encrypt(kms, input)).not.toEqual(await encrypt(kms, input))
  })

  check('takes any bytes, up to 4,096', async () => {
    const { keyId } = await createKey(kms)
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 4096, size: 'max' })
    const property = fc.asyncProperty(bytes, async (plaintext) => {
      const blob = await encrypt(kms, { KeyId: keyId, Plaintext: plaintext })
      expect(blob.length).toBeLessThanOrEqual(6144)
      expect(await decrypt(kms, { CiphertextBlob: blob })).toEqual(Buffer.from(plaintext))
    })
    await fc.assert(property, { numRuns: 25, examples: [[randomBytes(1)], [randomBytes(4096)]] })
  })

  identifierChecks(kms, check)
}

function identifierChecks(kms: Kms, check: Check): void {
  for (const form of ['keyId', 'arn', 'alias', 'aliasArn'] as const satisfies (keyof NamedKey)[]) {
    check(`takes the ${form} of a key, for both ways`, async () => {
      const named = await createNamedKey(kms)
      const blob = await encrypt(kms, { KeyId: named[form], Plaintext: PLAINTEXT })
      expect(await decrypt(kms, { KeyId: named[form], CiphertextBlob: blob })).toEqual(PLAINTEXT)
    })
  }

  check('does not know a key id: NotFoundException', async () => {
    const { arn, keyId } = await createKey(kms)
    const missing = randomUUID()
    const missingArn = arn.replace(keyId, missing)
    const expected = { code: 'NotFoundException', message: `Key '${missingArn}' does not exist`, status: 400 }
    for (const KeyId of [missing, missingArn]) {
      expect(await refusalOf(encrypt(kms, { KeyId, Plaintext: PLAINTEXT }))).toEqual(expected)
    }
  })

  check('does not know an alias: NotFoundException', async () => {
    const { arn } = await createKey(kms)
    const alias = randomAlias()
    const aliasArn = arn.replace(/key\/.*/, alias)
    const expected = { code: 'NotFoundException', message: `Alias ${aliasArn} is not found.`, status: 400 }
    for (const KeyId of [alias, aliasArn]) {
      expect(await refusalOf(encrypt(kms, { KeyId, Plaintext: PLAINTEXT }))).toEqual(expected)
    }
  })

  check('tells an alias from one that differs in case', async () => {
    const { alias } = await createNamedKey(kms)
    const other = alias.replace('contract', 'Contract')
    expect((await refusalOf(encrypt(kms, { KeyId: other, Plaintext: PLAINTEXT }))).code).toBe('NotFoundException')
  })

  check('does not take an alias without its prefix: NotFoundException', async () => {
    const KeyId = (await createNamedKey(kms)).alias.replace('alias/', '')
    const refusal = await refusalOf(encrypt(kms, { KeyId, Plaintext: PLAINTEXT }))
    expect(refusal).toMatchObject({ code: 'NotFoundException', status: 400 })
    expect(refusal.message).toMatch(/^Invalid keyId /)
  })

  check('refuses the ARN of a key in another region: NotFoundException', async () => {
    const { arn } = await createKey(kms)
    const KeyId = arn.replace(kms.target.region, 'eu-west-1')
    const refusal = await refusalOf(encrypt(kms, { KeyId, Plaintext: PLAINTEXT }))
    expect(refusal).toEqual({ code: 'NotFoundException', message: 'Invalid arn eu-west-1', status: 400 })
  })

  check('refuses the ARN of a key in another account: AccessDeniedException', async () => {
    const { arn } = await createKey(kms)
    const KeyId = arn.replace(/:\d{12}:/, ':999999999999:')
    const refusal = await refusalOf(encrypt(kms, { KeyId, Plaintext: PLAINTEXT }))
    expect(refusal).toMatchObject({ code: 'AccessDeniedException', status: 400 })
    expect(refusal.message).toContain(`is not authorized to perform: kms:Encrypt on resource: ${KeyId}`)
  })
}

async function thereAndBack(kms: Kms) {
  const { arn, keyId } = await createKey(kms)
  const sealed = await kms.client.send(new EncryptCommand({ KeyId: keyId, Plaintext: PLAINTEXT }))
  const opened = await kms.client.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }))
  return { arn, sealed, opened }
}
