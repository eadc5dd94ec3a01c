import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { selfSignedCertificate } from '../support/aws/certificate.js'
import { startLoopback, type AwsService, type LoopbackServer, type ServerOptions } from '../support/aws/http.js'

/** A service that counts what it carried out: `POST /Name` is the operation `Name`. */
function counting(): AwsService & { done: string[] } {
  const done: string[] = []
  return {
    done,
    operationOf: (request) => request.path.slice(1),
    handle: (request) => {
      done.push(request.path.slice(1))
      return { status: 200, body: request.path === '/Empty' ? '' : 'the whole body' }
    },
    renderError: (fault) => ({ status: fault.status, headers: { 'x-code': fault.code }, body: fault.message ?? '' }),
  }
}

interface Outcome {
  status?: number
  body?: string
  error?: string
}

const CERTIFICATE = selfSignedCertificate()
const SCHEMES: [scheme: string, options: ServerOptions][] = [
  ['http', {}],
  ['https', { tls: CERTIFICATE }],
]
const PATIENT = 20_000
const BRIEF = 200

/** One request, its answer waited for at most `patience` milliseconds: then the error is `silence`. */
function ask(
  server: LoopbackServer,
  operation: string,
  patience = PATIENT,
  agent: Agent | false = false,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const outcome: Outcome = {}
    const finish = (error?: string) => {
      clearTimeout(timer)
      resolve(error === undefined ? outcome : { ...outcome, error })
      call.destroy()
    }
    const fail = (error: NodeJS.ErrnoException) => {
      finish(error.code ?? error.message)
    }
    const read = (response: IncomingMessage) => {
      Object.assign(outcome, { status: response.statusCode, body: '' })
      response.setEncoding('utf8').on('data', (text: string) => (outcome.body = `${outcome.body ?? ''}${text}`))
      response.on('error', fail).on('end', () => {
        finish()
      })
    }
    const options = { method: 'POST', agent, ca: CERTIFICATE.cert }
    const request = server.url.startsWith('https:') ? httpsRequest : httpRequest
    const call = request(`${server.url}/${operation}`, options, read).on('error', fail)
    const timer = setTimeout(() => {
      finish('silence')
    }, patience)
    call.end('payload')
  })
}

let service: ReturnType<typeof counting>
let server: LoopbackServer

afterEach(() => server.close())

async function start(options: ServerOptions = {}): Promise<void> {
  service = counting()
  server = await startLoopback(service, options)
}

describe('a loopback server', () => {
  beforeEach(() => start())

  it('hands the request to the service and logs it', async () => {
    expect(await ask(server, 'Get')).toEqual({ status: 200, body: 'the whole body' })
    const { operation, request, status } = server.requests[0] ?? expect.fail()
    expect({ operation, status, method: request.method, path: request.path, body: request.body.toString() }).toEqual({
      operation: 'Get',
      status: 200,
      method: 'POST',
      path: '/Get',
      body: 'payload',
    })
  })

  it('serves several requests on one connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (const name of ['One', 'Two', 'Three']) expect((await ask(server, name, PATIENT, agent)).status).toBe(200)
    expect(service.done).toEqual(['One', 'Two', 'Three'])
    agent.destroy()
  })

  it('ends a truncated answer in order, with no TCP reset', async () => {
    server.inject({ kind: 'truncate' })
    const raw = await rawExchange(server.port, 'POST /Get HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n')
    expect(raw).toMatch(/content-length: 14\r\n[^]*\r\n\r\nthe who$/i)
  })

  it('answers a failing handler with status 500 and goes on', async () => {
    service.handle = () => {
      throw new TypeError('a bug')
    }
    expect(await ask(server, 'Get')).toMatchObject({ status: 500, body: expect.stringContaining('a bug') as string })
  })

  it('frees its port on close, whatever hangs on it, and closes twice', async () => {
    server.inject({ kind: 'silence', at: 'headers' })
    const hanging = ask(server, 'Get')
    await expect.poll(() => server.requests.length).toBe(1)
    await Promise.all([server.close(), server.close()])
    expect((await hanging).error).toBe('ECONNRESET')
    expect((await ask(server, 'Get')).error).toBe('ECONNREFUSED')
  })
})

describe.each(SCHEMES)('a fault at the headers (%s)', (_scheme, options) => {
  beforeEach(() => start(options))

  it('error: answers in the shape of the service, and nothing is carried out', async () => {
    server.inject({ kind: 'error', status: 503, code: 'SlowDown', message: 'later' })
    expect(await ask(server, 'Get')).toEqual({ status: 503, body: 'later' })
    expect(service.done).toEqual([])
    expect(server.requests[0]?.status).toBe(503)
  })

  it('reset: no answer, and nothing is carried out', async () => {
    server.inject({ kind: 'reset', at: 'headers' })
    expect(await ask(server, 'Get')).toEqual({ error: 'ECONNRESET' })
    expect(service.done).toEqual([])
    expect(server.requests[0]).toMatchObject({ operation: 'Get', status: undefined })
  })

  it('silence: no answer, and nothing is carried out', async () => {
    server.inject({ kind: 'silence', at: 'headers' })
    expect(await ask(server, 'Get', BRIEF)).toEqual({ error: 'silence' })
    expect(service.done).toEqual([])
  })

  it('delay: no answer until then', async () => {
    server.inject({ kind: 'delay', at: 'headers', ms: 60_000 })
    expect(await ask(server, 'Get', BRIEF)).toEqual({ error: 'silence' })
    expect(service.done).toEqual([])
  })

  it('delay: the answer comes whole', async () => {
    server.inject({ kind: 'delay', at: 'headers', ms: 50 })
    expect(await ask(server, 'Get')).toEqual({ status: 200, body: 'the whole body' })
  })
})

describe.each(SCHEMES)('a fault at the body (%s)', (_scheme, options) => {
  beforeEach(() => start(options))

  it('reset: half of the body, then ECONNRESET; it was carried out', async () => {
    server.inject({ kind: 'reset', at: 'body' })
    expect(await ask(server, 'Get')).toEqual({ status: 200, body: 'the who', error: 'ECONNRESET' })
    expect(service.done).toEqual(['Get'])
  })

  it('silence: half of the body, then nothing; it was carried out', async () => {
    server.inject({ kind: 'silence', at: 'body' })
    expect(await ask(server, 'Get', 500)).toEqual({ status: 200, body: 'the who', error: 'silence' })
    expect(service.done).toEqual(['Get'])
  })

  it('truncate: half of the body, then the end of the connection, which was promised more', async () => {
    server.inject({ kind: 'truncate' })
    expect(await ask(server, 'Get')).toEqual({ status: 200, body: 'the who', error: 'ECONNRESET' })
  })

  it('truncate: shows on an empty body too', async () => {
    server.inject({ kind: 'truncate' })
    expect(await ask(server, 'Empty')).toEqual({ status: 200, body: '', error: 'ECONNRESET' })
  })

  it('delay: half of the body until then; it was carried out', async () => {
    server.inject({ kind: 'delay', at: 'body', ms: 60_000 })
    expect(await ask(server, 'Get', 500)).toEqual({ status: 200, body: 'the who', error: 'silence' })
    expect(service.done).toEqual(['Get'])
  })

  it('delay: the answer comes whole', async () => {
    server.inject({ kind: 'delay', at: 'body', ms: 50 })
    expect(await ask(server, 'Get')).toEqual({ status: 200, body: 'the whole body' })
  })
})

describe('the order of faults', () => {
  beforeEach(() => start())

  const teapot = { kind: 'error', status: 418, code: 'Teapot' } as const
  const gone = { kind: 'error', status: 410, code: 'Gone' } as const

  it('is that of their injection, each as often as asked', async () => {
    server.inject(teapot, { times: 2 })
    server.inject(gone, { times: 1 })
    const statuses = []
    for (let turn = 0; turn < 4; turn += 1) statuses.push((await ask(server, 'Get')).status)
    expect(statuses).toEqual([418, 418, 410, 200])
  })

  it('passes over what waits for another operation', async () => {
    server.inject(teapot, { operation: 'Put' })
    server.inject(gone)
    expect([(await ask(server, 'Get')).status, (await ask(server, 'Put')).status]).toEqual([410, 418])
  })

  it('ends with clearFaults', async () => {
    server.inject(teapot)
    server.clearFaults()
    expect((await ask(server, 'Get')).status).toBe(200)
  })
})

describe.each(SCHEMES)('a fault of the connection (%s)', (_scheme, options) => {
  beforeEach(() => start(options))

  it('silence: connected, never served, and nothing is logged', async () => {
    server.silenceConnections(true)
    expect(await ask(server, 'Get', BRIEF)).toEqual({ error: 'silence' })
    expect(server.requests).toEqual([])
  })

  it('silence: what is still waiting is served once it ends', async () => {
    server.silenceConnections(true)
    const waiting = ask(server, 'Get')
    expect(await ask(server, 'Other', BRIEF)).toEqual({ error: 'silence' })
    server.silenceConnections(false)
    expect((await waiting).status).toBe(200)
  })

  it('delay: not served until then', async () => {
    server.delayConnections(60_000)
    expect(await ask(server, 'Get', BRIEF)).toEqual({ error: 'silence' })
    expect(server.requests).toEqual([])
  })

  it('delay: served in the end', async () => {
    server.delayConnections(50)
    expect((await ask(server, 'Get')).status).toBe(200)
  })
})

/** Sends bytes and resolves with all that comes back; rejects where the connection does not end in order. */
function rawExchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text))
    socket.on('error', reject).on('end', () => {
      resolve(answer)
    })
  })
}
