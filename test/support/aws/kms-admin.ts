import { aliasNotFound, KmsError } from './kms-errors.js'
import type { Output } from './kms-crypto.js'
import type { Input } from './kms-input.js'
import { requireManageable, type KeyStore, type KmsKey } from './kms-keys.js'
import { resolveKey, resolveKeyOnly, type Caller } from './kms-resolve.js'

const KEY_ID = { min: 1, max: 2048 }
const DAY_MS = 86_400_000

export function createKey(store: KeyStore, input: Input): Output {
  const description = input.text('Description', { max: 8192 }) ?? ''
  const origin = input.text('Origin', { oneOf: ['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE'] })
  const spec = input.text('KeySpec') ?? input.text('CustomerMasterKeySpec') ?? 'SYMMETRIC_DEFAULT'
  const usage = input.text('KeyUsage') ?? 'ENCRYPT_DECRYPT'
  input.check()
  if (spec !== 'SYMMETRIC_DEFAULT' || usage !== 'ENCRYPT_DECRYPT') {
    throw new KmsError('UnsupportedOperationException', `KeySpec ${spec} is not supported.`)
  }
  const external = origin === 'EXTERNAL'
  const kmsKey = store.create({
    description,
    ...(external && { origin: 'EXTERNAL', state: 'PendingImport' }),
  })
  return { KeyMetadata: metadataOf(store, kmsKey) }
}

export function describeKey(store: KeyStore, input: Input, caller: Caller): Output {
  const keyId = input.requiredText('KeyId', KEY_ID)
  input.check()
  return { KeyMetadata: metadataOf(store, resolveKey(store, keyId, caller)) }
}

export function enableKey(store: KeyStore, input: Input, caller: Caller): Output {
  setEnabled(store, input, caller, 'Enabled')
  return {}
}

export function disableKey(store: KeyStore, input: Input, caller: Caller): Output {
  setEnabled(store, input, caller, 'Disabled')
  return {}
}

export function scheduleKeyDeletion(store: KeyStore, input: Input, caller: Caller): Output {
  const keyId = input.requiredText('KeyId', KEY_ID)
  const days = input.integer('PendingWindowInDays', { min: 7, max: 30 }, 30)
  input.check()
  const kmsKey = resolveKeyOnly(store, keyId, caller)
  if (kmsKey.state === 'PendingDeletion') requireManageable(kmsKey)
  kmsKey.state = 'PendingDeletion'
  kmsKey.deletion = new Date(Date.now() + days * DAY_MS)
  return {
    KeyId: kmsKey.arn,
    DeletionDate: seconds(kmsKey.deletion),
    KeyState: kmsKey.state,
    PendingWindowInDays: days,
  }
}

export function createAlias(store: KeyStore, input: Input, caller: Caller): Output {
  const { alias, keyId } = aliasInput(input)
  const target = resolveTarget(store, keyId, caller)
  if (store.findByAlias(alias) !== undefined) {
    throw new KmsError('AlreadyExistsException', `An alias with the name ${store.arnOf(alias)} already exists`)
  }
  store.setAlias(alias, target.keyId)
  return {}
}

export function updateAlias(store: KeyStore, input: Input, caller: Caller): Output {
  const { alias, keyId } = aliasInput(input)
  requireAlias(store, alias)
  store.setAlias(alias, resolveTarget(store, keyId, caller).keyId)
  return {}
}

export function deleteAlias(store: KeyStore, input: Input): Output {
  const alias = aliasName(input)
  input.check()
  requireOwnName(alias)
  requireAlias(store, alias)
  store.deleteAlias(alias)
  return {}
}

/** Pages as AWS does: `Truncated` says that there is more, `NextMarker` where to go on. */
export function listAliases(store: KeyStore, input: Input, caller: Caller): Output {
  const keyId = input.text('KeyId', KEY_ID)
  const limit = input.integer('Limit', { min: 1, max: 1000 }, 50)
  const marker = input.text('Marker', { min: 1, max: 1024 }) ?? ''
  input.check()
  const only = keyId === undefined ? undefined : resolveKeyOnly(store, keyId, caller).keyId
  const found = store.aliases().filter(([alias, target]) => alias > marker && (only === undefined || only === target))
  const page = found.slice(0, limit)
  return {
    Aliases: page.map(([alias, target]) => ({
      AliasName: alias,
      AliasArn: store.arnOf(alias),
      TargetKeyId: target,
    })),
    Truncated: found.length > limit,
    ...(found.length > limit && { NextMarker: page.at(-1)?.[0] }),
  }
}

function setEnabled(store: KeyStore, input: Input, caller: Caller, state: 'Enabled' | 'Disabled'): void {
  const keyId = input.requiredText('KeyId', KEY_ID)
  input.check()
  const kmsKey = resolveKeyOnly(store, keyId, caller)
  requireManageable(kmsKey)
  kmsKey.state = state
}

function aliasInput(input: Input): { alias: string; keyId: string } {
  const alias = aliasName(input)
  const keyId = input.requiredText('TargetKeyId', KEY_ID)
  input.check()
  requireOwnName(alias)
  return { alias, keyId }
}

function aliasName(input: Input): string {
  return input.requiredText('AliasName', { min: 1, max: 256, pattern: /^[a-zA-Z0-9:/_-]+$/ })
}

function requireOwnName(alias: string): void {
  if (!alias.startsWith('alias/') || alias === 'alias/') throw new KmsError('ValidationException', 'Invalid identifier')
  if (alias.startsWith('alias/aws/')) throw new KmsError('NotAuthorizedException')
}

function requireAlias(store: KeyStore, alias: string): void {
  if (store.findByAlias(alias) === undefined) throw aliasNotFound(store.arnOf(alias))
}

function resolveTarget(store: KeyStore, keyId: string, caller: Caller): KmsKey {
  if (/(?:^|:)alias\//.test(keyId)) throw new KmsError('ValidationException', 'Aliases must refer to keys. Not aliases')
  const kmsKey = resolveKey(store, keyId, caller)
  if (kmsKey.state === 'PendingDeletion') requireManageable(kmsKey)
  return kmsKey
}

function metadataOf(store: KeyStore, kmsKey: KmsKey): Output {
  return {
    AWSAccountId: store.account,
    KeyId: kmsKey.keyId,
    Arn: kmsKey.arn,
    CreationDate: seconds(kmsKey.created),
    Enabled: kmsKey.state === 'Enabled',
    Description: kmsKey.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: kmsKey.state,
    ...(kmsKey.deletion !== undefined && { DeletionDate: seconds(kmsKey.deletion) }),
    Origin: kmsKey.origin,
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  }
}

/** Timestamps of AWS JSON are seconds. */
function seconds(time: Date): number {
  return time.getTime() / 1000
}
