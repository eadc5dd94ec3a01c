/** Faults of the network and of AWS, as rows of a table: each is tried by the command and by the library. */
import { onTestFinished } from 'vitest'
import type { LazyCredErrorCode } from '../../src/index.js'
import { selfSignedCertificate, type CertificateOptions } from './aws/certificate.js'
import type { Fault } from './aws/http.js'
import { startKms } from './aws/kms.js'
import { startS3 } from './aws/s3.js'
import { httpAnswer, startWire, type Afterwards, type Wire } from './aws/wire.js'
import type { StandIns } from './stand-ins.js'

export type Verb = 'get' | 'put'
export type Service = 'S3' | 'KMS'
export type Env = Readonly<Record<string, string>>

export interface FaultRow {
  readonly what: string
  readonly verb: Verb
  readonly service: Service
  readonly code: LazyCredErrorCode
  /** What the command says behind the code. */
  readonly told: RegExp
  /** Whether the fault strikes when S3 has the new record already. */
  readonly late?: boolean
  /** Has the fault happen; gives what to add to the environment. Asserts nothing. */
  readonly arrange: (servers: StandIns) => Env | Promise<Env>
}

type Kind = Omit<FaultRow, 'verb' | 'service' | 'arrange'> & {
  readonly services?: readonly Service[]
  readonly verbs?: readonly Verb[]
  readonly arrange: (verb: Verb, service: Service, servers: StandIns) => Env | Promise<Env>
}

/** A data key that the answers written below hold. */
export const ANSWERED_DATA_KEY = 'Zm9yIHRoaXMgdGFibGUgYWxvbmUsIGFuZCBzZWNyZXQ='

const NAMES = { get: { S3: 'GetObject', KMS: 'Decrypt' }, put: { S3: 'PutObject', KMS: 'Encrypt' } } as const

const at = (service: Service, url: string): Env => ({ [`AWS_ENDPOINT_URL_${service}`]: url })

const server = ({ s3, kms }: StandIns, service: Service) => (service === 'S3' ? s3 : kms)

function injected(fault: Fault): Kind['arrange'] {
  return (verb, service, servers) => {
    server(servers, service).inject(fault, { operation: NAMES[verb][service] })
    return {}
  }
}

function refusal(what: string, service: Service, status: number, name: string, code: LazyCredErrorCode): Kind {
  const arrange = injected({ kind: 'error', status, code: name })
  return { what, services: [service], code, told: new RegExp(`^${service} .*\\(${name}\\)`), arrange }
}

/** @param trusted by the processes of the command */
function tls(options: CertificateOptions, trusted: boolean): Kind['arrange'] {
  return async (_verb, service, { sandbox }) => {
    const certificate = selfSignedCertificate(options)
    const start = service === 'S3' ? startS3 : startKms
    const other = await start({ tls: certificate })
    onTestFinished(() => other.close())
    const authority = await sandbox.write('authority.pem', certificate.cert)
    return { ...at(service, other.url), ...(trusted ? { NODE_EXTRA_CA_CERTS: authority } : {}) }
  }
}

/** What a server would say that does what it is asked. */
function rightBody(verb: Verb, service: Service, { s3, keyId }: StandIns): Buffer {
  if (service === 'S3') return verb === 'get' ? (s3.readObject('vault', 'team/db') ?? Buffer.alloc(0)) : Buffer.alloc(0)
  const Plaintext = Buffer.from(ANSWERED_DATA_KEY).toString('base64')
  return Buffer.from(JSON.stringify({ KeyId: keyId, [verb === 'get' ? 'Plaintext' : 'CiphertextBlob']: Plaintext }))
}

type Mangle = (body: Buffer) => string | Buffer

/** Sends `mangle`'s bytes in the place of the right answer. */
function wire(mangle: Mangle, afterwards: Afterwards = 'end'): Kind['arrange'] {
  return async (verb, service, servers) => {
    const { url } = await startWire(mangle(rightBody(verb, service, servers)), afterwards)
    return at(service, url)
  }
}

const ok = (headers: Record<string, string>, body: string | Buffer): Buffer =>
  httpAnswer('200 OK', { ETag: '"0123456789abcdef"', ...headers }, body)
const length = (size: number) => ({ 'Content-Length': String(size) })
const half = (body: Buffer): Buffer => body.subarray(0, body.length >> 1)
const asChunk = (body: Buffer): string => `${body.length.toString(16)}\r\n${body.toString('latin1')}\r\n`

/** Sends on to another server, which nobody must go to. */
function redirect(status: string): Kind['arrange'] {
  return async (_verb, service) => {
    const other: Wire = await startWire(ok(length(0), ''), 'end')
    onTestFinished(() => {
      if (other.count() > 0) throw new Error('the redirect was followed')
    })
    const here = await startWire(httpAnswer(status, { Location: `${other.url}/`, ...length(0) }, ''), 'end')
    return at(service, here.url)
  }
}

/** Has names below .invalid not found, without anybody being asked. */
const withoutDns = `--import=data:text/javascript,${encodeURIComponent(`
  import dns from 'node:dns'
  const { lookup } = dns
  dns.lookup = (name, options, done) => {
    if (!name.endsWith('.invalid')) return lookup(name, options, done)
    process.nextTick(done, Object.assign(new Error('getaddrinfo ENOTFOUND ' + name), { code: 'ENOTFOUND' }))
  }`)}`

const BROKEN = /^(S3|KMS) at http:\S+: it broke the connection off/
const unreachable = { code: 'UNREACHABLE' } as const
const misunderstood = { code: 'SERVICE_ERROR', told: /^(S3|KMS) / } as const

const kinds: readonly Kind[] = [
  {
    what: 'the connection is refused',
    ...unreachable,
    told: /nothing listens there \(ECONNREFUSED\)/,
    arrange: (_verb, service) => at(service, 'http://127.0.0.1:1'),
  },
  {
    what: 'the name of the server cannot be resolved',
    ...unreachable,
    told: /its name cannot be resolved \(ENOTFOUND\)/,
    arrange: (_verb, service) => ({ ...at(service, 'http://service.invalid'), NODE_OPTIONS: withoutDns }),
  },
  {
    what: 'the certificate is not trusted',
    ...unreachable,
    told: /its TLS certificate is not trusted .*\n.*NODE_EXTRA_CA_CERTS/,
    arrange: tls({}, false),
  },
  {
    what: 'the certificate is for another host',
    ...unreachable,
    told: /its TLS certificate does not fit \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
    arrange: tls({ host: 'elsewhere.example' }, true),
  },
  {
    what: 'the certificate has expired',
    ...unreachable,
    told: /its TLS certificate does not fit \(CERT_HAS_EXPIRED\)/,
    arrange: tls({ notAfter: Date.now() - 3_600_000 }, true),
  },
  {
    what: 'it speaks HTTP where TLS is expected',
    ...unreachable,
    told: /it does not speak TLS as expected/,
    arrange: (_verb, service, servers) => at(service, server(servers, service).url.replace('http:', 'https:')),
  },
  {
    what: 'it does not speak HTTP',
    ...unreachable,
    told: /it does not speak HTTP/,
    arrange: wire(() => 'SSH-2.0-OpenSSH_9.6\r\n'),
  },
  { what: 'it hangs up without an answer', ...unreachable, told: BROKEN, arrange: wire(() => '') },
  {
    what: 'it resets the connection before its answer',
    ...unreachable,
    told: BROKEN,
    arrange: injected({ kind: 'reset', at: 'headers' }),
  },
  {
    what: 'it resets the connection within its body',
    ...unreachable,
    told: BROKEN,
    late: true,
    arrange: injected({ kind: 'reset', at: 'body' }),
  },
  {
    what: 'its body is cut short',
    ...unreachable,
    told: BROKEN,
    late: true,
    arrange: injected({ kind: 'truncate' }),
  },
  {
    what: 'its headers are cut short',
    ...unreachable,
    told: BROKEN,
    arrange: wire(() => 'HTTP/1.1 200 OK\r\nContent-Le'),
  },
  {
    what: 'its Content-Length is more than it sends',
    ...unreachable,
    told: BROKEN,
    arrange: wire((body) => ok(length(body.length + 7), body)),
  },
  {
    what: 'its chunked body is cut between two chunks',
    ...unreachable,
    told: BROKEN,
    arrange: wire((body) => ok({ 'Transfer-Encoding': 'chunked' }, asChunk(Buffer.concat([body, Buffer.from(' ')])))),
  },
  {
    what: 'its chunked body is cut within a chunk',
    ...unreachable,
    told: BROKEN,
    arrange: wire((body) => ok({ 'Transfer-Encoding': 'chunked' }, `fff\r\n${body.toString('latin1')}`)),
  },
  {
    what: 'its Content-Length is less than it sends',
    services: ['S3'],
    verbs: ['get'],
    code: 'RECORD_DAMAGED',
    told: /what is stored there is not a record/,
    arrange: wire((body) => ok(length(body.length >> 1), body)),
  },
  {
    what: 'its Content-Length is less than it sends',
    services: ['KMS'],
    ...misunderstood,
    arrange: wire((body) => ok(length(body.length >> 1), body)),
  },
  {
    what: 'it sends half, and says that this is all',
    services: ['KMS'],
    ...misunderstood,
    arrange: wire((body) => ok(length(half(body).length), half(body))),
  },
  {
    what: 'it sends garbage, and calls it gzip',
    services: ['S3'],
    verbs: ['get'],
    code: 'RECORD_DAMAGED',
    told: /what is stored there is not a record/,
    arrange: wire(() => ok({ 'Content-Encoding': 'gzip', ...length(7) }, 'garbage')),
  },
  {
    what: 'it sends garbage, and calls it gzip',
    services: ['KMS'],
    ...misunderstood,
    arrange: wire(() => ok({ 'Content-Encoding': 'gzip', ...length(7) }, 'garbage')),
  },
  { what: 'it redirects to another host', ...misunderstood, arrange: redirect('307 Temporary Redirect') },
  { what: 'it redirects to another host for good', ...misunderstood, arrange: redirect('301 Moved Permanently') },
  { what: 'it redirects by 302', ...misunderstood, arrange: redirect('302 Found') },
  refusal('S3 fails for ever', 'S3', 500, 'InternalError', 'SERVICE_ERROR'),
  refusal('S3 is busy for ever', 'S3', 503, 'SlowDown', 'THROTTLED'),
  refusal('KMS fails for ever', 'KMS', 500, 'KMSInternalException', 'SERVICE_ERROR'),
  refusal('KMS is busy for ever', 'KMS', 400, 'ThrottlingException', 'THROTTLED'),
  refusal('the clock is off, for ever', 'S3', 403, 'RequestTimeTooSkewed', 'CLOCK_SKEW'),
  refusal('the token has expired', 'S3', 400, 'ExpiredToken', 'CREDENTIALS_EXPIRED'),
  refusal('the token has expired', 'KMS', 400, 'ExpiredTokenException', 'CREDENTIALS_EXPIRED'),
  {
    what: 'the KMS key is disabled',
    services: ['KMS'],
    code: 'KMS_KEY_UNUSABLE',
    told: /\(DisabledException\)/,
    arrange: (_verb, _service, { kms, keyId }) => {
      kms.setState(keyId, 'Disabled')
      return {}
    },
  },
  {
    what: 'the KMS key is pending deletion',
    services: ['KMS'],
    code: 'KMS_KEY_UNUSABLE',
    told: /\(KMSInvalidStateException\)/,
    arrange: (_verb, _service, { kms, keyId }) => {
      kms.setState(keyId, 'PendingDeletion')
      return {}
    },
  },
]

export const faultRows: readonly FaultRow[] = kinds.flatMap(
  ({ services = ['S3', 'KMS'], verbs = ['get', 'put'], arrange, late, ...row }) =>
    services.flatMap((service) =>
      verbs.map((verb) => ({
        ...row,
        verb,
        service,
        late: late === true && service === 'S3' && verb === 'put',
        arrange: (servers: StandIns) => arrange(verb, service, servers),
      })),
    ),
)
