import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { addConfig } from './config.js'
import { addGet } from './get.js'
import { writeText } from './output.js'
import { addPut } from './put.js'
import { report, reportUsage } from './report.js'
import { addRewrap } from './rewrap.js'

/** What package.json says, put in where the command is bundled. */
declare const LAZYCRED_VERSION: string

/**
 * Runs the command and ends the process with its exit status.
 *
 * @param argv as `process.argv`
 */
export async function run(argv: readonly string[]): Promise<never> {
  const help: string[] = []
  const program = makeProgram(argv[2], (text) => help.push(text))
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

/** @param word the first of the command line: where it is a command, the others need not be set up */
function makeProgram(word: string | undefined, writeOut: (text: string) => void): Command {
  const program = new Command('lazycred')
    .description('Keeps secrets on AWS S3, each encrypted under a fresh key that AWS KMS wraps.')
    .version(LAZYCRED_VERSION)
    .option('--config <file>', 'use this configuration file and search for no other', notEmpty)
    .option('--verbose', 'show debug messages on standard error')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut, writeErr: () => undefined })
    .addHelpText('after', examples)
  const asked = COMMANDS.get(word ?? '')
  for (const add of asked === undefined ? COMMANDS.values() : [asked]) add(program)
  return program
}

const COMMANDS = new Map([
  ['put', addPut],
  ['get', addGet],
  ['rewrap', addRewrap],
  ['config', addConfig],
])

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
