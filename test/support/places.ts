/** The places where secrets are kept, each in the same form: one suite holds for all of them. */
import { paginateListObjectsV2 } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, vi } from 'vitest'
import { LazyCred, type Config } from '../../src/index.js'
import { treeOf } from './local.js'
import { makeSandbox, type Sandbox } from './sandbox.js'
import { startAws, type AwsWorld } from './world.js'

export interface SecretsSandbox extends Sandbox {
  /** The secrets of the sandbox's `.lazycred`, in this process. */
  readonly library: LazyCred
  /** What comes before the names in object paths. */
  readonly prefix: string
  /** Everything that is stored, by whatever name the place has for it. */
  readonly stored: () => Promise<string[]>
}

export interface Place {
  readonly isAws: boolean
  /** @returns a sandbox for this test; on AWS all of a suite share one bucket, so names must differ from test to test */
  readonly open: (prefix?: string) => Promise<SecretsSandbox>
}

const LOCAL: Place = {
  isAws: false,
  async open() {
    const sandbox = await makeSandbox()
    const library = new LazyCred({ local: `${sandbox.cwd}/store` })
    await sandbox.write('.lazycred', '{"local": "store"}')
    const stored = async (): Promise<string[]> => Object.keys(await treeOf(`${sandbox.cwd}/store`))
    return { ...sandbox, library, prefix: '', stored }
  },
}

/** States the checks of `suite` for every place. */
export function describeEverywhere(what: string, suite: (place: Place) => void): void {
  describe(`${what} in a local folder`, () => {
    suite(LOCAL)
  })
  describe(`${what} on AWS`, () => {
    let aws: AwsWorld
    beforeAll(async () => {
      aws = await startAws()
      // For the library in this process; spawned ones get them from their sandbox.
      for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value)
    })
    afterAll(() => aws.close())
    suite({ isAws: true, open: (prefix) => openOnAws(aws, prefix ?? aws.prefix) })
  })
}

async function openOnAws(aws: AwsWorld, prefix: string): Promise<SecretsSandbox> {
  const config: Config = { ...aws.config, s3_path: `${aws.bucket}/${prefix}` }
  const sandbox = await makeSandbox(aws.env)
  await sandbox.write('.lazycred', JSON.stringify(config))
  return { ...sandbox, library: new LazyCred(config), prefix, stored: () => objectPathsIn(aws) }
}

async function objectPathsIn({ s3, bucket }: AwsWorld): Promise<string[]> {
  const paths: string[] = []
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
    paths.push(...Contents.map(({ Key = '' }) => Key))
  }
  return paths
}
