import { randomBytes, randomUUID } from 'node:crypto'
import { KmsError } from './kms-errors.js'

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingImport' | 'Unavailable'

/** What a KMS of a test starts out with. Backing keys are 32 bytes in hex, the newest last. */
export interface KmsSeed {
  region: string
  account: string
  keys: { keyId: string; backingKeys: string[] }[]
  aliases: Record<string, string>
}

export interface KmsKey {
  readonly keyId: string
  readonly arn: string
  readonly created: Date
  readonly description: string
  readonly origin: 'AWS_KMS' | 'EXTERNAL'
  /** What encrypts, the newest last. A blob names its own by index. */
  readonly backingKeys: Buffer[]
  state: KeyState
  deletion: Date | undefined
}

/** The KMS keys and aliases of one account in one region. */
export class KeyStore {
  readonly region: string
  readonly account: string
  readonly #keys = new Map<string, KmsKey>()
  readonly #aliases = new Map<string, string>()

  constructor(region: string, account: string, seed?: KmsSeed) {
    this.region = region
    this.account = account
    for (const { keyId, backingKeys } of seed?.keys ?? []) {
      this.create({ keyId, backingKeys: backingKeys.map((hex) => Buffer.from(hex, 'hex')) })
    }
    for (const [alias, keyId] of Object.entries(seed?.aliases ?? {})) this.setAlias(alias, keyId)
  }

  create(properties: Partial<KmsKey> = {}): KmsKey {
    const keyId = properties.keyId ?? randomUUID()
    const kmsKey: KmsKey = {
      created: new Date(),
      description: '',
      origin: 'AWS_KMS',
      backingKeys: [randomBytes(32)],
      state: 'Enabled',
      deletion: undefined,
      ...properties,
      keyId,
      arn: this.arnOf(`key/${keyId}`),
    }
    this.#keys.set(keyId, kmsKey)
    return kmsKey
  }

  find(keyId: string): KmsKey | undefined {
    return this.#keys.get(keyId)
  }

  /** For tests, which know what they made. */
  must(keyId: string): KmsKey {
    const kmsKey = this.#keys.get(keyId)
    if (kmsKey === undefined) throw new RangeError(`no such KMS key: ${keyId}`)
    return kmsKey
  }

  /** The key that an alias stands for at this moment. */
  findByAlias(alias: string): KmsKey | undefined {
    const keyId = this.#aliases.get(alias)
    return keyId === undefined ? undefined : this.#keys.get(keyId)
  }

  setAlias(alias: string, keyId: string): void {
    this.#aliases.set(alias, this.must(keyId).keyId)
  }

  deleteAlias(alias: string): boolean {
    return this.#aliases.delete(alias)
  }

  /** Pairs of alias and key id, in the order of their names. */
  aliases(): [alias: string, keyId: string][] {
    return [...this.#aliases].sort(([one], [other]) => (one < other ? -1 : 1))
  }

  arnOf(resource: string, account = this.account): string {
    return `arn:aws:kms:${this.region}:${account}:${resource}`
  }
}

const TROUBLES: Record<Exclude<KeyState, 'Enabled' | 'Disabled'>, string> = {
  PendingDeletion: 'is pending deletion.',
  PendingImport: 'is pending import.',
  Unavailable: 'is unavailable.',
}

/** Cryptographic operations need an enabled key (AWS page "Key states of AWS KMS keys"). */
export function requireUsable(kmsKey: KmsKey): void {
  if (kmsKey.state === 'Disabled') throw new KmsError('DisabledException', `${kmsKey.arn} is disabled.`)
  requireManageable(kmsKey)
}

/** Enabling, disabling and the like need a key that is neither about to go nor still to come. */
export function requireManageable(kmsKey: KmsKey): void {
  if (kmsKey.state === 'Enabled' || kmsKey.state === 'Disabled') return
  throw new KmsError('KMSInvalidStateException', `${kmsKey.arn} ${TROUBLES[kmsKey.state]}`)
}
