/**
 * Object paths as file names: any text in, and out come names that no two object paths share, on no file system: not
 * where case is ignored, Unicode normalised, or `..`, `CON` and trailing dots mean something else.
 *
 * Lower-case letters, digits, `_` and `-` stand for themselves, every other byte of the UTF-8 for `%` and two digits.
 * What is too long for one name goes on in folders, whose names end in `+`.
 */
import { promises as fs, type Dirent } from 'node:fs'
import { join } from 'node:path'
import { storageError } from './files.js'

const CHUNK = 200
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)$/

/** @returns the path of its file, relative to the folder of the records */
export function fileNameOf(objectPath: string): string {
  const encoded = Array.from(Buffer.from(objectPath), encodeByte).join('')
  const chunks = encoded.match(new RegExp(`.{1,${CHUNK}}`, 'g')) ?? []
  const folders = chunks.slice(0, -1).map((chunk) => `${chunk}+`)
  return join(...folders, `${withoutDevice(chunks.at(-1) ?? '')}.json`)
}

/** Windows takes `con.json` for the console too; the folders are safe by their `+`. */
function withoutDevice(chunk: string): string {
  return DEVICES.test(chunk) ? percent(chunk.charCodeAt(0)) + chunk.slice(1) : chunk
}

function encodeByte(byte: number): string {
  const char = String.fromCharCode(byte)
  return /[a-z0-9_-]/.test(char) ? char : percent(byte)
}

function percent(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`
}

/** @returns the object paths of all the files that lie in the folder of the records; none where there is no such folder */
export async function* objectPathsIn(records: string, encoded = ''): AsyncGenerator<string> {
  for (const entry of await entriesOf(records)) {
    if (entry.isDirectory() && entry.name.endsWith('+')) {
      yield* objectPathsIn(join(records, entry.name), encoded + entry.name.slice(0, -1))
    } else if (entry.isFile() && /^[a-z0-9_%-]+\.json$/.test(entry.name)) {
      yield decode(encoded + entry.name.slice(0, -'.json'.length))
    }
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await fs.readdir(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw storageError(error, folder)
  }
}

function decode(encoded: string): string {
  return Buffer.from(
    encoded.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))),
    'latin1',
  ).toString()
}
