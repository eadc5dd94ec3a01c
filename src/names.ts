import { LazyCredError } from './errors.js'

/** S3's limit on an object key, in UTF-8 bytes (AWS page "Naming Amazon S3 objects"). */
export const MAX_OBJECT_PATH_BYTES = 1024

/**
 * Where the record of a secret lies.
 *
 * @param prefix what comes before every name, as configured; may be empty
 * @param name the secret name: any text that is not empty
 * @returns prefix and name joined as they are: nothing is escaped, trimmed or normalised
 * @throws LazyCredError `NAME_INVALID`
 */
export function objectPathOf(prefix: string, name: string): string {
  if (typeof name !== 'string') throw new LazyCredError('NAME_INVALID', `a secret name is text, not ${typeof name}`)
  if (name === '') throw new LazyCredError('NAME_INVALID', 'the secret name is empty')
  if (!name.isWellFormed()) throw new LazyCredError('NAME_INVALID', 'the secret name is not well-formed Unicode')
  const objectPath = prefix + name
  const size = Buffer.byteLength(objectPath)
  if (size > MAX_OBJECT_PATH_BYTES) throw tooLong(size, prefix)
  return objectPath
}

function tooLong(size: number, prefix: string): LazyCredError {
  const taken = prefix === '' ? '' : `, of which the configured prefix takes ${Buffer.byteLength(prefix)}`
  return new LazyCredError(
    'NAME_INVALID',
    `the object path would be ${size} bytes long; the limit is ${MAX_OBJECT_PATH_BYTES}${taken}`,
    { hint: 'Choose a shorter name.' },
  )
}
