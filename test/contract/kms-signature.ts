import { ListAliasesCommand } from '@aws-sdk/client-kms'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { kmsOf, rawRequest, refusalOf, type Kms, type Refusal } from './kms-client.js'
import type { Target } from './endpoints.js'

/** Whom KMS lets in, and what it says to the others (AWS page "Common Errors" of the AWS KMS API Reference). */
export function signatureChecks(kms: Kms, check: Check): void {
  const { target } = kms
  const refusalFor = async (overrides: Partial<Pick<Target, 'region' | 'credentials'>>): Promise<Refusal> => {
    const { client } = kmsOf(target, overrides)
    return refusalOf(client.send(new ListAliasesCommand({}))).finally(() => {
      client.destroy()
    })
  }

  check('refuses an access key id it does not know: UnrecognizedClientException', async () => {
    expect(await refusalFor({ credentials: { ...target.credentials, accessKeyId: 'AKIDUNKNOWN' } })).toEqual({
      code: 'UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
      status: 400,
    })
  })

  check('refuses a signature with another secret: InvalidSignatureException', async () => {
    const refusal = await refusalFor({ credentials: { ...target.credentials, secretAccessKey: 'another' } })
    expect(refusal).toMatchObject({ code: 'InvalidSignatureException', status: 400 })
    expect(refusal.message).toContain('The request signature we calculated does not match the signature you provided.')
  })

  check('refuses a signature for another region: InvalidSignatureException', async () => {
    expect(await refusalFor({ region: 'eu-west-1' })).toMatchObject({ code: 'InvalidSignatureException', status: 400 })
  })

  check('refuses a request without a signature: MissingAuthenticationTokenException', async () => {
    const answer = await rawRequest(target, 'ListAliases', '{}', { headers: { authorization: null } })
    expect(answer).toMatchObject({ status: 400, body: { __type: 'MissingAuthenticationTokenException' } })
  })

  check('refuses half a signature: IncompleteSignatureException', async () => {
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE' }
    const answer = await rawRequest(target, 'ListAliases', '{}', { headers })
    expect(answer).toMatchObject({ status: 400, body: { __type: 'IncompleteSignatureException' } })
  })

  check('refuses a signature of long ago: InvalidSignatureException', async () => {
    const signer = { time: new Date(Date.now() - 16 * 60 * 1000) }
    const answer = await rawRequest(target, 'ListAliases', '{}', { signer })
    expect(answer).toMatchObject({ status: 400, body: { __type: 'InvalidSignatureException' } })
  })
}
