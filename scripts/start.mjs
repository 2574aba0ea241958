// Builds everything, shows the findings of examples/broken/shop in the terminal, and opens it in VS Code with the extension:
// the `code` on PATH, or else (Linux on x64) the real VS Code in a browser, from npm. With --check it ends after the terminal part.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAll } from './build.mjs';
import { NODE, SERVER, SUPPORTED, buildLogModule, installEditors } from './editors.mjs';
import { Failure, PROGRAM, ROOT, WINDOWS, main, onPath, run, step } from './lib.mjs';
import { pack } from './package.mjs';

const SHOP = 'examples/broken/shop';
const EXAMPLE = join(ROOT, SHOP);
const FIRST = join(EXAMPLE, '.env');

/** A quiet window that shows the example and nothing else. */
const SETTINGS = {
  'workbench.startupEditor': 'none', 'telemetry.telemetryLevel': 'off', 'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true, 'extensions.autoCheckUpdates': false, 'workbench.tips.enabled': false,
  'git.openRepositoryInParentFolders': 'never', 'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

/** The findings, as a person in a terminal reads them. */
async function showFindings() {
  const args = ['check', SHOP];
  console.log(`\n$ dbt-hybrid ${args.join(' ')}\n`);
  const code = await new Promise((done, fail) => {
    spawn(PROGRAM, args, { cwd: ROOT, stdio: 'inherit' }).once('error', fail).once('close', done);
  });
  if (code !== 0 && code !== 1) {
    throw new Failure(`dbt-hybrid check ended with ${code}`);
  }
  console.log('\nEvery other finding has a small project of its own: dist/dbt-hybrid check examples/broken\n');
}

/** Files that VS Code writes go to a folder that is deleted at the end. */
function temporaryProfile() {
  const folder = mkdtempSync(join(tmpdir(), 'dbt-hybrid-'));
  mkdirSync(join(folder, 'data/User'), { recursive: true });
  mkdirSync(join(folder, 'extensions'));
  writeFileSync(join(folder, 'data/User/settings.json'), JSON.stringify(SETTINGS, undefined, 2));
  return { folder, data: join(folder, 'data'), extensions: join(folder, 'extensions') };
}

async function openDesktop(profile) {
  console.log(`Opening ${SHOP} in VS Code, with a profile of its own. Close its window to end.`);
  await run('code', ['--new-window', '--wait', '--disable-workspace-trust', '--user-data-dir', profile.data,
    '--extensions-dir', profile.extensions, `--extensionDevelopmentPath=${ROOT}`, EXAMPLE, FIRST], { show: true });
}

async function openBrowser(profile) {
  await step('VS Code from npm (the first time 250 MB, a minute)', async () => {
    await installEditors();
    return buildLogModule();
  });
  const common = ['--accept-server-license-terms', '--server-data-dir', profile.data, '--extensions-dir', profile.extensions];
  const env = { ...process.env, EXTENSIONS_GALLERY: '{}' };
  await step('the extension in it', async () => {
    const { out } = await run(NODE, [SERVER, ...common, '--install-extension', await pack()], { env });
    if (!out.includes('successfully installed')) {
      throw new Failure(out);
    }
  });
  const token = randomBytes(16).toString('hex');
  const server = spawn(NODE, [SERVER, ...common, '--host', '127.0.0.1', '--port', '0', '--connection-token', token,
    '--telemetry-level', 'off', '--disable-workspace-trust', '--user-data-dir', profile.data], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  // It looks for parts that Microsoft's builds have and this one does not.
  server.stderr.setEncoding('utf8').on('data', text => process.stderr.write(text.replace(/^File not found: .*\n?/gm, '')));
  server.stdout.setEncoding('utf8').on('data', text => {
    const port = /Extension host agent listening on (\d+)/.exec(text)?.[1];
    if (port !== undefined) {
      const open = encodeURIComponent(JSON.stringify([['openFile', `vscode-remote://127.0.0.1:${port}${FIRST}`]]));
      const address = `http://127.0.0.1:${port}/?folder=${encodeURI(EXAMPLE)}&payload=${open}&tkn=${token}`;
      console.log(`\nVS Code with ${SHOP}:\n\n  ${address}\n\nCtrl-C ends it.`);
    }
  });
  await new Promise(done => {
    const stop = () => server.kill('SIGTERM');
    process.once('SIGINT', stop).once('SIGTERM', stop);
    server.once('close', done);
  });
}

await main(async () => {
  await buildAll();
  await showFindings();
  if (process.argv.includes('--check')) {
    return;
  }
  const desktop = onPath('code') !== undefined;
  if (!desktop && !SUPPORTED) {
    throw new Failure(`No VS Code found. Put its command \`code\` on PATH (in VS Code: "Shell Command: Install 'code' command in PATH")${WINDOWS ? ' and open a new terminal' : ''}, then run npm start again.`);
  }
  const profile = temporaryProfile();
  try {
    await (desktop ? openDesktop(profile) : openBrowser(profile));
  } finally {
    rmSync(profile.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
});
