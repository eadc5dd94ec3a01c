import type { Command } from 'commander'
import { readValue, wouldReadTwice } from './input.js'
import { secretName } from './name.js'
import { openLazyCred } from './open.js'

const examples = `
Examples:
  $ lazycred put db_credentials db_creds.json      from a file
  $ lazycred put db_credentials < db_creds.json    from standard input
  $ generate | lazycred put token                  from a pipe
  $ lazycred put token                             asks for it, and shows nothing of what is typed
  $ lazycred put --if-absent token < token         fails where there is one already
`

interface PutFlags {
  readonly ifAbsent?: true
  readonly ifMatch?: string
}

export function addPut(program: Command): void {
  program
    .command('put')
    .description('Store a secret: every byte of a file, or of standard input.')
    .argument('<name>', 'the secret name', secretName)
    .argument('[file]', 'where the value is; standard input where it is missing or -')
    .option('--if-absent', 'only where there is no such secret yet')
    .option('--if-match <etag>', 'only over the secret that get --etag told of')
    .addHelpText('after', examples)
    .action(async (name: string, file: string | undefined, flags: PutFlags, command: Command) => {
      if (flags.ifAbsent === true && flags.ifMatch !== undefined) {
        command.error('error: either --if-absent or --if-match')
      }
      if (wouldReadTwice(program.opts<{ config?: string }>().config, file)) {
        command.error('error: standard input cannot be both the configuration and the value')
      }
      const lazycred = openLazyCred(program)
      // Before anybody types a value that could not be stored.
      await lazycred.locate(name)
      const value = await readValue(name, file)
      await lazycred.put(name, value, flags).finally(() => value.fill(0))
    })
}
