import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

const nouns = (/** @type {string[]} */ ...names) => names.map((noun) => `src/${noun}.ts`)
const configuration = nouns(
  'config',
  'config-fields',
  'config-file',
  'fields',
  'environment',
  'given',
  'trust',
  'suggest',
)
const ground = nouns(
  'envelope',
  'record',
  'rewrap',
  'rewrap-many',
  'binding',
  'fernet',
  'base64',
  'names',
  'utf8',
  'ports',
  'context',
  'clock',
  'gate',
  'shared-reads',
  'options',
  'value',
  'version',
  'errors',
  'log',
)

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
    /** The same for import(), which the rule above does not see. @type {['error', ...{ selector: string, message: string }[]]} */
    'no-restricted-syntax': [
      'error',
      ...forbidden.map((regex) => ({
        selector: `ImportExpression[source.value=/${regex.replaceAll('/', '\\/')}/]`,
        message,
      })),
    ],
  },
})

const sdk = '^@(aws-sdk|aws-crypto|smithy)/'
const faces = '/cli/|/lazycred\\.js$|^\\.\\.?/index\\.js$'
const middle = '/(backend|config|config-fields|config-file|fields|environment|given|trust|suggest)\\.js$'
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
  // Plain JavaScript, whose types the compiler checks.
  {
    files: ['bin/**', 'bench/**'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  { files: ['src/cli/**', 'src/log.ts'], rules: { 'no-restricted-properties': 'off', 'no-console': 'off' } },
  wall(['src/cli/**'], [sdk, '/aws/'], 'The command is a face: it knows the library.'),
  wall(['src/aws/**'], [faces, middle, '/local/'], 'A backend knows the ground only.'),
  wall(['src/local/**'], [faces, middle, '/aws/', sdk], 'A backend knows the ground only.'),
  wall(['src/index.ts'], ['/cli/', ends, sdk], 'The library does not know the command, nor any backend.'),
  wall(['src/lazycred.ts'], [faces, ends, sdk], 'The class reaches a store through backend.ts alone.'),
  wall(['src/backend.ts'], [faces, sdk], 'Imports run one way, from face to ground.'),
  wall(configuration, [faces, '/backend\\.js$', ends, sdk], 'Imports run one way, from face to ground.'),
  wall(ground, [faces, middle, ends, sdk], 'Imports run one way, from face to ground.'),
)
