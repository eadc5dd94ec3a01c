const NO_SIGNATURES = 'moto takes any signature, or none, unless its access control is switched on'
const NO_STATES = 'moto keeps the state of a key, and encrypts and decrypts regardless of it'
const NO_TYPES = 'moto answers a body it cannot work with by status 500, or works with it as it is'
const ANY_ARN = 'moto looks at the last part of an ARN alone'
const SPLIT_BLOB = 'moto looks up whatever the first bytes spell as a key id: an unknown one is AccessDeniedException'
const OTHER_KEY = 'moto answers AccessDeniedException where the key that is named is not the one of the blob'
const JOINED_CONTEXT = 'moto joins names and values of the context with nothing in between'
const BARE_ANSWERS = 'moto leaves out what clients seldom read'

/** Checks of the KMS contract that moto 5.2.5 fails, each with the reason. */
export const MOTO_KMS: Readonly<Record<string, string>> = {
  'says which algorithm it used': BARE_ANSWERS,
  'says what a key is for': BARE_ANSWERS,
  'says when a key is to be deleted': BARE_ANSWERS,
  'gives each refusal a request id': BARE_ANSWERS,
  'answers in AWS JSON': 'moto calls its JSON text/html',
  'lists aliases page by page': 'moto lists everything at once',

  'refuses the ARN of a key in another region: NotFoundException': ANY_ARN,
  'refuses the ARN of a key in another account: AccessDeniedException': ANY_ARN,
  'refuses bytes that are no blob at all: InvalidCiphertextException': SPLIT_BLOB,
  'opens nothing of more than 6,144 bytes: ValidationException': SPLIT_BLOB,
  'opens nothing of 0 bytes: ValidationException': 'moto tells an empty blob from a damaged one by nothing',
  'refuses to open with another key than the one of the blob: IncorrectKeyException': OTHER_KEY,
  'opens no older blob under the name of a moved alias: IncorrectKeyException': OTHER_KEY,
  're-encrypts only from the key that is named: IncorrectKeyException': 'moto ignores SourceKeyId',
  'tells {"a":"bc"} from {"ab":"c"}': JOINED_CONTEXT,
  'tells {"a":"b","c":"d"} from {"a":"bcd"}': JOINED_CONTEXT,

  'does nothing with a disabled key: DisabledException': NO_STATES,
  'does nothing with a key that is to be deleted: KMSInvalidStateException': NO_STATES,
  'does not enable a key that is to be deleted: KMSInvalidStateException': NO_STATES,
  'does nothing with a key whose material is still to come: KMSInvalidStateException': NO_STATES,
  're-encrypts to no disabled key: DisabledException': NO_STATES,

  'wants a key id to encrypt: ValidationException': 'moto looks the empty key id up',
  'says everything that is wrong at once: ValidationException': NO_TYPES,
  'does not read nothing: SerializationException': NO_TYPES,
  'does not read what is no JSON: SerializationException': NO_TYPES,
  'does not read a list: SerializationException': NO_TYPES,
  'does not read text: SerializationException': NO_TYPES,
  'does not read null: SerializationException': NO_TYPES,
  'does not read bytes that are no UTF-8: SerializationException': NO_TYPES,
  'does not read a number as key id: SerializationException': NO_TYPES,
  'does not read a list as key id: SerializationException': NO_TYPES,
  'does not read a plaintext that is no base64: SerializationException': NO_TYPES,
  'does not read a number in the context: SerializationException': NO_TYPES,
  'does not read a list as context: SerializationException': NO_TYPES,
  'does not know an operation: UnknownOperationException': 'moto answers with status 500 or 501 and no AWS JSON',
  'wants its own content type: UnknownOperationException': 'moto goes by X-Amz-Target alone',

  'refuses an access key id it does not know: UnrecognizedClientException': NO_SIGNATURES,
  'refuses a signature with another secret: InvalidSignatureException': NO_SIGNATURES,
  'refuses a signature for another region: InvalidSignatureException': NO_SIGNATURES,
  'refuses a request without a signature: MissingAuthenticationTokenException': NO_SIGNATURES,
  'refuses half a signature: IncompleteSignatureException': NO_SIGNATURES,
  'refuses a signature of long ago: InvalidSignatureException': NO_SIGNATURES,
}
