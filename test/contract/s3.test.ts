import { afterAll, describe } from 'vitest'
import { checksOn, s3Target, type Target } from './endpoints.js'
import { bucketChecks } from './s3-buckets.js'
import { s3Of } from './s3-client.js'
import { conditionChecks } from './s3-conditions.js'
import { integrityChecks } from './s3-integrity.js'
import { listingChecks } from './s3-listing.js'
import { objectChecks } from './s3-objects.js'
import { pathChecks } from './s3-paths.js'
import { protocolChecks } from './s3-protocol.js'
import { regionChecks } from './s3-regions.js'
import { signatureChecks } from './s3-signature.js'
import { versionChecks } from './s3-versions.js'

/** What any S3 must do, as far as the project leans on it. */
function s3Contract(target: Target): void {
  const s3 = s3Of(target)
  afterAll(() => {
    s3.client.destroy()
  })
  checksOn(target, (check) => {
    for (const checks of [objectChecks, pathChecks, versionChecks, conditionChecks, integrityChecks]) checks(s3, check)
    for (const checks of [listingChecks, bucketChecks, regionChecks, signatureChecks, protocolChecks]) checks(s3, check)
  })
}

const target = await s3Target()
afterAll(() => target.close())

describe(`S3 (${target.name})`, () => {
  s3Contract(target)
})
