import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { addConfig } from './config.js'
import { addGet } from './get.js'
import { writeText } from './output.js'
import { addPut } from './put.js'
import { report, reportUsage } from './report.js'
import { addRewrap } from './rewrap.js'

/**
 * Runs the command and ends the process with its exit status.
 *
 * @param argv as `process.argv`
 */
export async function run(argv: readonly string[]): Promise<never> {
  // Whoever does not want to know why must not change what is done.
  process.stderr.on('error', () => undefined)
  const help: string[] = []
  const program = makeProgram((text) => help.push(text))
  try {
    await program.parseAsync(argv).catch((error: unknown) => {
      if (!isAskedFor(error)) throw error
      return writeText(help.join(''))
    })
    process.exit()
  } catch (error) {
    if (error instanceof CommanderError) process.exit(reportUsage(error, program.args))
    process.exit(report(error, program.opts()['verbose'] === true))
  }
}

/** Commander throws too where help or the version was asked for. */
function isAskedFor(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0
}

function makeProgram(writeOut: (text: string) => void): Command {
  const program = new Command('lazycred')
    .description('Keeps secrets on AWS S3, each encrypted under a fresh key that AWS KMS wraps.')
    .version(version())
    .option('--config <file>', 'use this configuration file and search for no other', notEmpty)
    .option('--verbose', 'show debug messages on standard error')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut, writeErr: () => undefined })
    .addHelpText('after', examples)
  addPut(program)
  addGet(program)
  addRewrap(program)
  addConfig(program)
  return program
}

const examples = `
Configuration, the first that is found: --config, LAZYCRED_CONFIG, .lazycred in
this folder or one above it, $HOME/.lazycred, the variables LAZYCRED_S3_PATH,
LAZYCRED_KEY_ALIAS and AWS_DEFAULT_REGION, or LAZYCRED_LOCAL.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such secret,
4 configuration missing or wrong, 130 interrupted.

Examples:
  $ lazycred put db_credentials db_creds.json
  $ lazycred get db_credentials
`

function notEmpty(file: string): string {
  if (file === '') throw new InvalidArgumentError('It is empty.')
  return file
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
