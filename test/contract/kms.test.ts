import { afterAll, describe } from 'vitest'
import { checksOn, kmsTarget, type Target } from './endpoints.js'
import { kmsOf } from './kms-client.js'
import { contextChecks } from './kms-context.js'
import { decryptChecks } from './kms-decrypt.js'
import { encryptChecks } from './kms-encrypt.js'
import { keyChecks } from './kms-keys.js'
import { protocolChecks } from './kms-protocol.js'
import { reEncryptChecks } from './kms-reencrypt.js'
import { signatureChecks } from './kms-signature.js'

/** What any KMS must do, as far as the project leans on it. */
function kmsContract(target: Target): void {
  const kms = kmsOf(target)
  afterAll(() => {
    kms.client.destroy()
  })
  checksOn(target, (check) => {
    for (const checks of [encryptChecks, decryptChecks, contextChecks, keyChecks, reEncryptChecks]) checks(kms, check)
    for (const checks of [protocolChecks, signatureChecks]) checks(kms, check)
  })
}

const target = await kmsTarget()
afterAll(() => target.close())

describe(`KMS (${target.name})`, () => {
  kmsContract(target)
})
