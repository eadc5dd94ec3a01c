import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'rolldown'

/** @type {(json: string) => { name: string, version: string, license: string }} */
const parse = JSON.parse
const { version } = parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))

/**
 * Modules that are imported and never used, or by most calls not: to load and to compile them takes time. Each with who imports
 * it, and what there is instead.
 *
 * @type {Readonly<Record<string, { importer: RegExp, source: string }>>}
 */
const INSTEAD = {
  // Commander could start subcommands that are programs of their own.
  'node:child_process': { importer: /[\\/]commander[\\/]/, source: 'export {}' },
  // Loaded when a checksum is to be made.
  'node:zlib': {
    importer: /Crc32Node/,
    source: `export const crc32 = (data, value) => require('node:zlib').crc32(data, value)`,
  },
  // What reads ~/.aws needs no more of it, and is done by the time that another thread is asked.
  'node:fs/promises': {
    importer: /shared-ini-file-loader/,
    source: `import { readFileSync } from 'node:fs'
      export const readFile = async (path, encoding) => readFileSync(path, encoding)`,
  },
  // Node has these.
  './Sha256Js': { importer: /Sha256Node/, source: 'export const Sha256Js = undefined' },
  './Sha1Js': { importer: /Sha1Node/, source: 'export const Sha1Js = undefined' },
  './Md5Js': { importer: /Md5Node/, source: 'export const Md5Js = undefined' },
  // No operation of ours is a stream of events.
  '@smithy/core/event-streams': {
    importer: /./,
    source:
      'export const eventStreamSerdeProvider = () => undefined, resolveEventStreamSerdeConfig = (config) => config',
  },
}

const withInstead = {
  name: 'with-instead',
  /** @param {string} id @param {string} [importer] */
  resolveId: (id, importer = '') => (INSTEAD[id]?.importer.test(importer) === true ? `\0instead ${id}` : null),
  /** @param {string} id */
  load: (id) => (id.startsWith('\0instead ') ? (INSTEAD[id.slice('\0instead '.length)]?.source ?? null) : null),
}

const escaped = (/** @type {string} */ char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** One other character in it, and V8 takes two bytes for each character of the file. */
const inAscii = {
  name: 'in-ascii',
  /** @param {unknown} _options @param {import('rolldown').OutputBundle} bundle */
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === 'chunk') chunk.code = chunk.code.replace(/[^\0-\x7f]/g, escaped)
    }
  },
}

/** What a request to AWS needs at once; all else of the SDK, such as most sources of credentials, is loaded when it is needed. */
const atOnce = new Set()
const findAtOnce = {
  name: 'find-at-once',
  /** @this {import('rolldown').PluginContext} */
  buildEnd() {
    const follow = (/** @type {string} */ id) => {
      if (atOnce.has(id)) return
      atOnce.add(id)
      this.getModuleInfo(id)?.importedIds.forEach(follow)
    }
    follow(new URL('src/aws/sdk.ts', import.meta.url).pathname)
  },
}

/** The licences of all that is in the bundle, which have to go with it. */
const withLicences = {
  name: 'with-licences',
  /** @this {import('rolldown').PluginContext} @param {unknown} _options @param {import('rolldown').OutputBundle} bundle */
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
    const folders = modules.flatMap((id) => /^.*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0] ?? [])
    /** @type {Map<string, string[]>} packages by the text of their licence, which many have in common */
    const licences = new Map()
    for (const folder of [...new Set(folders)].sort()) {
      const { name, version, license } = parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const file = LICENCE_FILES.map((each) => join(folder, each)).find((each) => existsSync(each))
      const text = file === undefined ? license : readFileSync(file, 'utf8').trim()
      licences.set(text, [...(licences.get(text) ?? []), `${name} ${version}`])
    }
    const source = [...licences]
      .map(([text, names]) => `${names.join('\n')}\n\n${text}\n`)
      .join(`\n${'-'.repeat(80)}\n\n`)
    this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source })
  },
}
const LICENCE_FILES = ['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'License']

/**
 * The command as few files, since most of the time of a short process goes into finding and compiling code.
 *
 * CommonJS, because Node's loader of ES modules takes longer than all else that we do. What one way of using the command
 * needs and another does not (a backend, a source of credentials, YAML) is a file of its own.
 */
const command = defineConfig({
  input: 'src/cli/main.ts',
  preserveEntrySignatures: 'allow-extension',
  platform: 'node',
  // The SDK's ES modules, of which only what is used is taken.
  resolve: { mainFields: ['module', 'main'] },
  // Errors are told apart by their names, which they have without a class of their own.
  treeshake: { manualPureFunctions: ['n0_registry.registerError'] },
  // Bodies are streams of Node's own here.
  transform: { define: { LAZYCRED_VERSION: JSON.stringify(version), ReadableStream: 'undefined' } },
  checks: { ineffectiveDynamicImport: false },
  plugins: [withInstead, findAtOnce, inAscii, withLicences],
  output: {
    dir: 'dist/command',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    // Where Node loads its own modules by import(), it loads much that nobody needs.
    dynamicImportInCjs: false,
    minify: true,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        {
          name: 'aws-sdk',
          test: (id) => atOnce.has(id) && /src[\\/]aws[\\/]|[\\/]@(aws-sdk|aws|smithy)[\\/]|^\0/.test(id),
        },
        { name: 'credentials', test: /[\\/]@(aws-sdk|aws|smithy)[\\/]/ },
        { name: 'yaml', test: /node_modules[\\/]yaml[\\/]/ },
      ],
    },
  },
})

/** What loads these. */
const loader = defineConfig({
  input: 'src/cli/loader.ts',
  platform: 'node',
  output: { dir: 'dist/command', entryFileNames: '[name].cjs', format: 'cjs', minify: true },
})

/** The library, without its dependencies: whose application it is in decides about these. */
const library = defineConfig({
  input: 'src/index.ts',
  platform: 'node',
  external: /^[^./]/,
  output: {
    dir: 'dist',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    // What is loaded with `import` is two files, this and the entry.
    codeSplitting: { groups: [{ name: 'common', test: /src[\\/](errors|context|binding|utf8|clock)\.ts$/ }] },
  },
})

export default [command, loader, library]
