import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const node = Object.fromEntries(
  ['Buffer', 'URL', 'clearInterval', 'clearTimeout', 'console', 'performance', 'process', 'setInterval', 'setTimeout'].map(name => [name, 'readonly']));

export default tseslint.config(
  { ignores: ['dist/', '.cache/', 'node_modules/', 'docs/', 'examples/'] },
  js.configs.recommended,
  {
    files: ['extension/src/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: { '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }] },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: node },
  },
);
