// Builds dist/dbt-hybrid (the program) and dist/extension.js (the VS Code client).
// With --target <os>-<arch> (as VS Code names them: linux-x64, darwin-arm64, win32-x64 …) for another machine.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DIST, Failure, MANIFEST, ROOT, main, needTools, once, run, step } from './lib.mjs';

const SYSTEMS = { linux: 'linux', alpine: 'linux', darwin: 'darwin', win32: 'windows' };
const PROCESSORS = { x64: 'amd64', arm64: 'arm64', armhf: 'arm' };

/** The npm packages of package-lock.json. */
export function installPackages() {
  return once('npm', [join(ROOT, 'package-lock.json')], async () => {
    await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    return 'from npm';
  });
}

/** The stripped program for this machine, or for `target`. */
export async function buildProgram(target) {
  const [system, processor] = (target ?? '').split('-');
  // Without cgo the program needs no C library and starts a third faster.
  const env = target === undefined ? { CGO_ENABLED: '0' } : { GOOS: SYSTEMS[system], GOARCH: PROCESSORS[processor], CGO_ENABLED: '0' };
  if (Object.values(env).includes(undefined)) {
    throw new Failure(`unknown target ${target}`);
  }
  const windows = target === undefined ? process.platform === 'win32' : system === 'win32';
  for (const stale of ['dbt-hybrid', 'dbt-hybrid.exe']) {
    rmSync(join(DIST, stale), { force: true });
  }
  const output = join(DIST, windows ? 'dbt-hybrid.exe' : 'dbt-hybrid');
  await run('go', ['build', '-trimpath', '-ldflags', `-s -w -X main.version=${MANIFEST.version}`, '-o', output, './server/dbt-hybrid'], { env });
}

/** The client in one file. */
export async function buildExtension() {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['extension/src/extension.ts'],
    outfile: 'dist/extension.js',
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode'],
    logLevel: 'warning',
  });
}

/** All of it, with a line for each part. */
export async function buildAll(target) {
  await needTools();
  await step('npm packages', installPackages);
  await step('the program dist/dbt-hybrid (the first time takes a minute)', () => buildProgram(target));
  await step('the extension dist/extension.js', buildExtension);
}

if (process.argv[1] === import.meta.filename) {
  const at = process.argv.indexOf('--target');
  await main(() => buildAll(at < 0 ? undefined : process.argv[at + 1]));
}

