import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/*
 * A certificate in DER by hand (RFC 5280, section 4.1), since Node reads certificates but writes none, and a private
 * key in the tree would have to be explained to every scanner, and renewed.
 */
const DAY_MS = 86_400_000
const COMMON_NAME = '550403'
const BASIC_CONSTRAINTS = '551d13'
const SUBJECT_ALT_NAME = '551d11'
const ECDSA_WITH_SHA256 = '2a8648ce3d040302'

/**
 * @typedef {object} CertificateOptions
 * @property {string} [host] default: localhost, 127.0.0.1 and ::1; given, it is for this host and for no address
 * @property {number} [notAfter] when it ends, in milliseconds since 1970; default: in a day
 */

/**
 * A certificate that is valid since two days ago, signed by itself: `cert` is also the CA to trust.
 *
 * @param {CertificateOptions} options
 * @returns {{ cert: string, key: string }}
 */
export function selfSignedCertificate(options = {}) {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(oid(ECDSA_WITH_SHA256))
  const body = certificateBody(options, algorithm, pair.publicKey.export({ type: 'spki', format: 'der' }))
  const signature = der(0x03, Buffer.of(0), sign('sha256', body, pair.privateKey))
  const lines = sequence(body, algorithm, signature)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** @param {CertificateOptions} options @param {Buffer} algorithm @param {Buffer} publicKey */
function certificateBody({ host, notAfter = Date.now() + DAY_MS }, algorithm, publicKey) {
  const version3 = der(0xa0, der(0x02, Buffer.of(2)))
  const serial = der(0x02, Buffer.of(1), randomBytes(8))
  const name = sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, Buffer.from('loopback test server')))))
  const validity = sequence(utcTime(Date.now() - 2 * DAY_MS), utcTime(notAfter))
  const isAuthority = sequence(der(0x01, Buffer.of(0xff)))
  const addresses = [der(0x87, Buffer.of(127, 0, 0, 1)), der(0x87, Buffer.alloc(15), Buffer.of(1))]
  const alternatives = sequence(...(host === undefined ? addresses : []), der(0x82, Buffer.from(host ?? 'localhost')))
  const extensions = sequence(extension(BASIC_CONSTRAINTS, isAuthority), extension(SUBJECT_ALT_NAME, alternatives))
  return sequence(version3, serial, algorithm, name, validity, name, publicKey, der(0xa3, extensions))
}

/** @param {string} identifier @param {Buffer} value */
function extension(identifier, value) {
  return sequence(oid(identifier), der(0x04, value))
}

/** @param {Buffer[]} parts */
function sequence(...parts) {
  return der(0x30, ...parts)
}

/** @param {string} hex */
function oid(hex) {
  return der(0x06, Buffer.from(hex, 'hex'))
}

/** @param {number} time */
function utcTime(time) {
  const digits = new Date(time).toISOString().replace(/[-:T]|\.\d{3}/g, '')
  return der(0x17, Buffer.from(digits.slice(2)))
}

/**
 * Tag, length, value.
 *
 * @param {number} tag @param {Buffer[]} parts
 * @returns {Buffer}
 */
function der(tag, ...parts) {
  const value = Buffer.concat(parts)
  const { length } = value
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.of(tag, ...head), value])
}
