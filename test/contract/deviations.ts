import { MOTO_KMS } from './deviations-moto-kms.js'
import { MOTO_S3 } from './deviations-moto-s3.js'

type Reasons = Readonly<Record<string, string>>

/** For a server, for a service: titles of the checks that it is known to fail, each with the reason. */
export const DEVIATIONS: Readonly<Record<string, { s3: Reasons; kms: Reasons }>> = {
  moto: { s3: MOTO_S3, kms: MOTO_KMS },
}
