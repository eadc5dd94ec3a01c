import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  ListAliasesCommand,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { createKey, createNamedKey, decrypt, encrypt, randomAlias, refusalOf, type Kms } from './kms-client.js'

const PLAINTEXT = Buffer.from('plaintext')

/** Keys, their states and their aliases. */
export function keyChecks(kms: Kms, check: Check): void {
  stateChecks(kms, check)
  aliasChecks(kms, check)

  check('describes a key under each of its names', async () => {
    const { keyId, arn, alias, aliasArn } = await createNamedKey(kms)
    for (const KeyId of [keyId, arn, alias, aliasArn]) {
      const { KeyMetadata } = await kms.client.send(new DescribeKeyCommand({ KeyId }))
      expect(KeyMetadata).toMatchObject({
        KeyId: keyId,
        Arn: arn,
        AWSAccountId: arn.split(':')[4],
        Enabled: true,
        KeyState: 'Enabled',
      })
    }
  })

  check('says what a key is for', async () => {
    const { keyId } = await createKey(kms)
    const { KeyMetadata } = await kms.client.send(new DescribeKeyCommand({ KeyId: keyId }))
    expect(KeyMetadata).toMatchObject({ KeyUsage: 'ENCRYPT_DECRYPT', KeySpec: 'SYMMETRIC_DEFAULT' })
  })
}

function stateChecks(kms: Kms, check: Check): void {
  check('does nothing with a disabled key: DisabledException', async () => {
    const { keyId, arn } = await createKey(kms)
    const blob = await encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT })
    await kms.client.send(new DisableKeyCommand({ KeyId: keyId }))
    const expected = { code: 'DisabledException', message: `${arn} is disabled.`, status: 400 }
    expect(await refusalOf(encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT }))).toEqual(expected)
    expect(await refusalOf(decrypt(kms, { CiphertextBlob: blob }))).toEqual(expected)
  })

  check('opens old blobs once the key is enabled again', async () => {
    const { keyId } = await createKey(kms)
    const blob = await encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT })
    await kms.client.send(new DisableKeyCommand({ KeyId: keyId }))
    await kms.client.send(new EnableKeyCommand({ KeyId: keyId }))
    expect(await decrypt(kms, { CiphertextBlob: blob })).toEqual(PLAINTEXT)
  })

  check('does nothing with a key that is to be deleted: KMSInvalidStateException', async () => {
    const { keyId, arn } = await createKey(kms)
    const blob = await encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT })
    await kms.client.send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 }))
    const expected = { code: 'KMSInvalidStateException', message: `${arn} is pending deletion.`, status: 400 }
    expect(await refusalOf(encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT }))).toEqual(expected)
    expect(await refusalOf(decrypt(kms, { CiphertextBlob: blob }))).toEqual(expected)
  })

  check('does not enable a key that is to be deleted: KMSInvalidStateException', async () => {
    const { keyId } = await createKey(kms)
    await kms.client.send(new ScheduleKeyDeletionCommand({ KeyId: keyId }))
    const refusal = await refusalOf(kms.client.send(new EnableKeyCommand({ KeyId: keyId })))
    expect(refusal).toMatchObject({ code: 'KMSInvalidStateException', status: 400 })
  })

  check('says when a key is to be deleted', async () => {
    const { keyId, arn } = await createKey(kms)
    const answer = await kms.client.send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 }))
    expect(answer).toMatchObject({ KeyId: arn, KeyState: 'PendingDeletion', PendingWindowInDays: 7 })
    const { KeyMetadata } = await kms.client.send(new DescribeKeyCommand({ KeyId: keyId }))
    expect(KeyMetadata).toMatchObject({
      KeyState: 'PendingDeletion',
      Enabled: false,
      DeletionDate: answer.DeletionDate,
    })
  })

  check('does nothing with a key whose material is still to come: KMSInvalidStateException', async () => {
    const { keyId, arn } = await createKey(kms, { Origin: 'EXTERNAL' })
    const refusal = await refusalOf(encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT }))
    expect(refusal).toEqual({ code: 'KMSInvalidStateException', message: `${arn} is pending import.`, status: 400 })
  })
}

function aliasChecks(kms: Kms, check: Check): void {
  check('strands no blob when an alias is moved', async () => {
    const { alias, keyId } = await createNamedKey(kms)
    const successor = await createKey(kms)
    const blob = await encrypt(kms, { KeyId: alias, Plaintext: PLAINTEXT })
    await kms.client.send(new UpdateAliasCommand({ AliasName: alias, TargetKeyId: successor.keyId }))
    expect(await decrypt(kms, { CiphertextBlob: blob })).toEqual(PLAINTEXT)
    expect(await decrypt(kms, { CiphertextBlob: blob, KeyId: keyId })).toEqual(PLAINTEXT)
  })

  check('opens no older blob under the name of a moved alias: IncorrectKeyException', async () => {
    const { alias } = await createNamedKey(kms)
    const blob = await encrypt(kms, { KeyId: alias, Plaintext: PLAINTEXT })
    await kms.client.send(new UpdateAliasCommand({ AliasName: alias, TargetKeyId: (await createKey(kms)).keyId }))
    const refusal = await refusalOf(decrypt(kms, { CiphertextBlob: blob, KeyId: alias }))
    expect(refusal.code).toBe('IncorrectKeyException')
  })

  check('forgets a deleted alias, not its key: NotFoundException', async () => {
    const { alias, keyId } = await createNamedKey(kms)
    await kms.client.send(new DeleteAliasCommand({ AliasName: alias }))
    expect((await refusalOf(encrypt(kms, { KeyId: alias, Plaintext: PLAINTEXT }))).code).toBe('NotFoundException')
    expect((await encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT })).length).toBeGreaterThan(0)
  })

  check('makes no alias twice: AlreadyExistsException', async () => {
    const { alias, keyId, aliasArn } = await createNamedKey(kms)
    const again = new CreateAliasCommand({ AliasName: alias, TargetKeyId: keyId })
    expect(await refusalOf(kms.client.send(again))).toEqual({
      code: 'AlreadyExistsException',
      message: `An alias with the name ${aliasArn} already exists`,
      status: 400,
    })
  })

  check('moves no alias that is not there: NotFoundException', async () => {
    const { keyId } = await createKey(kms)
    const move = new UpdateAliasCommand({ AliasName: randomAlias(), TargetKeyId: keyId })
    expect(await refusalOf(kms.client.send(move))).toMatchObject({ code: 'NotFoundException', status: 400 })
  })

  check('makes no alias of an alias: ValidationException', async () => {
    const { alias } = await createNamedKey(kms)
    const chain = new CreateAliasCommand({ AliasName: randomAlias(), TargetKeyId: alias })
    expect(await refusalOf(kms.client.send(chain))).toMatchObject({ code: 'ValidationException', status: 400 })
  })

  check('keeps the names of AWS for AWS: NotAuthorizedException', async () => {
    const { keyId } = await createKey(kms)
    const reserved = new CreateAliasCommand({ AliasName: 'alias/aws/s3', TargetKeyId: keyId })
    expect(await refusalOf(kms.client.send(reserved))).toMatchObject({ code: 'NotAuthorizedException', status: 400 })
  })

  check('lists the aliases of a key', async () => {
    const { alias, keyId, aliasArn } = await createNamedKey(kms)
    const { Aliases } = await kms.client.send(new ListAliasesCommand({ KeyId: keyId }))
    expect(Aliases).toHaveLength(1)
    expect(Aliases?.[0]).toMatchObject({ AliasName: alias, AliasArn: aliasArn, TargetKeyId: keyId })
  })

  check('lists aliases page by page', async () => {
    const { keyId } = await createKey(kms)
    const names = [randomAlias(), randomAlias(), randomAlias()]
    for (const name of names) await kms.client.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: keyId }))
    const found: (string | undefined)[] = []
    let marker: string | undefined
    for (let pages = 0; pages < 5; pages += 1) {
      const page = await kms.client.send(new ListAliasesCommand({ KeyId: keyId, Limit: 1, Marker: marker }))
      expect(page.Aliases?.length).toBeLessThanOrEqual(1)
      found.push(...(page.Aliases ?? []).map((each) => each.AliasName))
      marker = page.NextMarker
      if (page.Truncated !== true) break
    }
    expect(found.sort()).toEqual(names.sort())
  })
}
