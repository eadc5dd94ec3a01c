/** Every place that a configuration can come from, in the order in which they win. */
import { join } from 'node:path'
import { failed, type Outcome } from './outcome.js'
import type { Sandbox } from './sandbox.js'

/** A name for the place, and whatever makes the next `lazycred` find a configuration there. */
export interface ConfigSource {
  readonly what: string
  /** Where its file lies, from the current folder. */
  readonly folder: string
  /** @returns arguments and variables for the command */
  readonly plant: (sandbox: Sandbox, content: string) => Promise<{ args?: string[]; env?: Record<string, string> }>
}

function file(what: string, folder: string): ConfigSource {
  return {
    what,
    folder,
    plant: async ({ write }, content) => {
      await write(`${folder}/.lazycred`, content)
      return {}
    },
  }
}

export const NAMED_BY_OPTION: ConfigSource = {
  what: '--config',
  folder: '..',
  plant: async ({ write }, content) => ({ args: ['--config', await write('../option.json', content)] }),
}

export const NAMED_BY_VARIABLE: ConfigSource = {
  what: 'LAZYCRED_CONFIG',
  folder: '..',
  plant: async ({ write }, content) => ({ env: { LAZYCRED_CONFIG: await write('../variable.json', content) } }),
}

export const HERE = file('.lazycred in the current folder', '.')
export const ABOVE = file('.lazycred in the folder above', '..')
export const FAR_ABOVE = file('.lazycred two folders above', '../..')
export const HOME = file('.lazycred in the home folder', '../../home')

export const FILES_IN_ORDER = [NAMED_BY_OPTION, NAMED_BY_VARIABLE, HERE, ABOVE, FAR_ABOVE, HOME]

/** @returns what the command says of a secret that is not in the folder: so the test sees where it looked */
export function lookedIn(folder: string, name = 'db'): Outcome {
  return failed(3, `Unable to get <Key: ${folder},${name}>. NOT_FOUND: there is no such secret`)
}

/** Plants a configuration for each, with folders named by their position, and says how to run the command then. */
export async function plantAll(
  sandbox: Sandbox,
  sources: readonly ConfigSource[],
): Promise<{ args: string[]; env: Record<string, string>; folders: string[] }> {
  const folders = sources.map((_, index) => join(sandbox.root, `store-${index}`))
  const planted = await Promise.all(
    sources.map(({ plant }, index) => plant(sandbox, JSON.stringify({ local: folders[index] }))),
  )
  return {
    args: planted.flatMap(({ args = [] }) => args),
    env: Object.assign({}, ...planted.map(({ env }) => env)) as Record<string, string>,
    folders,
  }
}
