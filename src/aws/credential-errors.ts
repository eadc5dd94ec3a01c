import { LazyCredError, printable, withoutMessage } from '../errors.js'

const HINT = 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role gives credentials.'

/** @returns what the chain of credential providers threw, told as ours: not one of them had credentials to give */
export function fromCredentials(error: Error): LazyCredError {
  const profile = process.env['AWS_PROFILE']
  const said = `${ofProfile(profile)}${printable(wordsOf(error).slice(0, 300))}`
  const cause = withoutMessage(error)
  if (/expired|re-?authenticate|sso login/i.test(said)) {
    return new LazyCredError('CREDENTIALS_EXPIRED', said, {
      hint: 'Sign in again, for example with: aws sso login',
      cause,
    })
  }
  const hint = profile === undefined ? HINT : 'Check that profile in ~/.aws; AWS_PROFILE wins over AWS_ACCESS_KEY_ID.'
  return new LazyCredError('CREDENTIALS_MISSING', said, { hint, cause })
}

function ofProfile(profile: string | undefined): string {
  return profile === undefined ? '' : `the profile "${printable(profile)}" (AWS_PROFILE) gives no credentials: `
}

/** The words of a provider, or of the service that it asked; not those of a program or a parser, which quote anything. */
function wordsOf(error: Error): string {
  const isProviders =
    /^(Credentials|Token)ProviderError$/.test(error.name) && !error.message.startsWith('Command failed')
  const isServices = '$fault' in error
  return isProviders || isServices ? error.message : `where they should come from failed (${error.name})`
}
