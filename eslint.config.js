import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

const ground = ['envelope', 'record', 'fernet', 'base64', 'names', 'ports', 'errors', 'log', 'suggest']

/**
 * The walls: who may not import whom. Imports run one way, from face to ground.
 *
 * @param {string[]} files
 * @param {string[]} forbidden patterns of what is imported
 * @param {string} message
 */
const wall = (files, forbidden, message) => ({
  files,
  rules: {
    /** @type {['error', { patterns: { regex: string, message: string }[] }]} */
    'no-restricted-imports': ['error', { patterns: forbidden.map((regex) => ({ regex, message })) }],
  },
})

const sdk = '^@(aws-sdk|aws-crypto|smithy)/'
const faces = '/(cli/.*|index|lazycred)\\.js$'
const middle = '/(backend|config|config-file|config-fields|trust)\\.js$'
const ends = '/(aws|local)/'

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'test/vectors/'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ['./test/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',
      // The type checker does this, for the few JavaScript files too.
      'no-undef': 'off',
    },
  },
  {
    files: ['src/**'],
    rules: {
      'max-lines-per-function': ['error', { max: 25, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        ...['exit', 'exitCode', 'stdout', 'stderr', 'stdin'].map((property) => ({
          object: 'process',
          property,
          message: 'Nothing but src/cli and the default logger reads, prints or exits.',
        })),
      ],
    },
  },
  { files: ['src/cli/**', 'src/log.ts'], rules: { 'no-restricted-properties': 'off' } },
  wall(['src/*.ts', 'src/local/**', 'src/cli/**'], [sdk], 'Nothing but src/aws imports the SDK.'),
  wall(['src/aws/**', 'src/local/**'], [faces, middle], 'A backend knows the ground only.'),
  wall(['src/backend.ts', 'src/config*.ts', 'src/trust.ts'], [faces, sdk], 'Imports run one way, from face to ground.'),
  wall(
    ground.map((noun) => `src/${noun}.ts`),
    [faces, middle, ends, sdk],
    'Imports run one way, from face to ground.',
  ),
  wall(
    ['src/lazycred.ts'],
    ['/(cli/.*|index)\\.js$', ends, sdk],
    'The class reaches a store through backend.ts alone.',
  ),
)
