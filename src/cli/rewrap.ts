import type { Command } from 'commander'
import { printable } from '../errors.js'
import type { RewrapSummary } from '../rewrap-many.js'
import { secretName } from './name.js'
import { openLazyCred } from './open.js'
import { showProgress } from './progress.js'
import { report } from './report.js'
import { stderr } from './stderr.js'

const examples = `
Examples:
  $ lazycred rewrap db_credentials         after "key_alias" or "bind_names" was changed
  $ lazycred rewrap --all --dry-run        what would be moved
  $ lazycred rewrap --all
  $ lazycred rewrap --new-master-key       on the local backend
`

interface RewrapFlags {
  readonly all?: true
  readonly dryRun?: true
  readonly newMasterKey?: true
}

export function addRewrap(program: Command): void {
  program
    .command('rewrap')
    .description('Move data keys to the configured KMS key and encryption context. No secret is decrypted for it.')
    .argument('[name...]', 'the secret names', addName)
    .option('--all', 'every secret below the configured prefix')
    .option('--dry-run', 'say what would be moved, and move nothing')
    .option('--new-master-key', 'make a new master key for the local backend, and move every secret to it')
    .addHelpText('after', examples)
    .action(async (names: string[], flags: RewrapFlags, command: Command) => {
      const all = flags.all === true || flags.newMasterKey === true
      if (all === names.length > 0) command.error('error: either names or --all')
      if (flags.dryRun === true && flags.newMasterKey === true) command.error('error: --new-master-key has no dry run')
      const progress = showProgress(all)
      const moved: string[] = []
      const summary = await openLazyCred(program)
        .rewrap(all ? 'all' : names, { ...flags, onProgress: progress.update, onMoved: (name) => moved.push(name) })
        .finally(progress.stop)
      if (flags.dryRun === true) tellNames(moved)
      for (const error of summary.failed) report(error, program.opts()['verbose'] === true)
      await tell(summary, flags.dryRun === true)
    })
}

function addName(given: string, others: readonly string[] = []): string[] {
  return [...others, secretName(given)]
}

function tellNames(names: readonly string[]): void {
  for (const name of names) stderr().write(`would move <Key: ${printable(name)}>\n`)
}

async function tell({ moved, alreadyRight, failed }: RewrapSummary, dryRun: boolean): Promise<void> {
  if (failed.length > 0) process.exitCode = 1
  const summary = `${dryRun ? 'would move' : 'moved'} ${moved}, already right ${alreadyRight}, failed ${failed.length}\n`
  // What a slow reader has not taken yet would be lost when the process ends.
  await new Promise<void>((resolve) => {
    stderr().write(summary, () => {
      resolve()
    })
  })
}
