import { aliasNotFound, foreignKey, keyNotFound, notFound } from './kms-errors.js'
import type { KeyStore, KmsKey } from './kms-keys.js'

/** Who asks, and for what: `action` is the operation's name. */
export interface Caller {
  account: string
  action: string
}

const KEY_ID = /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/i
const ARN = /^arn:([^:]+):kms:([^:]+):(\d{12}):((?:key|alias)\/.+)$/

/**
 * The KMS key that a `KeyId` parameter means: key id, key ARN, alias name or alias ARN (AWS page "Key identifiers
 * (KeyId)"). Names without an ARN are looked up in the caller's own account.
 */
export function resolveKey(store: KeyStore, identifier: string, caller: Caller): KmsKey {
  if (!identifier.startsWith('arn:')) return resolveResource(store, resourceOf(identifier), caller.account)
  const [, partition, region = '', account = '', resource = ''] = ARN.exec(identifier) ?? []
  if (partition === undefined) throw notFound(`Invalid arn ${identifier}`)
  if (region !== store.region) throw notFound(`Invalid arn ${region}`)
  if (account !== caller.account) throw foreignKey(caller.action, caller.account, identifier)
  return resolveResource(store, resource, account)
}

/** As `resolveKey`, for the operations that take no alias. */
export function resolveKeyOnly(store: KeyStore, identifier: string, caller: Caller): KmsKey {
  if (/(?:^|:)alias\//.test(identifier)) throw notFound(`Invalid keyId '${identifier}'`)
  return resolveKey(store, identifier, caller)
}

function resourceOf(identifier: string): string {
  if (identifier.startsWith('alias/')) return identifier
  if (KEY_ID.test(identifier)) return `key/${identifier}`
  throw notFound(`Invalid keyId '${identifier}'`)
}

function resolveResource(store: KeyStore, resource: string, account: string): KmsKey {
  const own = account === store.account
  const arn = store.arnOf(resource, account)
  if (resource.startsWith('alias/')) {
    const kmsKey = own ? store.findByAlias(resource) : undefined
    if (kmsKey === undefined) throw aliasNotFound(arn)
    return kmsKey
  }
  const kmsKey = own ? store.find(resource.slice('key/'.length)) : undefined
  if (kmsKey === undefined) throw keyNotFound(arn)
  return kmsKey
}
