/** The two backends, seen alike: for what must hold on both. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { fileNameOf } from '../../src/local/file-names.js'
import { makeSandbox, type Sandbox } from './sandbox.js'
import { startAws } from './world.js'

export interface SecretsWorld {
  readonly sandbox: Sandbox
  /** Writes the sandbox's `.lazycred` anew, with these fields besides. */
  configure: (fields: object) => Promise<void>
  /** Reads and writes records behind LazyCred's back. */
  read: (name: string) => Promise<Buffer>
  write: (name: string, record: Buffer) => Promise<void>
}

export const bothWorlds: { readonly name: string; readonly open: () => Promise<SecretsWorld> }[] = [
  { name: 'AWS', open: openAws },
  { name: 'the local backend', open: openFolder },
]

async function openAws(): Promise<SecretsWorld> {
  const aws = await startAws()
  onTestFinished(() => aws.close())
  const sandbox = await makeSandbox(aws.env)
  const configure = configureWith(sandbox, aws.config)
  await configure({})
  return {
    sandbox,
    configure,
    read: (name) => aws.readObject(aws.prefix + name),
    write: (name, record) => aws.writeObject(aws.prefix + name, record),
  }
}

async function openFolder(): Promise<SecretsWorld> {
  const sandbox = await makeSandbox()
  const configure = configureWith(sandbox, { local: 'vault' })
  await configure({})
  const fileOf = (name: string): string => join(sandbox.cwd, 'vault/records', fileNameOf(name))
  return {
    sandbox,
    configure,
    read: (name) => readFile(fileOf(name)),
    write: async (name, record) => {
      await mkdir(dirname(fileOf(name)), { recursive: true })
      await writeFile(fileOf(name), record)
    },
  }
}

function configureWith(sandbox: Sandbox, config: object): (fields: object) => Promise<void> {
  return async (fields) => {
    await sandbox.write('.lazycred', JSON.stringify({ ...config, ...fields }))
  }
}
