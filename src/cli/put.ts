import type { Command } from 'commander'
import { readValue } from './input.js'
import { openLazyCred } from './open.js'

const examples = `
Examples:
  $ lazycred put db_credentials db_creds.json      from a file
  $ lazycred put db_credentials < db_creds.json    from standard input
  $ generate | lazycred put token                  from a pipe
  $ lazycred put token                             asks for it, and shows nothing of what is typed
`

export function addPut(program: Command): void {
  program
    .command('put')
    .description('Store a secret: every byte of a file, or of standard input.')
    .argument('<name>', 'the secret name')
    .argument('[file]', 'where the value is; standard input where it is missing or -')
    .addHelpText('after', examples)
    .action(async (name: string, file: string | undefined) => {
      const value = await readValue(name, file)
      await openLazyCred(program).put(name, value)
    })
}
