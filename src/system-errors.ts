import { getSystemErrorMap } from 'node:util'

/** @returns what a system call's error means, for people to read; its message is not used, since it may quote anything */
export function describeSystemError(error: unknown): string {
  const { errno, code } = error as NodeJS.ErrnoException
  const [name, words] = getSystemErrorMap().get(errno ?? 0) ?? [code ?? 'no code', 'it failed']
  return `${words} (${name})`
}
