// Installs the dbt engine that the tests ask (tests/oracle): the open-source build of dbt v2 that PyPI offers as a
// wheel of dbt-core, about 140 MB unpacked, in a virtual environment of its own below .cache. Does nothing if it is there.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, Failure, WINDOWS, main, onPath, run } from './lib.mjs';

const PACKAGE = 'dbt-core==2.0.0a4';
const ANSWER = 'dbt-core 2.0.0-alpha.4';

const venv = join(CACHE, 'dbt-v2');
const bin = join(venv, WINDOWS ? 'Scripts' : 'bin');
const dbt = join(bin, WINDOWS ? 'dbt.exe' : 'dbt');

async function answers() {
  if (!existsSync(dbt)) {
    return false;
  }
  const { code, out } = await run(dbt, ['--version'], { any: true, env: { DO_NOT_TRACK: '1' } });
  return code === 0 && out.includes(ANSWER);
}

await main(async () => {
  if (await answers()) {
    console.log(`${ANSWER} is installed: ${dbt}`);
    return;
  }
  const python = ['python3', 'python'].find(name => onPath(name) !== undefined);
  if (python === undefined) {
    throw new Failure(`Python 3 with venv is needed to install ${PACKAGE}, and there is none on PATH.`);
  }
  console.log(`Installing ${PACKAGE} into ${venv} ...`);
  rmSync(venv, { recursive: true, force: true });
  await run(python, ['-m', 'venv', venv]);
  await run(join(bin, 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', PACKAGE]);
  if (!await answers()) {
    throw new Failure(`${PACKAGE} was installed, but ${dbt} does not answer "${ANSWER}" to --version.`);
  }
  console.log(`${ANSWER} is installed: ${dbt}`);
});
