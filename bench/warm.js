/** Times warm gets in turn with their two requests alone, on connections that are kept, and prints both as JSON. */
import https from 'node:https'
import { LazyCred } from '../dist/index.js'

const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_KMS } = process.env
const WARM_UPS = 50
const ROUNDS = 300
const agent = new https.Agent({ keepAlive: true })

/** @param {string | undefined} url @param {https.RequestOptions} options @param {string} [body] @returns {Promise<Buffer>} */
function send(url = '', options, body) {
  return new Promise((resolve, reject) => {
    const request = https.request(url, { agent, ...options }, (response) => {
      /** @type {Buffer[]} */
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve(Buffer.concat(chunks)))
    })
    request.on('error', reject).end(body)
  })
}

async function floor() {
  const record = await send(`${AWS_ENDPOINT_URL_S3}/bench/warm`, { method: 'GET' })
  const headers = { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'TrentService.Decrypt' }
  const body = JSON.stringify({ CiphertextBlob: JSON.parse(record.toString()).key })
  await send(AWS_ENDPOINT_URL_KMS, { method: 'POST', headers }, body)
}

/** @param {() => Promise<unknown>} work */
async function timeOf(work) {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

const lazycred = new LazyCred()
await lazycred.put('warm', 'D4nger Zone')
/** @type {{ gets: number[], floors: number[] }} */
const times = { gets: [], floors: [] }
for (let round = -WARM_UPS; round < ROUNDS; round++) {
  const get = await timeOf(() => lazycred.get('warm'))
  const alone = await timeOf(floor)
  if (round < 0) continue
  times.gets.push(get)
  times.floors.push(alone)
}
process.stdout.write(JSON.stringify(times))
process.exit()
