/** Fernet for tests: ours in a handier form, and the spec once more with nothing of ours. */
import { createCipheriv, createHmac } from 'node:crypto'
import { decrypt, encrypt, tokenLength } from '../../src/fernet.js'

/** How many cases a property is tried on. */
export const RUNS = Number(process.env['LAZYCRED_TEST_RUNS'] ?? 300)

export function seal(dataKey: string, value: Uint8Array, time?: number, iv?: Buffer): string {
  const token = Buffer.alloc(tokenLength(value.length), '?')
  encrypt(Buffer.from(dataKey), value, token, time, iv)
  return token.toString('latin1')
}

export function open(dataKey: string, token: string): Buffer {
  return decrypt(Buffer.from(dataKey), Buffer.from(token, 'latin1'))
}

/** After the section "Generating" of the spec. */
export function sealByTheSpec(dataKey: Buffer, value: Uint8Array, time: bigint, iv: Buffer): string {
  const seconds = Buffer.alloc(8)
  seconds.writeBigUInt64BE(time)
  const cipher = createCipheriv('aes-128-cbc', dataKey.subarray(16), iv)
  const unsigned = Buffer.concat([Buffer.of(0x80), seconds, iv, cipher.update(value), cipher.final()])
  return signByTheSpec(dataKey, unsigned)
}

/** The last step of it, for whatever bytes. */
export function signByTheSpec(dataKey: Buffer, unsigned: Buffer): string {
  const token = Buffer.concat([unsigned, createHmac('sha256', dataKey.subarray(0, 16)).update(unsigned).digest()])
  return token.toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}
