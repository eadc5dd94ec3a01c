/** What the benchmarks run in: servers, an environment, a folder that is gone afterwards. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const { PATH = '' } = process.env
export const PROJECT = fileURLToPath(new URL('..', import.meta.url))
export const LAZYCRED = join(PROJECT, 'bin/lazycred.js')

/** @typedef {{ s3: number, kms: number }} Ports */
/** @typedef {{ http: Ports, https: Ports, far: Ports & { echo: number }, counts: number, cert: string }} Servers */
/** @typedef {{ servers: Servers, folder: string, certificate: string, close: () => void }} World */

/** @param {number} delayMs each way, of the far servers @returns {Promise<World>} */
export async function openWorld(delayMs) {
  const folder = mkdtempSync(join(tmpdir(), 'lazycred-bench-'))
  const child = spawn(process.execPath, [join(PROJECT, 'bench/servers.js'), String(delayMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface(child.stdout), 'line')
  /** @type {Servers} */
  const servers = JSON.parse(String(line))
  const certificate = join(folder, 'certificate.pem')
  writeFileSync(certificate, servers.cert)
  const close = () => {
    child.stdin.end()
    rmSync(folder, { recursive: true, force: true })
  }
  return { servers, folder, certificate, close }
}

/**
 * All that a process is given. NODE_EXTRA_CA_CERTS is not in it: it alone costs more than a request. So the servers' certificate
 * is not trusted, only accepted; the authorities that Node knows are loaded as always.
 *
 * @param {World} world @param {'http' | 'https' | 'far'} way
 * @returns {Record<string, string>}
 */
export function awsEnvironment({ servers, folder, certificate }, way) {
  const scheme = way === 'http' ? 'http' : 'https'
  return {
    ...bareEnvironment(folder),
    AWS_ENDPOINT_URL_S3: `${scheme}://127.0.0.1:${servers[way].s3}`,
    AWS_ENDPOINT_URL_KMS: `${scheme}://127.0.0.1:${servers[way].kms}`,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CA_BUNDLE: certificate,
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_NO_WARNINGS: '1',
    LAZYCRED_S3_PATH: 'bench/',
    LAZYCRED_KEY_ALIAS: 'bench',
  }
}

/** @param {World} world @returns {Record<string, string>} */
export function localEnvironment({ folder }) {
  return { ...bareEnvironment(folder), LAZYCRED_LOCAL: join(folder, 'vault') }
}

/** @param {string} home @returns {Record<string, string>} */
function bareEnvironment(home) {
  return { HOME: home, PATH, LANG: 'C.UTF-8' }
}
