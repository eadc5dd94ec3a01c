import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { PROJECT } from './world.js'

/**
 * Builds what the library does not show to the outside: Fernet and the envelope.
 *
 * @param {string} folder where it is put
 * @returns {Promise<string>} the path of a module that has both
 */
export async function buildInternals(folder) {
  const input = '\0internals'
  const source = ['fernet', 'envelope'].map(
    (name) => `export * from ${JSON.stringify(join(PROJECT, `src/${name}.ts`))}`,
  )
  const plugin = {
    name: 'internals',
    resolveId: (/** @type {string} */ id) => (id === input ? id : null),
    load: (/** @type {string} */ id) => (id === input ? source.join('\n') : null),
  }
  const bundle = await rolldown({ input, platform: 'node', plugins: [plugin] })
  const file = join(folder, 'internals.mjs')
  await bundle.write({ file, format: 'esm' })
  return file
}
