/** The names of a configuration's fields. */
export const REQUIRED = ['s3_path', 'key_alias', 'region'] as const
export const AWS_ONLY = [...REQUIRED, 'trusted_keys', 'bucket_owner'] as const
/** What is off unless it is set, and protects where it is. */
export const PROTECTIONS = ['trusted_keys', 'bucket_owner', 'bind_names', 'encryption_context'] as const
export const FIELDS = [...AWS_ONLY, 'local', 'bind_names', 'encryption_context'] as const

export type Field = (typeof FIELDS)[number]
