import { types } from 'node:util'
import { DecryptCommand, EncryptCommand, ReEncryptCommand, type KMSClient } from '@aws-sdk/client-kms'
import { LazyCredError, printable, type LazyCredErrorCode } from '../errors.js'
import { sameContext, type EncryptionContext } from '../context.js'
import type { KeyWrapper } from '../ports.js'
import { explain } from './errors.js'
import { withinLimit, type SendOptions } from './limits.js'
import { REHEARSAL } from './rehearsal.js'
import { endpointOf } from './watch.js'

export interface KmsSettings {
  /** As KMS takes it: `alias/…` or an ARN. */
  readonly keyAlias: string
  readonly region: string
  /** The KMS keys that a record may be under, likewise; none for any. */
  readonly trustedKeys: readonly string[]
}

/** Data keys wrapped by KMS Encrypt. A ciphertext blob names its KMS key, so that moving the alias strands no record. */
export class KmsKeyWrapper implements KeyWrapper {
  readonly #settings: KmsSettings
  readonly #client: KMSClient

  constructor(settings: KmsSettings, client: KMSClient) {
    this.#settings = settings
    this.#client = client
  }

  async wrap(dataKey: Buffer, context: EncryptionContext): Promise<Buffer> {
    const { keyAlias } = this.#settings
    const command = new EncryptCommand({ KeyId: keyAlias, Plaintext: dataKey, EncryptionContext: context })
    const send = (options: SendOptions) => this.#client.send(command, options)
    return asBuffer((await this.#told('Encrypt', keyAlias, send)).CiphertextBlob)
  }

  unwrap(wrappedKey: Buffer, context: EncryptionContext): Promise<Buffer> {
    return this.#underTrustedKey(
      async (trusted) => asBuffer((await this.#decrypt(wrappedKey, context, trusted)).Plaintext),
      () =>
        withOrWithout(context, async (pairs) => {
          const { KeyId, Plaintext } = await this.#decrypt(wrappedKey, pairs)
          Plaintext?.fill(0)
          return KeyId
        }),
    )
  }

  /** Of an unwrap; never throws. */
  rehearse(): void {
    this.#client.send(new DecryptCommand({ CiphertextBlob: Buffer.of(0) }), REHEARSAL).catch(() => undefined)
  }

  /** By KMS ReEncrypt: neither the data key nor anything under it leaves KMS. */
  rewrap(wrappedKey: Buffer, from: EncryptionContext, to: EncryptionContext): Promise<Buffer | null> {
    return this.#underTrustedKey(
      async (trusted) => {
        const answer = await this.#reEncrypt(wrappedKey, from, to, trusted)
        const rewrapped = asBuffer(answer.CiphertextBlob)
        const isRight = answer.SourceKeyId === answer.KeyId && answer.KeyId !== undefined && sameContext(from, to)
        return isRight ? null : rewrapped
      },
      () => withOrWithout(from, async (pairs) => (await this.#reEncrypt(wrappedKey, pairs, to)).SourceKeyId),
    )
  }

  /**
   * Tries the trusted keys in their order. KMS refuses each that the blob is not under (its parameter `KeyId`).
   *
   * @param whichKey finds out which KMS key it is under, for the error
   */
  async #underTrustedKey<Result>(
    use: (trusted: string | undefined) => Promise<Result>,
    whichKey: () => Promise<string | undefined>,
  ): Promise<Result> {
    const { trustedKeys } = this.#settings
    if (trustedKeys.length === 0) return use(undefined)
    let denied: LazyCredError | undefined
    for (const trusted of trustedKeys) {
      try {
        return await use(trusted)
      } catch (error) {
        if (!(error instanceof LazyCredError)) throw error
        if (OUT_OF_USE.includes(error.code)) denied ??= error
        else if (error.code !== 'WRONG_KMS_KEY') throw error
      }
    }
    const kmsKey = await whichKey().catch((error: unknown) => {
      // It may be under the very one that is out of use.
      throw denied ?? untrusted(trustedKeys, namedBy(error))
    })
    throw untrusted(trustedKeys, kmsKey)
  }

  #decrypt(wrappedKey: Buffer, context: EncryptionContext, trusted?: string) {
    const pinned = trusted === undefined ? {} : { KeyId: trusted }
    const command = new DecryptCommand({ CiphertextBlob: wrappedKey, EncryptionContext: context, ...pinned })
    return this.#told('Decrypt', trusted, (options) => this.#client.send(command, options))
  }

  #reEncrypt(wrappedKey: Buffer, from: EncryptionContext, to: EncryptionContext, trusted?: string) {
    const command = new ReEncryptCommand({
      CiphertextBlob: wrappedKey,
      SourceEncryptionContext: from,
      ...(trusted === undefined ? {} : { SourceKeyId: trusted }),
      DestinationKeyId: this.#settings.keyAlias,
      DestinationEncryptionContext: to,
    })
    return this.#told('ReEncrypt', trusted, (options) => this.#client.send(command, options))
  }

  /** Sends, and tells what went wrong as ours. */
  #told<Answer>(operation: string, kmsKey: string | undefined, send: Send<Answer>): Promise<Answer> {
    return withinLimit(0, send).catch((error: unknown) => {
      const subject = `${kmsKey ?? 'the KMS keys'} in region ${this.#settings.region}`
      const isPinned = operation !== 'Encrypt' && kmsKey !== undefined
      throw explain(error, { service: 'KMS', operation, endpoint: endpointOf(this.#client), subject, isPinned })
    })
  }
}

type Send<Answer> = (options: SendOptions) => Promise<Answer>

/** Of one trusted key; the record may be under the next. */
const OUT_OF_USE: readonly LazyCredErrorCode[] = ['ACCESS_DENIED', 'KMS_KEY_NOT_FOUND', 'KMS_KEY_UNUSABLE']

/** A record that is not bound yet has another context, and is under some KMS key all the same. */
function withOrWithout<Result>(
  context: EncryptionContext,
  ask: (pairs: EncryptionContext) => Promise<Result>,
): Promise<Result> {
  return ask(context).catch((error: unknown) => {
    if (error instanceof LazyCredError && error.code === 'CONTEXT_MISMATCH') return ask({})
    throw error
  })
}

/** @returns the KMS key that KMS names where it refuses to use it; of a ReEncrypt it could be the one to move to */
function namedBy(error: unknown): string | undefined {
  const reason = error instanceof LazyCredError ? error.reason : ''
  return /(?:^KMS Decrypt|kms:ReEncryptFrom) .*?(arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+)/.exec(reason)?.[1]
}

function untrusted(trustedKeys: readonly string[], kmsKey = 'a KMS key that cannot be told'): LazyCredError {
  const under = printable(kmsKey)
  const reason = `the record is under ${under}, which is not one of "trusted_keys" (${trustedKeys.join(', ')})`
  return new LazyCredError('WRONG_KMS_KEY', printable(reason), {
    hint: 'If that KMS key is an old one of yours, list it too; rewrap then moves the record to the new one.',
  })
}

/**
 * Without a copy, so that wiping it later wipes all that we have of it.
 *
 * @throws LazyCredError `SERVICE_ERROR` where the answer does not hold it, whatever its status was
 */
function asBuffer(bytes: unknown): Buffer {
  if (types.isUint8Array(bytes) && bytes.length > 0)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  throw new LazyCredError('SERVICE_ERROR', 'KMS answered without what it was asked for', {
    hint: 'A proxy, or an endpoint that is not KMS, can be behind this.',
  })
}
