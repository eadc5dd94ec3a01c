import type { WriteStream } from 'node:tty'

/** @returns standard error, for all that is no secret: whoever does not want to know must not change what is done */
export function stderr(): WriteStream {
  // Not before it is needed: to set it up takes as long as to decrypt a secret.
  const { stderr } = process
  if (!stderr.listeners('error').includes(ignore)) stderr.on('error', ignore)
  return stderr
}

function ignore(): void {
  // There is nowhere left to say so.
}
