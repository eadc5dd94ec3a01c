/** A configuration given in variables. */
import { PROTECTIONS, type Field } from './fields.js'
import { invalid } from './given.js'

/** The variables behind a field, the first that is set winning. */
const VARIABLES: Readonly<Record<Field, readonly string[]>> = {
  s3_path: ['LAZYCRED_S3_PATH'],
  key_alias: ['LAZYCRED_KEY_ALIAS'],
  region: ['AWS_DEFAULT_REGION', 'AWS_REGION'],
  trusted_keys: ['LAZYCRED_TRUSTED_KEYS'],
  bucket_owner: ['LAZYCRED_BUCKET_OWNER'],
  local: ['LAZYCRED_LOCAL'],
  bind_names: ['LAZYCRED_BIND_NAMES'],
  encryption_context: ['LAZYCRED_ENCRYPTION_CONTEXT'],
}

/** What says that the configuration is in the variables: a region alone is AWS's. */
const TELLING: readonly Field[] = ['s3_path', 'key_alias', 'local']

/** How the text of a variable becomes what stands in a file, where that is not text. */
const READERS: Partial<Record<Field, (text: string) => unknown>> = {
  trusted_keys: (text) => text.split(',').map((each) => each.trim()),
  bind_names: (text) => ({ true: true, 1: true, false: false, 0: false })[text.toLowerCase()] ?? text,
  encryption_context: readPairs,
}

/**
 * @param variables empty ones are as good as unset
 * @returns fields as in a file, not checked; `undefined` where none is set that tells of a configuration
 * @throws LazyCredError `CONFIG_INVALID`
 */
export function fieldsOf(variables: NodeJS.ProcessEnv): Readonly<Record<string, unknown>> | undefined {
  const given = (Object.keys(VARIABLES) as Field[]).flatMap((field) => {
    const text = VARIABLES[field].map((name) => variables[name]).find((value) => value !== undefined && value !== '')
    return text === undefined ? [] : [[field, READERS[field]?.(text) ?? text] as const]
  })
  const fields = new Map<Field, unknown>(given)
  if (!TELLING.some((field) => fields.has(field))) return undefined
  if (fields.has('local')) fields.delete('region')
  return Object.fromEntries(fields)
}

/**
 * @param fields a configuration that does not come from the variables
 * @returns the variables that would protect, are set, and count for nothing beside it
 */
export function unusedProtections(fields: object): string[] {
  return PROTECTIONS.filter((field) => !(field in fields))
    .flatMap((field) => VARIABLES[field])
    .filter((variable) => (process.env[variable] ?? '') !== '')
}

/** @returns the variable that a field was taken from, or could have been */
export function variableOf(field: Field): string {
  const names = VARIABLES[field]
  return names.find((name) => (process.env[name] ?? '') !== '') ?? names.join(' or ')
}

function readPairs(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid({ what: 'the environment' }, 'LAZYCRED_ENCRYPTION_CONTEXT must be JSON, such as {"app": "web"}')
  }
}
