import { promises as fs } from 'node:fs'
import type { Command } from 'commander'
import { secretName } from './name.js'
import { openLazyCred } from './open.js'
import { outputFailed, writeValue } from './output.js'

const examples = `
Examples:
  $ lazycred get db_credentials
  $ lazycred get db_credentials > db_creds.json
  $ DATABASE_URL="$(lazycred get db_url)" ./app
  $ lazycred get --etag tag count > old
  $ add-one < old | lazycred put --if-match "$(cat tag)" count
`

export function addGet(program: Command): void {
  program
    .command('get')
    .description('Write a secret to standard output: its exact bytes; at a terminal, a newline behind them.')
    .argument('<name>', 'the secret name', secretName)
    .option('--etag <file>', 'write to this file which writing of the secret it is, for put --if-match')
    .addHelpText('after', examples)
    .action(async (name: string, { etag: etagFile }: { etag?: string }) => {
      const { value, etag } = await openLazyCred(program).getVersioned(name)
      if (etagFile !== undefined) await writeEtag(name, etagFile, etag)
      await writeValue(name, value).finally(() => value.fill(0))
    })
}

async function writeEtag(name: string, file: string, etag: string): Promise<void> {
  await fs.writeFile(file, `${etag}\n`).catch((error: unknown) => {
    throw outputFailed(file, error, { verb: 'get', secretName: name })
  })
}
