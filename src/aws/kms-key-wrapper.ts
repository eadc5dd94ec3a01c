import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms'
import type { EncryptionContext, KeyWrapper } from '../ports.js'
import { endpointOf } from './clients.js'
import { explain } from './errors.js'

/** Data keys wrapped by KMS Encrypt. A ciphertext blob names its KMS key, so that moving the alias strands no record. */
export class KmsKeyWrapper implements KeyWrapper {
  readonly #keyAlias: string
  readonly #region: string
  readonly #client: KMSClient

  /** @param keyAlias as KMS takes it: `alias/…` or an ARN */
  constructor(keyAlias: string, region: string, client: KMSClient) {
    this.#keyAlias = keyAlias
    this.#region = region
    this.#client = client
  }

  async wrap(dataKey: Buffer, context: EncryptionContext): Promise<Buffer> {
    const command = new EncryptCommand({ KeyId: this.#keyAlias, Plaintext: dataKey, EncryptionContext: context })
    const answer = await this.#client.send(command).catch(this.#told('Encrypt'))
    return asBuffer(answer.CiphertextBlob)
  }

  async unwrap(wrappedKey: Buffer, context: EncryptionContext): Promise<Buffer> {
    const command = new DecryptCommand({ CiphertextBlob: wrappedKey, EncryptionContext: context })
    const answer = await this.#client.send(command).catch(this.#told('Decrypt'))
    return asBuffer(answer.Plaintext)
  }

  #told(operation: string): (error: unknown) => never {
    const where = `region ${this.#region}`
    const subject = operation === 'Encrypt' ? `${this.#keyAlias} in ${where}` : `the KMS keys in ${where}`
    return (error) => {
      throw explain(error, { service: 'KMS', operation, endpoint: endpointOf(this.#client), subject })
    }
  }
}

/** Without a copy, so that wiping it later wipes all that we have of it. An answer without the field gives no bytes. */
function asBuffer(bytes: Uint8Array = new Uint8Array()): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
