/**
 * Where requests will go, told before the SDK is there to say it. A guess that is wrong costs a connection that nobody uses,
 * so whatever could send requests elsewhere means no guess.
 */
import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Of a server that speaks TLS. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** @returns none where it cannot be told */
export function addressOfKms(region: string): Address | undefined {
  return addressOf('KMS', () => `kms.${region}.amazonaws.com`, region)
}

/** As `addressOfKms`. Of a bucket with a dot in its name, the host is not the bucket's own, since no certificate has it. */
export function addressOfS3(region: string, bucket: string): Address | undefined {
  const host = (): string => `${OWN_HOST.test(bucket) ? `${bucket}.` : ''}s3.${region}.amazonaws.com`
  return addressOf('S3', host, region)
}

const OWN_HOST = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/
/** Regions whose names end in amazonaws.com; those of China and of governments apart do not. */
const COMMON_REGION = /^(?!cn-|us-iso|eu-iso|eusc-)[a-z]+(-[a-z]+)+-\d+$/
const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy', 'NODE_USE_ENV_PROXY']

function addressOf(service: 'S3' | 'KMS', host: () => string, region: string): Address | undefined {
  if (PROXIES.some(isSet) || isSet('AWS_USE_FIPS_ENDPOINT') || isSet('AWS_USE_DUALSTACK_ENDPOINT')) return undefined
  const endpoint = textOf(`AWS_ENDPOINT_URL_${service}`) || textOf('AWS_ENDPOINT_URL')
  if (isSet('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS') || filesMayTell()) return undefined
  if (endpoint !== '') return addressIn(endpoint)
  return COMMON_REGION.test(region) ? { host: host(), port: 443 } : undefined
}

function addressIn(endpoint: string): Address | undefined {
  if (!URL.canParse(endpoint)) return undefined
  const { protocol, hostname, port } = new URL(endpoint)
  if (protocol !== 'https:') return undefined
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? 443 : Number(port) }
}

/** The SDK takes what either of the two says. */
function filesMayTell(): boolean {
  return mayTell('AWS_CONFIG_FILE', '.aws/config') || mayTell('AWS_SHARED_CREDENTIALS_FILE', '.aws/credentials')
}

/** Read only where it is a file: from a pipe, what was read would be missing when the SDK reads it. */
function mayTell(variable: string, otherwise: string): boolean {
  try {
    // A user whom the machine does not know has no home.
    const path = textOf(variable) || join(homedir(), otherwise)
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return false
    return !statSync(path).isFile() || /endpoint|fips|dualstack|services/i.test(readFileSync(path, 'utf8'))
  } catch {
    return true
  }
}

function textOf(variable: string): string {
  return process.env[variable] ?? ''
}

function isSet(variable: string): boolean {
  return textOf(variable) !== ''
}
