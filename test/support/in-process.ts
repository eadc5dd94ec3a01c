/** Our stand-ins, and the library in this process talking to them. */
import { onTestFinished, vi } from 'vitest'
import { LazyCred, type LazyCredOptions } from '../../src/index.js'
import { startStandIns, type StandIns } from './stand-ins.js'

export interface InProcess extends StandIns {
  /** Another instance of the same configuration. */
  readonly open: (options?: LazyCredOptions) => LazyCred
  /** How many requests of that operation arrived since it was last asked. */
  readonly count: (operation: string) => number
}

export async function startInProcess(): Promise<InProcess> {
  const servers = await startStandIns()
  for (const [name, value] of Object.entries(servers.sandbox.env)) {
    if (/^(AWS|LAZYCRED)_/.test(name)) vi.stubEnv(name, value)
  }
  onTestFinished(() => void vi.unstubAllEnvs())
  const config = { s3_path: 'vault/team/', key_alias: 'lazy', region: 'us-east-1' }
  const counted = new Map<string, number>()
  return {
    ...servers,
    open: (options) => new LazyCred(config, options),
    count: (operation) => {
      const all = [...servers.s3.requests, ...servers.kms.requests].filter(
        (each) => each.operation === operation,
      ).length
      const before = counted.get(operation) ?? 0
      counted.set(operation, all)
      return all - before
    },
  }
}
