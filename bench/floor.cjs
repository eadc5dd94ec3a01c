/**
 * The floor: the requests of a get, or of a put, with nothing but node:https, nothing signed and nothing decrypted.
 *
 *     node floor.cjs get|put PATH
 */
const https = require('node:https')

const { AWS_ENDPOINT_URL_S3 = '', AWS_ENDPOINT_URL_KMS = '' } = process.env

/**
 * @param {string} url @param {https.RequestOptions} options @param {string | undefined} body
 * @param {(answer: string) => void} done
 */
function send(url, options, body, done) {
  const request = https.request(url, options, (response) => {
    /** @type {Buffer[]} */
    const chunks = []
    response.on('data', (chunk) => chunks.push(chunk))
    response.on('end', () => done(Buffer.concat(chunks).toString()))
  })
  request.end(body)
}

/** @param {string} operation @param {object} input @param {(answer: any) => void} done */
function askKms(operation, input, done) {
  const headers = { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': `TrentService.${operation}` }
  send(AWS_ENDPOINT_URL_KMS, { method: 'POST', headers }, JSON.stringify(input), (answer) => done(JSON.parse(answer)))
}

/** @param {string} answer */
function finish(answer) {
  process.stdout.write(answer)
  process.exit()
}

const [, , verb, path] = process.argv
const url = `${AWS_ENDPOINT_URL_S3}${path}`
if (verb === 'get') {
  send(url, { method: 'GET' }, undefined, (record) => {
    askKms('Decrypt', { CiphertextBlob: JSON.parse(record).key }, ({ Plaintext }) => finish(Plaintext))
  })
} else {
  askKms('Encrypt', { KeyId: 'alias/bench', Plaintext: 'AAAA' }, ({ CiphertextBlob }) => {
    send(url, { method: 'PUT' }, JSON.stringify({ data: 'AAAA', key: CiphertextBlob }), finish)
  })
}
