// Installs the dbt engines that the tests ask (tests/oracle), each in a virtual environment of its own below .cache, and
// does nothing for one that is there and answers.
//   node scripts/install-engine.mjs       the open-source build of dbt v2 that PyPI offers as a wheel of dbt-core, 140 MB unpacked
//   node scripts/install-engine.mjs v1    dbt v1 with the DuckDB adapter, 250 MB
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, Failure, WINDOWS, main, onPath, once, run } from './lib.mjs';

const ENGINES = {
  v2: { packages: ['--no-deps', 'dbt-core==2.0.0a4'], answer: 'dbt-core 2.0.0-alpha.4' },
  v1: { packages: ['dbt-core==1.11.16', 'dbt-duckdb==1.11.1', 'duckdb==1.5.5'], answer: 'installed: 1.11.16' },
};

function path(venv, program) {
  return join(venv, WINDOWS ? 'Scripts' : 'bin', WINDOWS ? `${program}.exe` : program);
}

async function answers(dbt, answer) {
  if (!existsSync(dbt)) {
    return false;
  }
  const { code, out } = await run(dbt, ['--version'], { any: true, env: { DO_NOT_TRACK: '1' } });
  return code === 0 && out.includes(answer);
}

async function install(venv, packages) {
  const python = ['python3', 'python'].find(name => onPath(name) !== undefined);
  if (python === undefined) {
    throw new Failure('Python 3 with venv is needed to install dbt, and there is none on PATH.');
  }
  console.log(`Installing ${packages.filter(word => word.includes('==')).join(', ')} into ${venv} ...`);
  rmSync(venv, { recursive: true, force: true });
  await run(python, ['-m', 'venv', venv]);
  await run(path(venv, 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
}

await main(async () => {
  const name = process.argv[2] ?? 'v2';
  const engine = ENGINES[name];
  if (engine === undefined) {
    throw new Failure(`There is no engine ${name}: ${Object.keys(ENGINES).join(', ')}.`);
  }
  const venv = join(CACHE, `dbt-${name}`);
  const dbt = path(venv, 'dbt');
  // dbt v1 needs seconds to answer: what the stamp says is enough while the program is there.
  const work = async () => {
    if (!await answers(dbt, engine.answer)) {
      await install(venv, engine.packages);
    }
    if (!await answers(dbt, engine.answer)) {
      throw new Failure(`${engine.packages.join(' ')} was installed, but ${dbt} does not answer "${engine.answer}" to --version.`);
    }
  };
  await (existsSync(dbt) ? once(`dbt-${name}`, [import.meta.filename], work) : work());
  console.log(`${engine.answer} is installed: ${dbt}`);
});
