import { defineConfig } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const here = import.meta.dirname;
const pure = ['bytes', 'errors', 'pdu', 'login', 'session', 'scsi', 'disk', 'trace', 'target'];

/** What Node 16.17 and Chrome 108 do not have; esbuild and Vite lower syntax only. */
const tooNew = [
  ['toSorted', 'toReversed', 'toSpliced', 'groupBy', 'withResolvers', 'fromAsync', 'intersection', 'isSubsetOf'],
  ['structuredClone'],
];

export default defineConfig([
  { ignores: ['node_modules/', 'dist/', 'release/', 'test-results/', 'coverage/', 'test/fixtures/'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    // One program for the product, since each of tsc's projects would resolve the same types anew; tsc holds the borders.
    languageOptions: { parserOptions: { project: `${here}/tsconfig.lint.json`, tsconfigRootDir: here } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Name what you export; there are no default exports.' },
        { selector: 'TSEnumDeclaration', message: 'Use an `as const` object; enums do not erase.' },
      ],
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
    },
  },
  {
    files: [`core/{${pure.join(',')}}/**/*.ts`, 'core/node/**/*.ts', 'electron/**/*.ts', 'renderer/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...tooNew[0].map((property) => ({ property, message: 'Node 16.17 and Chrome 108 do not have it.' })),
        { object: 'AbortSignal', property: 'any', message: 'Node 16.17 and Chrome 108 do not have it.' },
        { object: 'AbortSignal', property: 'timeout', message: 'Chrome 108 and Node 16.17 differ on it.' },
      ],
      'no-restricted-globals': [
        'error',
        ...tooNew[1].map((name) => ({ name, message: 'Node 16.17 does not have it.' })),
      ],
    },
  },
  {
    // A global is declared with var, or it is no property of the global object.
    files: ['**/*.d.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { project: null } },
    rules: { 'no-var': 'off' },
  },
  {
    files: ['core/cli/**/*.ts', 'core/examples/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['renderer/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat.recommended],
  },
  {
    files: ['test/**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { project: `${here}/test/tsconfig.lint.json` } },
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|skip|todo)$/]',
          message: 'Every test runs, always.',
        },
      ],
    },
  },
  {
    files: ['*.config.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { project: null } },
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['scripts/**/*.mjs', '*.mjs'],
    extends: [tseslint.configs.base],
    rules: { 'no-undef': 'off' },
  },
]);
