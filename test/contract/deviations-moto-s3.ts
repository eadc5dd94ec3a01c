const NO_SIGNATURES = 'moto takes any signature, or none, unless its access control is switched on'
const NO_PARSING = 'moto reads the service and the region out of the signature, and stumbles where they are missing'
const NO_DIGESTS = 'moto compares no body with the digest that came with it'
const ANNOUNCED_CHECKSUMS = 'moto keeps a checksum only where x-amz-sdk-checksum-algorithm announces it'
const UNTOLD_CHECKSUMS = 'moto answers a PUT without the checksum'
const ANY_BUCKET = 'moto refuses no bucket name for its characters'
const ANY_PATH = 'moto refuses no object path, neither for its length nor for its dots'
const ONE_REGION = 'moto serves a bucket in whatever region it was asked for'
const NO_MARKERS = 'moto answers for a delete marker as for an object that never was'
const BROKEN_PAGE = 'moto fails, and answers with a page of HTML and status 500'

/** Checks of the S3 contract that moto 5.2.5 fails, each with the reason. */
export const MOTO_S3: Readonly<Record<string, string>> = {
  'takes no object without its length: MissingContentLength': 'moto takes chunked bodies',
  'answers with the headers that all its answers have': 'moto calls the request id x-amzn-requestid, and has no id 2',
  'tells an error as XML, which names the request and the object': 'moto writes utf-8 in small letters',

  'takes control characters in a path': BROKEN_PAGE,
  'refuses a path that is no percent-encoded UTF-8: 400': ANY_PATH,
  'takes a path of 1,024 bytes and no longer one, in characters of 1': ANY_PATH,
  'takes a path of 1,024 bytes and no longer one, in characters of 2': ANY_PATH,
  'takes a path of 1,024 bytes and no longer one, in characters of 4': ANY_PATH,
  'refuses .., which climbs out of the bucket: 400': ANY_PATH,
  'refuses ../x, which climbs out of the bucket: 400': ANY_PATH,
  'refuses a/../../x, which climbs out of the bucket: 400': ANY_PATH,
  'refuses ./../x, which climbs out of the bucket: 400': ANY_PATH,
  'refuses ../../x, which climbs out of the bucket: 400': ANY_PATH,

  'answers for a delete marker: NoSuchKey, and says that it is one': NO_MARKERS,
  'gives no delete marker that is asked for by its version: MethodNotAllowed': NO_MARKERS,
  'brings an object back where its delete marker is deleted': 'moto does, but does not say that it was a marker',
  'refuses what can be no version id: InvalidArgument': 'moto takes any text for a version id, and finds nothing',
  'knows no If-None-Match but * on a PUT: NotImplemented': 'moto ignores any other',

  'tells the CRC32 of what was put': UNTOLD_CHECKSUMS,
  'tells the CRC32C of what was put': UNTOLD_CHECKSUMS,
  'tells the CRC64NVME of what was put': UNTOLD_CHECKSUMS,
  'tells the SHA1 of what was put': UNTOLD_CHECKSUMS,
  'tells the SHA256 of what was put': UNTOLD_CHECKSUMS,
  'makes a CRC64NVME itself where it is sent no checksum': ANNOUNCED_CHECKSUMS,
  'refuses a body that its CRC32 does not fit: BadDigest': NO_DIGESTS,
  'refuses a body that its CRC32C does not fit: BadDigest': NO_DIGESTS,
  'refuses a body that its CRC64NVME does not fit: BadDigest': NO_DIGESTS,
  'refuses a body that its SHA1 does not fit: BadDigest': NO_DIGESTS,
  'refuses a body that its SHA256 does not fit: BadDigest': NO_DIGESTS,
  'refuses a body that its Content-MD5 does not fit: BadDigest': NO_DIGESTS,
  'refuses what can be no CRC32: InvalidRequest': NO_DIGESTS,
  'refuses what can be no CRC32C: InvalidRequest': NO_DIGESTS,
  'refuses what can be no CRC64NVME: InvalidRequest': NO_DIGESTS,
  'refuses what can be no SHA1: InvalidRequest': NO_DIGESTS,
  'refuses what can be no SHA256: InvalidRequest': NO_DIGESTS,
  'refuses what can be no Content-MD5: InvalidDigest': NO_DIGESTS,
  'stores nothing of a body that its checksum does not fit': NO_DIGESTS,
  'refuses two checksums at once: InvalidRequest': NO_DIGESTS,
  'refuses a checksum that is announced and not sent: InvalidRequest': NO_DIGESTS,

  'gives a page, and the next one by the token': 'moto does, but leaves the token out of the second page',
  'refuses a token that it did not give: InvalidArgument': BROKEN_PAGE,
  'refuses a count that is none: InvalidArgument': BROKEN_PAGE,
  'encodes paths like URLs where asked to': 'moto writes a space as %20, where AWS writes +',

  'gives no bucket the name Upper-Case: InvalidBucketName': ANY_BUCKET,
  'gives no bucket the name under_score: InvalidBucketName': ANY_BUCKET,
  'gives no bucket the name -dash-first: InvalidBucketName': ANY_BUCKET,
  'gives no bucket the name dash-last-: InvalidBucketName': ANY_BUCKET,
  'gives no bucket the name two..dots: InvalidBucketName': ANY_BUCKET,
  'gives no bucket the name 192.168.5.4: InvalidBucketName': ANY_BUCKET,
  'serves no bucket that belongs to another account than expected: AccessDenied':
    'moto ignores x-amz-expected-bucket-owner',
  'sends a client in the wrong region away: PermanentRedirect, with the right region': ONE_REGION,
  'says in XML where the bucket is to be found': ONE_REGION,
  'tells the right region to a HEAD too, which has no body': ONE_REGION,

  'refuses an access key id that it does not know: InvalidAccessKeyId': NO_SIGNATURES,
  'refuses a signature with another secret: SignatureDoesNotMatch': NO_SIGNATURES,
  'refuses a session token that is none: InvalidToken': NO_SIGNATURES,
  'refuses a request without a signature: AccessDenied': NO_SIGNATURES,
  'refuses half a signature: AuthorizationHeaderMalformed': NO_PARSING,
  'refuses a scope without its parts: AuthorizationHeaderMalformed': NO_PARSING,
  'refuses a signature for another service: AuthorizationHeaderMalformed': NO_PARSING,
  'refuses a signature from too far in the past: RequestTimeTooSkewed': NO_SIGNATURES,
  'refuses a signature from too far in the future: RequestTimeTooSkewed': NO_SIGNATURES,
  'refuses a request of which the path was changed on the way: SignatureDoesNotMatch': NO_SIGNATURES,
  'refuses a request of which the query was changed on the way: SignatureDoesNotMatch': NO_SIGNATURES,
  'refuses a request of which a signed header was changed on the way: SignatureDoesNotMatch': NO_SIGNATURES,
  'refuses a request of which the hash of the body was changed on the way: SignatureDoesNotMatch': NO_SIGNATURES,
  'refuses a header of its own that was added on the way: AccessDenied': NO_SIGNATURES,
  'refuses a body that was changed on the way, and keeps the old one: XAmzContentSHA256Mismatch': NO_DIGESTS,
  'refuses a hash of the body that is none: InvalidArgument': NO_DIGESTS,
}
