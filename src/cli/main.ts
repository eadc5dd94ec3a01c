import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { USAGE } from './exit-status.js'
import { addConfig } from './config.js'
import { addGet } from './get.js'
import { addPut } from './put.js'
import { report } from './report.js'
import { addRewrap } from './rewrap.js'

/**
 * Runs the command and ends the process with its exit status.
 *
 * @param argv as `process.argv`
 */
export async function run(argv: readonly string[]): Promise<never> {
  const program = makeProgram()
  try {
    await program.parseAsync(argv)
    process.exit()
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : USAGE)
    process.exit(report(error, program.opts()['verbose'] === true))
  }
}

function makeProgram(): Command {
  const program = new Command('lazycred')
    .description('Keeps secrets on AWS S3, each encrypted under a fresh key that AWS KMS wraps.')
    .version(version())
    .option('--config <file>', 'use this configuration file and search for no other')
    .option('--verbose', 'show debug messages on standard error')
    .exitOverride()
    .showHelpAfterError('(--help shows how)')
    .addHelpText('after', examples)
  addPut(program)
  addGet(program)
  addRewrap(program)
  addConfig(program)
  return program
}

const examples = `
Configuration, the first that is found: --config, LAZYCRED_CONFIG, .lazycred in this folder or one
above it, $HOME/.lazycred, or the variables LAZYCRED_S3_PATH, LAZYCRED_KEY_ALIAS and AWS_DEFAULT_REGION.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such secret, 4 configuration missing or wrong.

Examples:
  $ lazycred put db_credentials db_creds.json
  $ lazycred get db_credentials
`

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
