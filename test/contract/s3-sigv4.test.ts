import { describe, expect, it } from 'vitest'
import type { AwsRequest } from '../support/aws/http.js'
import { canonicalRequest, sha256Hex, signatureOf, type SigningInput } from '../support/aws/sigv4-canonical.js'
import { signHeaders, verifySignature, type Credentials } from '../support/aws/sigv4.js'

/**
 * The examples of the AWS page "Signature Calculations for the Authorization Header: Transferring Payload in a Single
 * Chunk (AWS Signature Version 4)", with the hash of the canonical request and the signature that it gives for each.
 */
const EXAMPLES: readonly Example[] = [
  {
    title: 'GET Object',
    request: { path: '/test.txt', headers: { range: 'bytes=0-9' } },
    signedHeaders: 'host;range;x-amz-content-sha256;x-amz-date',
    canonicalHash: '7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972',
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    title: 'PUT Object',
    request: {
      method: 'PUT',
      path: '/test%24file.text',
      headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      body: Buffer.from('Welcome to Amazon S3.'),
    },
    signedHeaders: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    canonicalHash: '9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    title: 'GET Bucket Lifecycle',
    request: { query: 'lifecycle' },
    signedHeaders: 'host;x-amz-content-sha256;x-amz-date',
    canonicalHash: '9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca',
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    title: 'Get Bucket (List Objects)',
    request: { query: 'max-keys=2&prefix=J' },
    signedHeaders: 'host;x-amz-content-sha256;x-amz-date',
    canonicalHash: 'df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7',
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
]

interface Example {
  title: string
  request: Partial<AwsRequest>
  signedHeaders: string
  canonicalHash: string
  signature: string
}

const CREDENTIALS: Credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const TIME = '20130524T000000Z'
const NOW = new Date('2013-05-24T00:00:00Z')

describe('Signature Version 4 for S3', () => {
  for (const example of EXAMPLES) {
    const request = requestOf(example)
    const input: SigningInput = {
      scope: { date: '20130524', region: 'us-east-1', service: 's3' },
      time: TIME,
      secretAccessKey: CREDENTIALS.secretAccessKey,
      signedHeaders: example.signedHeaders.split(';'),
      payloadHash: sha256Hex(request.body),
    }

    it(`computes what AWS publishes for ${example.title}`, () => {
      expect(sha256Hex(canonicalRequest(request, input))).toBe(example.canonicalHash)
      expect(signatureOf(request, input)).toBe(example.signature)
    })

    it(`signs as AWS publishes for ${example.title}`, () => {
      const signed = signHeaders(request, { service: 's3', region: 'us-east-1', credentials: CREDENTIALS, time: NOW })
      expect(signed['authorization']).toBe(authorizationOf(example))
    })

    it(`lets in what AWS publishes for ${example.title}`, () => {
      const headers = { ...request.headers, authorization: authorizationOf(example) }
      const verdict = verifySignature({ ...request, headers }, 's3', [CREDENTIALS], NOW)
      expect(verdict).toEqual({ ok: true, credentials: CREDENTIALS, region: 'us-east-1' })
    })
  }

  it('takes no published signature for another request', () => {
    for (const example of EXAMPLES) {
      const request = requestOf(example)
      const headers = { ...request.headers, authorization: authorizationOf(example) }
      for (const change of [{ method: 'DELETE' }, { path: '/other' }, { query: 'other' }]) {
        const verdict = verifySignature({ ...request, headers, ...change }, 's3', [CREDENTIALS], NOW)
        expect(verdict).toMatchObject({ ok: false, code: 'SignatureDoesNotMatch' })
      }
    }
  })
})

function requestOf({ request }: Example): AwsRequest {
  const body = request.body ?? Buffer.alloc(0)
  const headers = {
    host: 'examplebucket.s3.amazonaws.com',
    'x-amz-date': TIME,
    'x-amz-content-sha256': sha256Hex(body),
    ...request.headers,
  }
  return { method: 'GET', path: '/', query: '', ...request, headers, body }
}

function authorizationOf({ signedHeaders, signature }: Example): string {
  const credential = `${CREDENTIALS.accessKeyId}/20130524/us-east-1/s3/aws4_request`
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`
}
