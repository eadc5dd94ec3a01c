import type { Command } from 'commander'
// So that these come in the file that is loaded anyway: another takes longer to load than they do.
import '../core.js'
import '../local/index.js'
import { LazyCred } from '../lazycred.js'
import { stderrLogger, verboseLogger } from '../log.js'

/** @returns the secrets of the configuration that the command line asks for */
export function openLazyCred(program: Command): LazyCred {
  const { config, verbose } = program.opts<{ config?: string; verbose?: boolean }>()
  return new LazyCred(null, { configFile: config, logger: verbose === true ? verboseLogger : stderrLogger })
}
