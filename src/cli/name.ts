import { InvalidArgumentError } from 'commander'

/** Node puts U+FFFD for bytes of an argument that are no text: all such names would be one, and one secret lie over another. */
export function secretName(given: string): string {
  if (given.includes('\ufffd')) throw new InvalidArgumentError('It is not UTF-8.')
  return given
}
