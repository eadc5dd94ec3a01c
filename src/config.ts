/** Where the configuration comes from: the first source that has one gives all of it. */
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { checkFields, type Config, type Settings } from './config-fields.js'
import { findFile, readNamedFile } from './config-file.js'
import { fieldsOf, unusedProtections, variableOf } from './environment.js'
import { LazyCredError, printable } from './errors.js'
import type { Field } from './fields.js'
import { invalid, type Source } from './given.js'

const FILE_NAME = '.lazycred'

/** Settings, and for people to read where they came from. */
export interface Found {
  readonly settings: Settings
  /** As they stood there. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly source: string
  /** What the user may think is in force, and is not. */
  readonly warning?: string
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
  const named = process.env['LAZYCRED_CONFIG'] ?? ''
  if (named !== '') return findNamed(named, 'LAZYCRED_CONFIG names it.')
  for (const path of placesToLook()) {
    const fields = await findFile(textual(path))
    if (fields !== undefined) return inFile(fields, path)
  }
  const fields = fieldsOf(process.env)
  if (fields === undefined) throw missing()
  return found(fields, currentFolder, 'the environment', variableOf)
}

/** @param hint says who named it, where that is not plain to see */
async function findNamed(file: string, hint: string | undefined): Promise<Found> {
  const path = absolute(file, currentFolder)
  return inFile(await readNamedFile(path, hint), path)
}

function inFile(fields: unknown, path: string): Found {
  const inForce = found(fields, () => dirname(path), path, fieldName)
  const unused = unusedProtections(inForce.fields)
  if (unused.length === 0) return inForce
  return {
    ...inForce,
    warning: `${inForce.source} is the whole configuration: ${unused.join(', ')} counts for nothing`,
  }
}

function found(fields: unknown, folder: () => string, what: string, nameOf: Source['nameOf']): Found {
  const settings = checkFields(fields, { what, nameOf })
  const common = { source: printable(what), fields: fields as Readonly<Record<string, unknown>> }
  if (settings.kind !== 'local') return { ...common, settings }
  return { ...common, settings: { ...settings, folder: absolute(settings.folder, folder) } }
}

/** Where the path is absolute, it does not matter whether there still is a folder to start from. */
function absolute(path: string, folder: () => string): string {
  return textual(resolve(isAbsolute(path) ? '/' : folder(), path))
}

/** Node puts U+FFFD for bytes of a path that are no text, which leads elsewhere: past a file, or to another folder. */
function textual(path: string): string {
  if (!path.includes('\ufffd')) return path
  throw invalid({ what: path }, 'the path is not UTF-8, so what lies there cannot be found', 'Move it to one that is.')
}

function fieldName(field: Field): string {
  return `"${field}"`
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

function currentFolder(): string {
  try {
    return process.cwd()
  } catch {
    throw new LazyCredError('CONFIG_MISSING', 'the current folder no longer exists', {
      hint: 'Change to one that does.',
    })
  }
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
