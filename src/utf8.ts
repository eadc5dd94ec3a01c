import { isUtf8 } from 'node:buffer'

/** @returns the bytes as text, a byte order mark included; `undefined` where they are not UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}
