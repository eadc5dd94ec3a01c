/** One configuration file: found, judged, read and parsed. It is data and never code: JSON, or YAML. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync, type Stats } from 'node:fs'
import { LazyCredError } from './errors.js'
import { invalid } from './given.js'
import { describeSystemError } from './system-errors.js'
import { assertNobodyElseWrote } from './trust.js'
import { decodeUtf8 } from './utf8.js'

const MAX_CONFIG_BYTES = 64 * 1024

/**
 * Looks for a configuration at a path that nobody named.
 *
 * @returns what it says, not checked yet; `undefined` where there is nothing of that name, or a folder
 * @throws LazyCredError `CONFIG_INVALID`, `CONFIG_UNTRUSTED`
 */
export async function findFile(path: string): Promise<unknown> {
  // In most places there is none, and to learn so from an error takes longer.
  if (!isThere(path)) return undefined
  // A pipe that somebody planted must not hold anybody up, nor a terminal become that of a service, which it could stop.
  const fd = openIfThere(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  if (fd === undefined) return undefined
  const text = withFile(fd, path, (stats) => {
    if (stats.isDirectory()) return undefined
    if (!stats.isFile()) throw invalid({ what: path }, 'it is neither a file nor a folder')
    assertNobodyElseWrote(path, stats)
    return readText(fd, path)
  })
  return text === undefined ? undefined : parse(text, path)
}

/**
 * Reads the configuration file that the user named: a pipe will do, and whose it is is not asked.
 *
 * @param hint for a file that is not there
 * @throws LazyCredError `CONFIG_INVALID`
 */
export async function readNamedFile(path: string, hint?: string): Promise<unknown> {
  const fd = openNamed(path, hint)
  const text = withFile(fd, path, (stats) => {
    if (stats.isDirectory()) throw invalid({ what: path }, 'it is a folder')
    return readText(fd, path)
  })
  return parse(text, path)
}

function openNamed(path: string, hint?: string): number {
  try {
    return openSync(path, constants.O_RDONLY)
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT' && !isThere(path)
    throw isMissing ? invalid({ what: path }, 'there is no such file', hint) : unreadable(path, error)
  }
}

function openIfThere(path: string, flags: number): number | undefined {
  try {
    return openSync(path, flags)
  } catch (error) {
    if (!isThere(path)) return undefined
    throw strangersFile(path) ?? unreadable(path, error)
  }
}

/** Of what cannot be read it matters first whose it is, and that tells what mends it. */
function strangersFile(path: string): LazyCredError | undefined {
  try {
    assertNobodyElseWrote(path, statSync(path))
    return undefined
  } catch (error) {
    return error instanceof LazyCredError ? error : undefined
  }
}

/** A link to nothing is there. Of what lies in a folder that may not be searched nobody can say that it is. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === false
  } catch {
    return false
  }
}

function withFile<Result>(fd: number, path: string, use: (stats: Stats) => Result): Result {
  try {
    return use(fstatSync(fd))
  } catch (error) {
    throw error instanceof LazyCredError ? error : unreadable(path, error)
  } finally {
    closeSync(fd)
  }
}

function readText(fd: number, path: string): string {
  const bytes = Buffer.alloc(MAX_CONFIG_BYTES + 1)
  let length = 0
  while (length < bytes.length) {
    const read = readSync(fd, bytes, length, bytes.length - length, null)
    if (read === 0) return decode(bytes.subarray(0, length), path)
    length += read
  }
  throw invalid({ what: path }, `it is larger than ${MAX_CONFIG_BYTES} bytes, too large for a configuration`)
}

function decode(bytes: Buffer, path: string): string {
  const text = decodeUtf8(bytes)
  if (text === undefined) throw invalid({ what: path }, 'it is not UTF-8 text')
  return text.replace(/^\ufeff/, '')
}

function unreadable(path: string, error: unknown): LazyCredError {
  return invalid({ what: path }, `it cannot be read: ${describeSystemError(error)}`)
}

/** JSON first: nearly every file is, and then the YAML parser need not be loaded. */
async function parse(text: string, path: string): Promise<unknown> {
  if (text.trim() === '') throw invalid({ what: path }, 'it is empty')
  const fields = parseJson(text)
  // The Python tool's own README has a trailing comma, which YAML allows.
  return fields ?? (await parseYaml(text, path))
}

/** @returns `undefined` for what is not JSON, and for an object that has a field twice, of which `JSON.parse` says nothing */
function parseJson(text: string): unknown {
  try {
    const fields = JSON.parse(text) as object
    const names = text.match(/"(?:[^"\\]|\\.)*"(?:\s*:)?/g)?.filter((token) => token.endsWith(':')) ?? []
    return names.length === Object.keys(fields).length ? fields : undefined
  } catch {
    return undefined
  }
}

const FAULTS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'a field is there twice',
  MULTIPLE_DOCS: 'there is more than one YAML document',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
  TAG_RESOLVE_FAILED: 'a YAML tag has no place there',
}

/** Of the parser's errors only the kind and the place are told: their messages quote the file. */
async function parseYaml(text: string, path: string): Promise<unknown> {
  const { LineCounter, parseDocument } = await import('yaml')
  const lineCounter = new LineCounter()
  try {
    const document = parseDocument(text, { lineCounter, logLevel: 'error', prettyErrors: false })
    const fault = document.errors[0] ?? document.warnings[0]
    if (fault === undefined) return document.toJS({ maxAliasCount: 0 }) as unknown
    const { line, col } = lineCounter.linePos(fault.pos[0])
    const reason = FAULTS[fault.code] ?? 'it is neither JSON nor YAML'
    throw invalid({ what: path }, `${reason} (line ${line}, column ${col})`)
  } catch (error) {
    if (error instanceof LazyCredError) throw error
    throw invalid({ what: path }, 'it has YAML aliases, or is nested too deeply')
  }
}
