/** Which writing of a record it is. */
export interface Version {
  /** Changes with every write; opaque. */
  readonly etag: string
  /** Where the store keeps old ones. */
  readonly versionId?: string | undefined
}

/** What must be there for a write to happen: nothing, or the record that was read with that etag. */
export type Condition = { readonly ifAbsent: true } | { readonly ifMatch: string }
