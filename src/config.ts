/** Where the configuration comes from: the first source that has one gives all of it. */
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { checkFields, type Config, type Field, type Settings, type Source } from './config-fields.js'
import { findFile, readNamedFile } from './config-file.js'
import { LazyCredError } from './errors.js'

const FILE_NAME = '.lazycred'

/** The variables behind a field, the first that is set winning. */
const VARIABLES: Readonly<Record<Field, readonly string[]>> = {
  s3_path: ['LAZYCRED_S3_PATH'],
  key_alias: ['LAZYCRED_KEY_ALIAS'],
  region: ['AWS_DEFAULT_REGION', 'AWS_REGION'],
  local: ['LAZYCRED_LOCAL'],
}

/** Settings, and for people to read where they came from. */
export interface Found {
  readonly settings: Settings
  readonly source: string
}

/**
 * Finds the configuration: inline, then the file that is named, then `.lazycred` in the current folder, in each one
 * above it and in the home folder, then the environment's variables.
 *
 * @param inline a configuration given in code, not checked yet
 * @param file a configuration file named outright; wins over `LAZYCRED_CONFIG`
 * @throws LazyCredError `CONFIG_MISSING`, `CONFIG_INVALID`, `CONFIG_UNTRUSTED`
 */
export async function findConfig(inline?: Config | null, file?: string): Promise<Found> {
  if (inline !== undefined && inline !== null)
    return found(inline, currentFolder, 'the inline configuration', fieldName)
  const named = file ?? variable('LAZYCRED_CONFIG')
  if (named !== undefined) {
    const path = resolve(named)
    return found(await readNamedFile(path), () => dirname(path), path, fieldName)
  }
  for (const path of placesToLook()) {
    const fields = await findFile(path)
    if (fields !== undefined) return found(fields, () => dirname(path), path, fieldName)
  }
  const fields = fromEnvironment()
  if (fields === undefined) throw missing()
  return found(fields, currentFolder, 'the environment', (field) => VARIABLES[field].join(' or '))
}

function found(fields: unknown, folder: () => string, what: string, nameOf: Source['nameOf']): Found {
  const settings = checkFields(fields, { what, nameOf })
  if (settings.kind !== 'local') return { settings, source: what }
  return { settings: { ...settings, folder: resolve(folder(), settings.folder) }, source: what }
}

function fieldName(field: Field): string {
  return `"${field}"`
}

function placesToLook(): string[] {
  return [...new Set([...foldersUpwards(currentFolder()), homedir()])].map((folder) => join(folder, FILE_NAME))
}

function foldersUpwards(folder: string): string[] {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [folder, ...foldersUpwards(parent)]
}

/** @returns the fields that have variables, where one of LazyCred's own is set: a region alone is AWS's */
function fromEnvironment(): unknown {
  const given = (['s3_path', 'key_alias', 'region', 'local'] as const).flatMap((field) => {
    const value = VARIABLES[field].map(variable).find((text) => text !== undefined)
    return value === undefined ? [] : [[field, value] as const]
  })
  const fields = Object.fromEntries(given)
  if (fields['s3_path'] === undefined && fields['key_alias'] === undefined && fields['local'] === undefined)
    return undefined
  if (fields['local'] !== undefined) delete fields['region']
  return fields
}

function currentFolder(): string {
  try {
    return process.cwd()
  } catch {
    throw new LazyCredError('CONFIG_MISSING', 'the current folder no longer exists', {
      hint: 'Change to one that does.',
    })
  }
}

function variable(name: string): string | undefined {
  const value = process.env[name]
  return value === '' ? undefined : value
}

function missing(): LazyCredError {
  return new LazyCredError(
    'CONFIG_MISSING',
    `there is no ${FILE_NAME} in ${currentFolder()}, in any folder above it or in ${homedir()}, and LAZYCRED_S3_PATH and LAZYCRED_KEY_ALIAS are not set`,
    {
      hint: `Write one: {"s3_path": "BUCKET/", "key_alias": "ALIAS", "region": "REGION"}, or {"local": "FOLDER"} to try it out.`,
    },
  )
}
