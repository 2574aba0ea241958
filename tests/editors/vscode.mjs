// Starts the real VS Code (its web server, from npm) with the packed extension, and a headless Chromium on it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { EDITORS, NODE, SERVER } from '../../scripts/editors.mjs';
import { CACHE, DIST } from '../../scripts/lib.mjs';
import { hostTarget } from '../../scripts/package.mjs';

const { chromium } = createRequire(join(EDITORS, 'package.json'))('playwright-core');
const VSIX = join(DIST, `dbt-hybrid-${hostTarget()}.vsix`);

/** Where screenshots go. */
export const SCREENSHOTS = join(CACHE, 'screenshots');

/** Names that webviews give to local files; VS Code's service worker answers for them. */
const WEBVIEW = '.vscode-resource.vscode-cdn.net';

const SETTINGS = {
  'workbench.startupEditor': 'none', 'telemetry.telemetryLevel': 'off', 'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false, 'extensions.ignoreRecommendations': true, 'workbench.enableExperiments': false,
  'workbench.tips.enabled': false, 'git.enabled': false, 'files.autoSave': 'off', 'editor.minimap.enabled': false,
  'window.commandCenter': false, 'chat.disableAIFeatures': true, 'workbench.secondarySideBar.defaultVisibility': 'hidden', 'terminal.integrated.gpuAcceleration': 'off',
  'files.simpleDialog.enable': true, 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never',
};

/**
 * A VS Code with the packed extension on a workspace of `files` (name → text). `trust: true` lets Workspace Trust ask;
 * otherwise every folder is trusted. `bin` holds programs (name → shell script) that come first on PATH, `home` files of
 * the home folder, `programs` those of the workspace that may be executed, `env` more variables of the extension host.
 * `files` and `env` can be functions that are given the workspace's folder, and that of `bin`. `packages` are paths of more
 * extensions to install, `name` is the workspace's.
 */
export async function startVSCode({ files, name: workspace = 'workspace', settings = {}, trust = false, bin = {}, home = {}, programs = {}, env = {}, packages = [] }) {
  const root = mkdtempSync(join(tmpdir(), 'dbt-hybrid-'));
  const folder = name => join(root, name);
  for (const name of [workspace, 'data/User', 'extensions', 'home', 'bin']) {
    mkdirSync(folder(name), { recursive: true });
  }
  const given = of => typeof of === 'function' ? of(folder(workspace), folder('bin')) : of;
  writeAll(folder(workspace), given(files));
  writeAll(folder(workspace), programs, 0o755);
  writeAll(folder('home'), home, 0o755);
  writeAll(folder('bin'), bin, 0o755);
  const configure = changed => {
    writeAll(folder('data/User'), { 'settings.json': JSON.stringify({ ...SETTINGS, ...changed }) });
    writeAll(folder('data/Machine'), { 'settings.json': JSON.stringify(changed) });
  };
  configure(settings);

  const common = [SERVER, '--accept-server-license-terms', '--server-data-dir', folder('data'), '--extensions-dir', folder('extensions')];
  const environment = {
    PATH: [folder('bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    HOME: folder('home'), LANG: 'C.UTF-8', EXTENSIONS_GALLERY: '{}', ...given(env),
  };
  for (const vsix of [VSIX, ...packages]) {
    const installed = spawnSync(NODE, [...common, '--install-extension', vsix], { env: environment, encoding: 'utf8' });
    if (installed.status !== 0 || !installed.stdout.includes('successfully installed')) {
      throw new Error(`the package ${vsix} does not install: ${installed.stdout}${installed.stderr}`);
    }
  }
  const server = spawn(NODE, [...common, '--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--telemetry-level', 'off', '--force-disable-user-env',
    ...(trust ? [] : ['--disable-workspace-trust']), '--user-data-dir', folder('data')], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise(done => server.once('exit', done));
  const port = await listening(server);

  const context = await chromium.launchPersistentContext(folder('chromium'), {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, viewport: { width: 1280, height: 800 }, locale: 'en-US',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const page = context.pages()[0] ?? await context.newPage();
  page.setDefaultTimeout(60_000);
  const outside = new Set();
  page.on('request', request => {
    const { hostname } = new URL(request.url());
    if (hostname !== '' && hostname !== '127.0.0.1' && !hostname.endsWith(WEBVIEW)) {
      outside.add(hostname);
    }
  });
  await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder(workspace))}`);
  await page.locator('.monaco-workbench').waitFor();

  return {
    ...actions(page),
    page,
    outside,
    path: name => join(folder(workspace), name),
    read: name => readFileSync(join(folder(workspace), name), 'utf8'),
    write: (name, text) => writeFileSync(join(folder(workspace), name), text),
    /** Every file that VS Code and the extension have logged to: name → text. */
    logs: () => texts(folder('data/logs')),
    /**
     * Replaces the settings, those of the user and, for what has the scope `machine`, of this machine, and waits for what
     * follows from them. VS Code's watcher can miss a change; then they are written again.
     */
    configure: (changed, wanted, state) => again(page, wanted, () => configure(changed), state),
    /** What the extension's output channel holds. */
    output: () => Object.entries(texts(folder('data/logs'))).filter(([name]) => name.endsWith('/dbt Hybrid.log')).map(([, text]) => text).join(''),
    /** Process ids of the servers that the extension has started. */
    servers: () => processes(folder('extensions')),
    async stop() {
      await context.close();
      server.kill('SIGTERM');
      const late = setTimeout(() => server.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(late);
      rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

function writeAll(folder, files, mode) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode });
  }
}

/** Every file below a folder: name → text. */
export function texts(folder) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return Object.fromEntries(names.map(entry => {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    return [path.slice(folder.length + 1), readFileSync(path, 'utf8')];
  }));
}

/** Ids of the running programs that lie below a folder. */
function processes(folder) {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).filter(id => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').startsWith(folder);
    } catch {
      return false;
    }
  }).map(Number);
}

/** The port that VS Code says it listens on. */
function listening(server) {
  return new Promise((done, fail) => {
    let said = '';
    const take = chunk => {
      said += chunk;
      const port = /Extension host agent listening on (\d+)/.exec(said)?.[1];
      if (port !== undefined) {
        done(Number(port));
      }
    };
    server.stdout.on('data', take);
    server.stderr.on('data', take);
    server.once('exit', code => fail(new Error(`VS Code's server ended with ${code}\n${said}`)));
  });
}

/** What a person does and sees, by name. */
function actions(page) {
  const rows = name => page.locator('.explorer-viewlet .monaco-list-row', { has: page.locator('.label-name', { hasText: new RegExp(`^${escape(name)}$`) }) });
  const editor = name => page.locator(`.editor-instance .monaco-editor[data-uri$="/${name}"]`);
  // VS Code shows blanks as no-break spaces.
  const appears = (locator, text) => locator.filter({ hasText: new RegExp(text.source.replaceAll(' ', '\\s'), text.flags) }).first().waitFor();
  return {
    editor,
    appears,
    line: (name, text) => editor(name).locator('.view-line', { hasText: text }),
    squiggles: name => editor(name).locator('.squiggly-error, .squiggly-warning'),
    problems: () => page.locator('.markers-panel .monaco-list-row'),
    statusBar: () => page.locator('[id="dbt-hybrid.dbt-hybrid.dbtHybrid.status"]'),
    message: () => page.locator('.notification-toast'),
    /** Lines of the status view, by what a screen reader says of them. */
    statusLines: text => page.locator('[id="workbench.view.extension.dbtHybrid"] .monaco-list-row')
      .and(text === undefined ? page.locator('*') : page.locator(`[aria-label*="${text}"]`)),
    /** What the status view says instead of lines, or above them. */
    statusWelcome: () => page.locator('[id="workbench.view.extension.dbtHybrid"]'),
    /** A step of the walkthrough, by its id, that is ticked or not. */
    step: (id, done) => page.locator(`[data-done-step-id$="#setup#${id}"][aria-checked="${done}"]`).first(),
    /** Waits until something holds that no page shows; `holds` may give a promise. */
    async until(holds, what, limit = 60_000) {
      for (const end = Date.now() + limit; !await holds();) {
        if (Date.now() > end) {
          throw new Error(`not yet: ${what}`);
        }
        await page.waitForTimeout(100);
      }
    },
    cursor: () => page.locator('[id="status.editor.selection"]'),
    /** Opens a file of the workspace by its path, as Ctrl+P does. */
    async open(name) {
      await page.keyboard.press('Control+P');
      const input = page.locator('.quick-input-widget input.input');
      await input.waitFor();
      await input.fill(name);
      await page.locator('.quick-input-list .monaco-list-row.focused', { hasText: name.split('/').at(-1) }).first().waitFor();
      await page.keyboard.press('Enter');
      await editor(name).waitFor();
    },
    async openFromExplorer(name) {
      await rows(name).dblclick();
      await editor(name).waitFor();
    },
    /** Runs a command by its title. VS Code registers some of its own late, and an open list does not learn of them. */
    async command(title) {
      const input = page.locator('.quick-input-widget input.input');
      await again(page, page.locator('.quick-input-list .monaco-list-row.focused', { hasText: title }).first(), async () => {
        await page.keyboard.press('F1');
        await input.waitFor();
        await input.fill(`>${title}`);
      });
      await page.keyboard.press('Enter');
    },
    /** Opens the quick fixes of the line that has a text; the first is the one that `title` fits. A change of focus closes the menu. */
    async quickFix(name, text, title) {
      await again(page, page.locator('.action-widget .monaco-list-row.action.focused', { hasText: title }), async () => {
        await editor(name).locator('.view-line', { hasText: text }).click();
        await page.keyboard.press('Control+.');
      });
    },
    /** Runs an entry of the open context menu. By key, for VS Code drops a click in the first tenth of a second. */
    async pick(title) {
      const entry = page.getByRole('menuitem', { name: title });
      await entry.hover();
      await page.keyboard.press('Enter');
      await entry.waitFor({ state: 'hidden' });
    },
    async save() {
      await page.keyboard.press('Control+S');
      await page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
    },
    async screenshot(name) {
      mkdirSync(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
    },
  };
}

/** Opens something until what is wanted is in a state; what else it shows is closed again. */
async function again(page, wanted, open, state = 'visible') {
  for (let tries = 5; ; tries--) {
    await open();
    try {
      await wanted.waitFor({ state, timeout: 10_000 });
      return;
    } catch (error) {
      if (tries === 0) {
        throw error;
      }
      await page.keyboard.press('Escape');
    }
  }
}

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
