// Everything that must hold, in one command. Installs what it needs from the registries of Go, npm and Python into .cache,
// and closes with "N passed, N failed": Go tests, editor tests, and one for each other step.
// `npm test -- go` runs only the steps whose name holds "go".
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildExtension, buildProgram, installPackages } from './build.mjs';
import { SUPPORTED, buildLogModule, installEditors } from './editors.mjs';
import { fuzz } from './fuzz.mjs';
import { CACHE, Failure, ROOT, goTestEvents, main, needTools, once, onPath, run, step } from './lib.mjs';
import { pack, unpackProgram } from './package.mjs';

const LINTER = 'github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0';
const FUZZ_TIME = process.env.CI ? '20s' : '3000x'; // inputs a target: a second or so, however busy the machine is
const ENGINE = join(ROOT, 'scripts/install-engine.mjs');

/** The systems that the program and its tests are compiled for, as Go names them. */
const SYSTEMS = ['linux', 'darwin', 'windows'];

/** What no registry gives: program, Debian package. */
const SYSTEM = [['chromium', 'chromium'], ['g++', 'g++'], ['make', 'make'], ['git', 'git'], ['python3', 'python3-venv']];

const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;

/** A step that counts as one test, or as many as it says by giving {passed, failed}. A failed one does not end the run. */
async function counted(title, work) {
  if (wanted.length > 0 && !wanted.some(word => title.includes(word))) {
    return;
  }
  try {
    const result = await step(title, work);
    passed += result?.passed ?? 1;
    failed += result?.failed ?? 0;
  } catch (error) {
    console.log(indent(error instanceof Failure ? error.message : error.stack));
    failed += error.failed ?? 1;
    passed += error.passed ?? 0;
  }
}

function indent(text) {
  return text.replace(/^/gm, '      ');
}

/** Fails with the line that installs what is missing. */
function needSystem() {
  const missing = SYSTEM.filter(([program]) => onPath(program) === undefined).map(([, debian]) => debian);
  if (missing.length > 0) {
    throw new Failure(`Missing on this system. Install it with:\n  apt-get install -y --no-install-recommends ${missing.join(' ')}`);
  }
}

/** Packages, linter, editor and engine, all at the same time; nothing works without them. */
async function install() {
  mkdirSync(CACHE, { recursive: true });
  const linter = once('linter', [join(ROOT, 'scripts/test.mjs')], () =>
    run('go', ['install', LINTER], { env: { GOBIN: join(CACHE, 'bin'), GOFLAGS: '' } }).then(() => 'from the Go module proxy'));
  await Promise.all([
    step('install: npm packages', installPackages),
    step('install: golangci-lint (built from source, minutes)', () => linter),
    step('install: dbt v2', async () => {
      await run(process.execPath, [ENGINE]);
    }),
    step('install: dbt v1', async () => {
      await run(process.execPath, [ENGINE, 'v1']);
    }),
    step('install: VS Code, as npm packages', async () => {
      await installEditors();
      return buildLogModule();
    }),
  ]);
}

/** Files that gofmt would change. */
async function gofmt() {
  const { out: files } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.go']);
  const { out } = await run('gofmt', ['-l', ...files.split('\n').filter(name => name !== '' && existsSync(join(ROOT, name)))]);
  if (out.trim() !== '') {
    throw new Failure(`not formatted:\n${out}`);
  }
}

/** What `go generate` writes is what is committed. */
async function generated() {
  const look = async () => (await run('git', ['status', '--porcelain'])).out + (await run('git', ['diff'])).out;
  const before = await look();
  await run('go', ['generate', './...']);
  if (await look() !== before) {
    throw new Failure(`go generate changes files; commit what it writes:\n${(await run('git', ['status', '--short'])).out}`);
  }
}

/** Go tests; the arguments are those of `go test`. */
async function goTest(...args) {
  const counts = { passed: 0, failed: 0 };
  const output = new Map();
  const failures = [];
  const { code } = await goTestEvents(['-timeout', '15m', ...args], event => {
    const key = `${event.Package ?? event.ImportPath}/${event.Test ?? ''}`;
    if (event.Action.endsWith('output')) {
      output.set(key, (output.get(key) ?? '') + event.Output);
    } else if (event.Action === 'pass' && event.Test !== undefined) {
      counts.passed++;
      output.delete(key);
    } else if (event.Action.endsWith('fail')) {
      counts.failed += event.Test === undefined ? 0 : 1;
      failures.push(key, output.get(key) ?? output.get(`${event.FailedBuild}/`) ?? '');
    }
  });
  if (code !== 0 || counts.failed > 0) {
    throw Object.assign(new Failure(failures.join('\n')), { passed: counts.passed, failed: Math.max(counts.failed, 1) });
  }
  return counts;
}

/** Tests that need no VS Code. */
const TERMINAL = ['neovim.test.mjs', 'emacs.test.mjs'];

/** The packed extension in a real VS Code, or the program in editors of the terminal. */
async function editors(terminal) {
  const files = readdirSync(join(ROOT, 'tests/editors'))
    .filter(name => name.endsWith('.test.mjs') && TERMINAL.includes(name) === terminal).map(name => `tests/editors/${name}`);
  const { code, out } = await run(process.execPath, ['--test', '--test-reporter=spec', ...files], { any: true, show: true });
  const count = word => Number(new RegExp(`^\\S+ ${word} (\\d+)`, 'm').exec(out)?.[1] ?? 0);
  const counts = { passed: count('pass'), failed: count('fail') };
  if (code !== 0 || counts.passed === 0) {
    throw Object.assign(new Failure('see above'), { passed: counts.passed, failed: Math.max(counts.failed, 1) });
  }
  return counts;
}

await main(async () => {
  await needTools();
  needSystem();
  console.log('Installing into .cache and node_modules; the first time takes minutes.');
  await install();
  console.log('Testing.');
  await counted('build: program', () => buildProgram());
  await counted('build: extension', buildExtension);
  await counted('gofmt', gofmt);
  for (const system of SYSTEMS) {
    await counted(`go vet, ${system}`, () => run('go', ['vet', './...'], { env: { GOOS: system } }));
  }
  await counted('golangci-lint', () => run(join(CACHE, 'bin/golangci-lint'), ['run', './...'], { env: { GOLANGCI_LINT_CACHE: join(CACHE, 'golangci') } }));
  await counted('tsc', () => run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.']));
  await counted('eslint', () => run(process.execPath, ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.']));
  await counted('go generate leaves no change', generated);
  await counted('go test -race', () => goTest('-race', './...'));
  await counted(`go fuzz, ${FUZZ_TIME} a target`, () => fuzz(FUZZ_TIME));
  await counted('speed, against the floors', () => run('go', ['run', './tests/bench', '-floors']));
  await counted('package', () => pack());
  await counted('the program in the package', () => goTest('./server/lsp', './server/dbt-hybrid', '-program', unpackProgram()));
  if (SUPPORTED) {
    await counted('VS Code, end to end', () => editors(false));
    await counted('Neovim and Emacs, end to end', () => editors(true));
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
});
