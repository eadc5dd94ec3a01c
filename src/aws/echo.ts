/** A server, or a proxy before it, may quote in its answer what it was sent: a session token, a data key. */
interface Request {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Whatever shares so many characters with a secret is taken for a part of it. */
const TELLING = 16
const MAX_KMS_REQUEST = 64 * 1024
const RUN = /[\w+/=-]{16,}/g

const secrets = new WeakMap<Error, readonly string[]>()

/** Has `withoutEcho` know what was sent in the request that such an error answers. */
export function rememberSent(error: unknown, { headers = {}, body }: Request): void {
  if (!(error instanceof Error)) return
  const signature = /Signature=(\w+)/.exec(headers['authorization'] ?? '')?.[1]
  const plaintext = /"Plaintext":"([^"]+)"/.exec(textOf(body))?.[1]
  const dataKey = plaintext === undefined ? undefined : Buffer.from(plaintext, 'base64').toString('latin1')
  const sent = [headers['x-amz-security-token'], signature, plaintext, dataKey]
  secrets.set(
    error,
    sent.filter((each) => each !== undefined),
  )
}

/** What S3 is sent is not text, and no secret. */
function textOf(body: unknown): string {
  if (typeof body === 'string') return body
  if (!(body instanceof Uint8Array) || body.length > MAX_KMS_REQUEST) return ''
  // The SDK's own class of bytes warns where it is made text.
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
}

/** @returns what was said, without whatever secret of the request it quotes, be it a part of one */
export function withoutEcho(error: Error, said: string): string {
  const sent = secrets.get(error) ?? []
  return said.replace(RUN, (run) => (sent.some((secret) => overlaps(run, secret)) ? '(withheld)' : run))
}

function overlaps(run: string, secret: string): boolean {
  for (let at = 0; at + TELLING <= run.length; at++) {
    if (secret.includes(run.slice(at, at + TELLING))) return true
  }
  return false
}
