/** Where the configuration comes from: the first source that has one gives all of it. */
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { checkFields, type Config, type Field, type Settings, type Source } from './config-fields.js'
import { findFile, readNamedFile } from './config-file.js'
import { LazyCredError, printable } from './errors.js'

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
  if (file !== undefined) return findNamed(file, undefined)
  const named = variable('LAZYCRED_CONFIG')
  if (named !== undefined) return findNamed(named, 'LAZYCRED_CONFIG names it.')
  for (const path of placesToLook()) {
    const fields = await findFile(path)
    if (fields !== undefined) return found(fields, () => dirname(path), path, fieldName)
  }
  const fields = fromEnvironment()
  if (fields === undefined) throw missing()
  return found(fields, currentFolder, 'the environment', variableName)
}

/** @param hint says who named it, where that is not plain to see */
async function findNamed(file: string, hint: string | undefined): Promise<Found> {
  const path = absolute(file, currentFolder)
  return found(await readNamedFile(path, hint), () => dirname(path), path, fieldName)
}

function found(fields: unknown, folder: () => string, what: string, nameOf: Source['nameOf']): Found {
  const settings = checkFields(fields, { what, nameOf })
  const source = printable(what)
  if (settings.kind !== 'local') return { settings, source }
  return { settings: { ...settings, folder: absolute(settings.folder, folder) }, source }
}

/** Where the path is absolute, it does not matter whether there still is a folder to start from. */
function absolute(path: string, folder: () => string): string {
  return resolve(isAbsolute(path) ? '/' : folder(), path)
}

function fieldName(field: Field): string {
  return `"${field}"`
}

/** The variable that a field was taken from, or could have been. */
function variableName(field: Field): string {
  const names = VARIABLES[field]
  return names.find((name) => variable(name) !== undefined) ?? names.join(' or ')
}

function placesToLook(): string[] {
  return [...new Set([...foldersUpwards(currentFolder()), ...homeFolder()])].map((folder) => join(folder, FILE_NAME))
}

/** @returns none for a user whom the machine does not know, as in containers, where HOME is not set either */
function homeFolder(): string[] {
  try {
    return [homedir()].filter(isAbsolute)
  } catch {
    return []
  }
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
  const places = [currentFolder(), 'any folder above it', ...homeFolder()]
  return new LazyCredError(
    'CONFIG_MISSING',
    printable(
      `there is no ${FILE_NAME} in ${places.join(', ')}, and neither LAZYCRED_S3_PATH and LAZYCRED_KEY_ALIAS nor LAZYCRED_LOCAL are set`,
    ),
    {
      hint: `Write one: {"s3_path": "BUCKET/", "key_alias": "ALIAS", "region": "REGION"}, or {"local": "FOLDER"} to try it out.`,
    },
  )
}
