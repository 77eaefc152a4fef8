// One configuration for every folder. The import rules make docs/style.md's direction of dependencies real.
import js from '@eslint/js';
import globals from 'globals';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Forbid imports from other first-level folders, with the reason as the message. */
function mayNotImport(patterns, message) {
  return { 'no-restricted-imports': ['error', { patterns: [{ group: patterns, message }] }] };
}

export default tseslint.config(
  { ignores: ['out/', 'node_modules/', 'worker/kernel/', 'coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts', 'electron.vite.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Numbers and booleans in messages are what messages are for.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Type aliases inferred from zod stand beside interfaces; one style would force rewriting one of them.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // Field names follow the API document (snake_case with units), locals camelCase; review guards it.
      '@typescript-eslint/naming-convention': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: globals.node } },
  { files: ['build/scripts/**', 'bench/**', 'worker/cli/**'], rules: { 'no-console': 'off' } },
  {
    files: ['contracts/**/*.ts'],
    rules: mayNotImport(
      ['**/worker/**', '**/renderer/**', '**/electron/**', 'node:*', 'react', 'express', 'electron'],
      'contracts/ imports nothing but zod: every other folder depends on it.',
    ),
  },
  {
    files: ['worker/**/*.ts'],
    rules: mayNotImport(
      ['electron', '**/renderer/**', '**/electron/**'],
      'worker/ runs without a window: no Electron, no renderer.',
    ),
  },
  {
    files: ['renderer/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      ...mayNotImport(
        ['**/worker/**', '**/electron/**', 'node:*', 'electron'],
        'renderer/ talks to the service only through the API; it shares contracts/.',
      ),
    },
  },
  {
    files: ['**/*.test.{ts,tsx}', 'tests/**/*.ts'],
    rules: {
      // expect(spy.method) and async stubs without await are ordinary in tests.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
