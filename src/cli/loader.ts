/** Loads the files that the command is bundled into, as `require` would, and by the code cache. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { codeCacheFolder, readCode, writeCode } from './code-cache.js'

/** What scripts call again and again; its code is worth keeping, and that of each needs other parts of the files. */
const VERBS = ['get', 'put']
const BEFORE = '(function(exports,require,module){'
const BEHIND = '\n})'

const modules = new Map<string, { exports: unknown }>()
const verb = VERBS.find((each) => each === process.argv[2])
const folder = verb && codeCacheFolder()

type Require = (id: string) => unknown
type Wrapper = (exports: unknown, require: Require, module: object) => void

/**
 * @param file of this folder
 * @param require loads what is Node's own
 */
export function load(file: string, require: Require): unknown {
  const known = modules.get(file)
  if (known !== undefined) return known.exports
  const module = { exports: {} }
  modules.set(file, module)
  const wrapper = compile(file).runInThisContext() as Wrapper
  wrapper(module.exports, (id) => (id.startsWith('./') ? load(id.slice(2), require) : require(id)), module)
  return module.exports
}

function compile(file: string): Script {
  const filename = join(import.meta.dirname, file)
  const bytes = readFileSync(filename)
  // The bundle is ASCII, and this the fastest way to read it.
  const source = BEFORE + bytes.toString('latin1') + BEHIND
  if (folder === undefined) return new Script(source, { filename })
  const name = `${file}-${verb}-${process.version}-${process.arch}`
  const cachedData = readCode(folder, name, bytes)
  const script = new Script(source, { filename, cachedData })
  if (cachedData === undefined || script.cachedDataRejected === true) {
    // Only at the end is it known which functions were needed, and only where nothing failed they are all.
    process.once('exit', (status) => {
      if (status === 0) writeCode(folder, name, bytes, script.createCachedData())
    })
  }
  return script
}
