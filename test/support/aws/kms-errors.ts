import type { AwsResponse } from './http.js'

/** An answer of KMS that refuses; `code` is its `__type`. AWS gives some of them no message. */
export class KmsError extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message = '', status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** AWS JSON 1.1: `{"__type": CODE, "message": MESSAGE}`, the message left out where there is none. */
export function renderKmsError(error: { code: string; message: string; status: number }): AwsResponse {
  const message = error.message === '' ? {} : { message: error.message }
  return { status: error.status, body: JSON.stringify({ __type: error.code, ...message }) }
}

export const unknownOperation = () => new KmsError('UnknownOperationException')
export const invalidCiphertext = () => new KmsError('InvalidCiphertextException')

export function incorrectKey(): KmsError {
  const message = 'The key ID in the request does not identify a CMK that can perform this operation.'
  return new KmsError('IncorrectKeyException', message)
}

/** What KMS says of a blob whose key it does not know, or does not let the caller know. */
export function unreachableCiphertext(): KmsError {
  const message =
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, ' +
    'or you are not allowed to access.'
  return new KmsError('AccessDeniedException', message)
}

/** What KMS says where a key of another account is named and no policy of that key lets the caller in. */
export function foreignKey(action: string, account: string, arn: string): KmsError {
  const message =
    `User: arn:aws:iam::${account}:user/tester is not authorized to perform: kms:${action} on resource: ${arn} ` +
    'because the resource does not exist in this Region, no resource-based policies allow access, ' +
    'or a resource-based policy explicitly denies access'
  return new KmsError('AccessDeniedException', message)
}

export const notFound = (message: string) => new KmsError('NotFoundException', message)
export const keyNotFound = (arn: string) => notFound(`Key '${arn}' does not exist`)
export const aliasNotFound = (arn: string) => notFound(`Alias ${arn} is not found.`)
