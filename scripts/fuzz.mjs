// `npm run fuzz -- 10m yamlfile FuzzRun`: the fuzz targets whose package or name holds one of the words (all of
// them without a word), ten minutes each.
import { readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Failure, ROOT, goTestEvents, main, needTools, run, step } from './lib.mjs';

/** All that Go before 1.27 may say of a target when the time is up, though nothing was found: go.dev/issue/75804. */
const TIME_IS_UP = /^--- FAIL: Fuzz\w+ \(\S+\)\n\s*context deadline exceeded\nFAIL\n/m;

/** What Go says of an input that takes ten seconds, and of any input while the machine itself stands still. */
const HUNG = 'fuzzing process hung or terminated unexpectedly';

/** Runs every target, also after one that failed, and counts them. The failure shows each input that was found. */
export async function fuzz(time, words = []) {
  const failures = [];
  const targets = (await list()).filter(({ title }) => words.length === 0 || words.some(word => title.includes(word)));
  if (targets.length === 0) {
    throw new Failure('no fuzz target has such a name');
  }
  for (const { title, folder, name } of targets) {
    await step(`fuzz ${title}`, () => one(folder, name, time)).catch(error => {
      failures.push(`${title}\n${error.message}`);
    });
  }
  const counts = { passed: targets.length - failures.length, failed: failures.length };
  if (failures.length > 0) {
    throw Object.assign(new Failure(failures.join('\n\n')), counts);
  }
  return counts;
}

/** All targets of the module. */
async function list() {
  const module = (await run('go', ['list', '-m'])).out.trim();
  const targets = [];
  const { code, out } = await goTestEvents(['-run', '^$', '-list', '^Fuzz', './...'], ({ Package, Output }) => {
    const name = /^(Fuzz\w+)\n$/.exec(Output ?? '')?.[1];
    if (name !== undefined) {
      const folder = Package.slice(module.length + 1);
      targets.push({ title: `${folder} ${name}`, folder, name });
    }
  });
  if (code !== 0) {
    throw new Failure(out.trimEnd());
  }
  return targets;
}

/** Fuzzes one target; says how many inputs it had. */
async function one(folder, name, time) {
  const { code, out } = await run('go', ['test', '-run', '^$', '-fuzz', `^${name}$`, '-fuzztime', time, `./${folder}`], { any: true });
  const input = /testdata\/fuzz\/\S+/.exec(out.replaceAll('\\', '/'))?.[0];
  if (code !== 0 && !TIME_IS_UP.test(out) && !(out.includes(HUNG) && await passes(folder, name, input))) {
    throw new Failure(out.trimEnd() + (input === undefined ? '' : `\n${readFileSync(join(ROOT, folder, input), 'utf8')}`));
  }
  return `${/.*execs: (\d+)/s.exec(out)?.[1] ?? 0} inputs`;
}

/** Tries an input once more; it is forgotten if it passes. */
async function passes(folder, name, input) {
  if (input === undefined) {
    return false;
  }
  const { code } = await run('go', ['test', '-timeout', '1m', '-run', `^${name}$/^${basename(input)}$`, `./${folder}`], { any: true });
  if (code === 0) {
    rmSync(join(ROOT, folder, input));
  }
  return code === 0;
}

if (process.argv[1] === import.meta.filename) {
  await main(async () => {
    await needTools();
    const [time = '1m', ...words] = process.argv.slice(2);
    await fuzz(time, words);
  });
}
