import type { Command } from 'commander'
import { openLazyCred } from './open.js'
import { writeValue } from './output.js'

const examples = `
Examples:
  $ lazycred get db_credentials
  $ lazycred get db_credentials > db_creds.json
  $ psql "$(lazycred get db_url)"
`

export function addGet(program: Command): void {
  program
    .command('get')
    .description('Write a secret to standard output: its exact bytes; at a terminal, a newline behind them.')
    .argument('<name>', 'the secret name')
    .addHelpText('after', examples)
    .action(async (name: string) => {
      const value = await openLazyCred(program).getBytes(name)
      await writeValue(name, value)
    })
}
