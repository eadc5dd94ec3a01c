/** CRC-32C (Castagnoli, RFC 3720 B.4) and CRC-64/NVME (NVM Express NVM Command Set Specification, 5.2.1.3.4). */

const CASTAGNOLI = 0x82f63b78
const NVME = { high: 0x9a6c9329, low: 0xac4bc9b5 }

export function crc32c(body: Buffer): number {
  let crc = 0xffffffff
  for (const byte of body) crc = (crc >>> 8) ^ (CASTAGNOLI_TABLE[(crc ^ byte) & 0xff] ?? 0)
  return ~crc >>> 0
}

/** In two halves, since a bigint for each byte takes a minute for a large object. */
export function crc64nvme(body: Buffer): Buffer {
  let high = 0xffffffff
  let low = 0xffffffff
  for (const byte of body) {
    const index = (low ^ byte) & 0xff
    low = ((low >>> 8) | (high << 24)) ^ (NVME_TABLE.low[index] ?? 0)
    high = (high >>> 8) ^ (NVME_TABLE.high[index] ?? 0)
  }
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32BE(~high >>> 0)
  bytes.writeUInt32BE(~low >>> 0, 4)
  return bytes
}

const CASTAGNOLI_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? CASTAGNOLI : 0)
  return crc
})

const NVME_TABLE = nvmeTable()

function nvmeTable(): { high: Uint32Array; low: Uint32Array } {
  const table = { high: new Uint32Array(256), low: new Uint32Array(256) }
  for (let byte = 0; byte < 256; byte += 1) {
    let [high, low] = [0, byte]
    for (let bit = 0; bit < 8; bit += 1) {
      const odd = (low & 1) === 1
      low = ((low >>> 1) | (high << 31)) ^ (odd ? NVME.low : 0)
      high = (high >>> 1) ^ (odd ? NVME.high : 0)
    }
    table.high[byte] = high
    table.low[byte] = low
  }
  return table
}
