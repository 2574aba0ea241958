// What the scripts share: paths, running a program, and short lines that say what goes on.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '..');
export const CACHE = join(ROOT, '.cache');
export const DIST = join(ROOT, 'dist');
export const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
export const WINDOWS = process.platform === 'win32';
export const PROGRAM = join(DIST, WINDOWS ? 'dbt-hybrid.exe' : 'dbt-hybrid');

/** A failure that needs no stack: its message says all. */
export class Failure extends Error {}

/**
 * Runs a program and gives {code, out}. `show` passes the output on as it comes; otherwise it is only collected.
 * A program that fails is a Failure with its output, unless `any` is set.
 */
export function run(command, args, { cwd = ROOT, env = {}, show = false, any = false, onLine } = {}) {
  return new Promise((done, fail) => {
    const shell = WINDOWS && ['npm', 'npx', 'code'].includes(command);
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let rest = '';
    const take = (chunk, stream) => {
      out += chunk;
      if (show) {
        stream.write(chunk);
      }
    };
    child.stdout.setEncoding('utf8').on('data', chunk => {
      take(chunk, process.stdout);
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      lines.forEach(line => onLine?.(line));
    });
    child.stderr.setEncoding('utf8').on('data', chunk => take(chunk, process.stderr));
    child.once('error', error => fail(new Failure(`${command} cannot be started: ${error.message}`)));
    child.once('close', code => {
      if (code !== 0 && !any) {
        fail(new Failure(`${command} ${args.join(' ')} ended with ${code}${show ? '' : `\n${out.trimEnd()}`}`));
      } else {
        done({ code, out });
      }
    });
  });
}

/** Runs `go test -json` with more arguments, hands on each event as it comes, and gives {code, out}. A test that fails is no Failure. */
export function goTestEvents(args, onEvent) {
  return run('go', ['test', '-json', ...args], {
    any: true,
    onLine: line => {
      if (line.startsWith('{')) { // other lines come from tools that it starts
        onEvent(JSON.parse(line));
      }
    },
  });
}

/** Path of a program on PATH, or undefined. */
export function onPath(name) {
  const endings = WINDOWS ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, name + ending);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // not in this folder
      }
    }
  }
  return undefined;
}

/** Says what goes on, how long it took, and every half minute that it still does. Gives what `work` gives. */
export async function step(title, work) {
  const start = performance.now();
  const seconds = () => ((performance.now() - start) / 1000).toFixed(1);
  const alive = setInterval(() => console.log(`      ${title}: still at it (${seconds()} s)`), 30_000);
  try {
    const result = await work();
    console.log(`  ok  ${title}${typeof result === 'string' && result !== '' ? `: ${result}` : ''} (${seconds()} s)`);
    return result;
  } catch (error) {
    console.log(`FAIL  ${title} (${seconds()} s)`);
    throw error;
  } finally {
    clearInterval(alive);
  }
}

/** Does the work if any of the files has changed since it was last done. */
export async function once(name, files, work) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(existsSync(file) ? readFileSync(file) : '');
  }
  const stamp = join(CACHE, 'stamps', name);
  const digest = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) {
    return 'there already';
  }
  const result = await work();
  mkdirSync(join(CACHE, 'stamps'), { recursive: true });
  writeFileSync(stamp, digest);
  return result;
}

/** Fails if Go or Node are missing or too old, before anything takes long. */
export async function needTools() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) {
    throw new Failure(`Node 20 or newer is needed; this is ${process.versions.node}.`);
  }
  if (onPath('go') === undefined) {
    throw new Failure('Go is needed (1.26 or newer) and not on PATH: https://go.dev/doc/install');
  }
}

/** Runs a script's main function; a Failure is told without a stack. */
export async function main(work) {
  try {
    process.exitCode = await work() ?? 0;
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
