// A folder that nobody has trusted: read, but nothing of it run and nothing fetched.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after } from 'node:test';
import { SHOP } from './shop.mjs';
import { inOwnVSCode } from './shows.mjs';

const HOOKS = ['post-checkout', 'post-index-change', 'pre-commit', 'fsmonitor'];

/** Programs of a folder that does harm, by their path in it; each leaves a file in `marks`. */
function planted(marks) {
  const names = [
    'dbt', 'git', 'python', 'python3', 'dbt-hybrid', 'bin/dbt', 'bin/git', 'venv/bin/dbt', 'venv/bin/python', 'node_modules/.bin/dbt',
    '.venv/bin/dbt', '.venv/bin/dbtf', '.venv/bin/git', '.venv/bin/python', '.venv/bin/python3', 'target/dbt', ...HOOKS.map(name => `.git/hooks/${name}`),
  ];
  return Object.fromEntries(names.map(name => [name, `#!/bin/sh\ntouch '${join(marks, name.replaceAll('/', '+'))}'\necho 'dbt 2.0.8'\n`]));
}

/** What else leads to them: git's settings, a virtual environment, settings of the workspace. */
function leading(folder) {
  const settings = {
    'dbt.dbtPath': join(folder, 'dbt'), 'dbt.fusionPath': join(folder, 'bin/dbt'), 'dbtHybrid.path': join(folder, 'dbt-hybrid'),
    'dbtHybrid.profilesDir': folder, 'python.defaultInterpreterPath': join(folder, '.venv/bin/python'), 'git.path': join(folder, 'git'),
    'terminal.integrated.env.linux': { PATH: join(folder, 'bin') },
  };
  return {
    '.git/HEAD': 'ref: refs/heads/main\n',
    '.git/config': `[core]\n\trepositoryformatversion = 0\n\tfsmonitor = ${join(folder, '.git/hooks/fsmonitor')}\n\thooksPath = ${join(folder, '.git/hooks')}\n`,
    '.git/objects/.keep': '',
    '.git/refs/heads/.keep': '',
    '.venv/pyvenv.cfg': 'home = /usr/bin\nversion = 3.11.2\n',
    '.vscode/settings.json': JSON.stringify(settings),
  };
}

/** Where a program of the folder leaves a file when it is run. */
const marks = mkdtempSync(join(tmpdir(), 'marks-'));
after(() => rmSync(marks, { recursive: true, force: true }));

inOwnVSCode('nothing is run or fetched until the folder is trusted', {
  files: workspace => ({ ...SHOP, ...leading(workspace) }),
  programs: planted(marks),
  trust: true,
  // As a shell whose virtual environment is active, and one that looks into the current folder.
  env: (workspace, bin) => ({
    VIRTUAL_ENV: join(workspace, '.venv'),
    PATH: [join(workspace, '.venv/bin'), '.', '', 'bin', bin, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
  }),
}, async vscode => {
  await vscode.openFromExplorer('.env');
  await vscode.editor('.env').locator('.squiggly-error').first().waitFor();
  await vscode.statusBar().click();
  await vscode.appears(vscode.page.locator('.editor-instance .monaco-editor[data-uri^="dbt-hybrid-status:"] .view-line'), /shop/);
  await vscode.command('View: Show dbt Hybrid');
  await vscode.statusLines(', credentials, ').waitFor();
  await vscode.appears(vscode.statusWelcome(), /You have not trusted this folder/);
  await vscode.screenshot('status view untrusted');
  assert.equal(vscode.dbtWasRun(), false, 'dbt was run in a folder that is not trusted');
  assert.deepEqual(readdirSync(marks), [], 'a program of a folder that is not trusted was run');
  assert.equal(vscode.asked(), 0, 'the list of releases was fetched from a folder that is not trusted');

  await vscode.command('Workspaces: Manage Workspace Trust');
  await vscode.page.locator('.workspace-trust-editor').getByText('Trust', { exact: true }).first().click();
  await vscode.appears(vscode.statusBar(), /dbt/);
  await vscode.until(vscode.dbtWasRun, 'with trust, dbt is asked for its version');
  await vscode.until(() => vscode.asked() > 0, 'with trust, the list of releases is fetched');
  await vscode.statusLines(', engine, ').waitFor();
  assert.deepEqual(readdirSync(marks), [], 'a program of the folder was run, which is done for nobody');
});
