/**
 * S3 and KMS for the benchmarks, in a process of their own, on loopback: they answer at once and check nothing, so that what
 * is measured is the client. (The tests have stand-ins that check everything.)
 *
 *     node servers.js [one-way delay in ms]
 *
 * prints one line of JSON: the ports of all servers, and the certificate of those that speak TLS.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { createServer } from 'node:net'
import { selfSignedCertificate } from '../test/support/aws/certificate.js'
import { delayed } from './relay.js'

const { cert, key: privateKey } = selfSignedCertificate()
const ARN = 'arn:aws:kms:us-east-1:111122223333:key/bench'

/** @type {Map<string, { body: Buffer, etag: string }>} */
const objects = new Map()
const counts = { requests: 0, s3: { open: 0, most: 0 }, kms: { open: 0, most: 0 } }

/** @param {http.IncomingMessage} request */
async function bodyOf(request) {
  /** @type {Buffer[]} */
  const chunks = []
  for await (const chunk of request) chunks.push(/** @type {Buffer} */ (chunk))
  return Buffer.concat(chunks)
}

/** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
async function answerAsS3(request, response) {
  counts.requests++
  const path = (request.url ?? '').replace(/\?.*/, '')
  const body = await bodyOf(request)
  if (request.method === 'PUT') objects.set(path, { body, etag: createHash('md5').update(body).digest('hex') })
  const isBucket = /^\/[^/]*\/?$/.test(path)
  if (isBucket) return response.end()
  const object = objects.get(path)
  if (object === undefined) return response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
  response.setHeader('ETag', `"${object.etag}"`)
  if (request.method === 'PUT') return response.end()
  response.setHeader('Last-Modified', new Date(0).toUTCString())
  response.setHeader('Content-Length', object.body.length)
  return response.end(request.method === 'HEAD' ? undefined : object.body)
}

/** Wraps a data key into itself. @param {http.IncomingMessage} request @param {http.ServerResponse} response */
async function answerAsKms(request, response) {
  counts.requests++
  /** @type {{ Plaintext?: string, CiphertextBlob?: string }} */
  const { Plaintext, CiphertextBlob } = JSON.parse((await bodyOf(request)).toString())
  response.setHeader('Content-Type', 'application/x-amz-json-1.1')
  response.end(JSON.stringify({ Plaintext: CiphertextBlob, CiphertextBlob: Plaintext, KeyId: ARN }))
}

/** What was counted since it was last asked. @param {http.IncomingMessage} _ @param {http.ServerResponse} response */
function answerCounts(_, response) {
  response.end(JSON.stringify(counts))
  counts.requests = 0
  for (const connections of [counts.s3, counts.kms]) connections.most = connections.open
}

/** @param {import('node:net').Server} server @returns {Promise<number>} its port */
async function listen(server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** @param {import('node:net').Server} server @param {{ open: number, most: number }} connections */
function counted(server, connections) {
  return server.on('connection', (socket) => {
    connections.most = Math.max(connections.most, ++connections.open)
    socket.on('close', () => connections.open--)
  })
}

const tls = { cert, key: privateKey }
/** @param {http.RequestListener} answer */
const plain = (answer) => listen(http.createServer({ keepAliveTimeout: 60_000 }, answer))
/** @param {http.RequestListener} answer */
const secure = (answer) => listen(https.createServer({ ...tls, keepAliveTimeout: 60_000 }, answer))

const delayMs = Number(process.argv[2] ?? 25)
const s3 = await secure(answerAsS3)
const kms = await secure(answerAsKms)
const echo = await listen(createServer((socket) => socket.pipe(socket).on('error', () => undefined)))
const ports = {
  http: { s3: await plain(answerAsS3), kms: await plain(answerAsKms) },
  https: { s3, kms },
  far: {
    s3: await listen(counted(delayed(s3, delayMs), counts.s3)),
    kms: await listen(counted(delayed(kms, delayMs), counts.kms)),
    echo: await listen(delayed(echo, delayMs)),
  },
  counts: await plain(answerCounts),
}
process.stdout.write(`${JSON.stringify({ ...ports, cert })}\n`)
// Whoever started it lets go of it by closing this.
process.stdin.resume().on('end', () => process.exit())
