/** Authenticated with the wrapped key and needed to unwrap it; the pairs have no order (AWS page "Encryption context"). */
export type EncryptionContext = Readonly<Record<string, string>>

/** @returns whether the pairs are the same, in whatever order */
export function sameContext(one: EncryptionContext, other: EncryptionContext): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
}
