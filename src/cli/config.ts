import type { Command } from 'commander'
import { findConfig } from '../config.js'
import { stderrLogger } from '../log.js'
import { writeText } from './output.js'

const examples = `
Example:
  $ lazycred config
  {
    "source": "/home/sterling/.lazycred",
    "s3_path": "my-secrets/",
    "key_alias": "lazycred",
    "region": "us-east-1"
  }
`

export function addConfig(program: Command): void {
  program
    .command('config')
    .description('Show the configuration that is in force, and where it comes from.')
    .addHelpText('after', examples)
    .action(async () => {
      const { source, fields, warning } = await findConfig(null, program.opts<{ config?: string }>().config)
      if (warning !== undefined) stderrLogger.warn(warning)
      await writeText(`${shown({ source, ...fields })}\n`)
    })
}

/** JSON in which nothing hides, turns round or steers a terminal: such characters are escaped, which reads back the same. */
function shown(fields: object): string {
  return JSON.stringify(fields, null, 2).replace(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu, (char) =>
    char.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}
