// The packed extension in the real VS Code: what a person sees and does.
import assert from 'node:assert/strict';
import { CANARY, ENV, SHOP } from './shop.mjs';
import { inVSCode } from './shows.mjs';

const SETTINGS = { 'dbtHybrid.log.level': 'debug', 'dbtHybrid.trace.server': 'messages' };

/** VS Code runs as the server of a remote window does, and writes such a name into addresses in a way of its own. */
const NAME = 'my café, 100% #1';

/** dbt renders both. */
const SOURCES = { 'functions/tax.py': '\n', 'models/TAXES.SQL': '\n' };

const shows = inVSCode({ files: { ...SHOP, ...SOURCES }, name: NAME, settings: SETTINGS });

shows('the status bar has the engine, the newer release and the alarm', async vscode => {
  await vscode.appears(vscode.statusBar(), /dbt 2\.0\.8\s*2\.0\.9/);
  await vscode.statusBar().locator('.codicon-arrow-up').waitFor();
  await vscode.statusBar().locator('.codicon-error').waitFor();
  const label = await vscode.statusBar().locator('a').getAttribute('aria-label');
  assert.match(label, /2\.0\.8/);
  assert.match(label, /2\.0\.9/);
});

shows('a line that dbt cannot read has a squiggle and a row with the rule', async vscode => {
  await vscode.openFromExplorer('.env');
  await vscode.editor('.env').locator('.squiggly-error').first().waitFor();
  await vscode.page.keyboard.press('Control+Shift+M');
  await vscode.appears(vscode.problems(), /env-parse.*\[Ln 2/);
});

shows('the rule opens the page that came with the extension', async vscode => {
  const link = vscode.problems().filter({ hasText: 'env-parse' }).first().locator('a.monaco-link');
  await link.click({ modifiers: ['Control'] });
  await vscode.page.locator('.tab.active', { hasText: 'Preview env-parse.md' }).waitFor();
  const page = vscode.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  await page.getByRole('heading', { name: 'env-parse' }).first().waitFor();
  await vscode.screenshot('rule page');
  await vscode.page.keyboard.press('Control+F4');
  await vscode.openFromExplorer('.env');
});

shows('the quick fix quotes the value and changes nothing else', async vscode => {
  await vscode.quickFix('.env', 'DBT_SCHEMA', /quote/i);
  await vscode.screenshot('quick fix');
  await vscode.page.keyboard.press('Enter');
  await vscode.editor('.env').locator('.squiggly-error').first().waitFor({ state: 'detached' });
  await vscode.save();
  const fixed = vscode.read('.env');
  assert.ok([`"my schema"`, `'my schema'`].some(value => fixed === ENV.replace('my schema', value)), 'only the quotes are new');
  await vscode.problems().filter({ hasText: 'env-parse' }).first().waitFor({ state: 'detached' });
});

shows('an edit of .env by another program is seen', async vscode => {
  const whole = vscode.read('.env');
  vscode.write('.env', whole.replace(/^DBT_USER=.*\n/m, ''));
  await vscode.appears(vscode.problems(), /DBT_USER.*env-missing/);
  vscode.write('.env', whole);
  await vscode.problems().filter({ hasText: 'env-missing' }).first().waitFor({ state: 'detached' });
});

shows('an unsaved edit is seen, and undone', async vscode => {
  await vscode.openFromExplorer('.env');
  await vscode.line('.env', 'DBT_USER').click();
  await vscode.page.keyboard.press('Home');
  await vscode.page.keyboard.type('# ');
  await vscode.appears(vscode.problems(), /DBT_USER.*env-missing/);
  await vscode.command('File: Revert File');
  await vscode.problems().filter({ hasText: 'env-missing' }).first().waitFor({ state: 'detached' });
});

shows('an unsaved edit counts in a function in Python, and in a model whose extension is in capitals', async vscode => {
  for (const name of Object.keys(SOURCES)) {
    await vscode.open(name);
    await vscode.page.keyboard.insertText(`{{ env_var('DBT_NOWHERE') }}`);
    await vscode.appears(vscode.problems(), /DBT_NOWHERE.*env-missing/);
    await vscode.command('File: Revert File');
    await vscode.problems().filter({ hasText: 'env-missing' }).first().waitFor({ state: 'detached' });
  }
});

shows('variables and severities from the settings count', async vscode => {
  const whole = vscode.read('.env');
  vscode.write('.env', whole.replace(/^DBT_USER=.*\n/m, ''));
  await vscode.appears(vscode.problems(), /DBT_USER.*env-missing/);
  const missing = vscode.problems().filter({ hasText: 'env-missing' }).first();
  await vscode.configure({ ...SETTINGS, 'dbt.environmentVariables': { DBT_USER: CANARY } }, missing, 'detached');
  await vscode.configure(SETTINGS, missing);
  await vscode.configure({ ...SETTINGS, 'dbtHybrid.rules': { 'env-missing': 'off' } }, missing, 'detached');
  await vscode.configure(SETTINGS, missing);
  vscode.write('.env', whole);
  await missing.waitFor({ state: 'detached' });
});

shows('a click on the status bar opens the status as text', async vscode => {
  await vscode.statusBar().click();
  const lines = vscode.page.locator('.editor-instance .monaco-editor[data-uri^="dbt-hybrid-status:"] .view-line');
  await vscode.appears(lines, /shop/);
  await vscode.appears(lines, /2\.0\.8/);
  await vscode.screenshot('status');
});

shows('the command restarts the server', async vscode => {
  const [before] = vscode.servers();
  await vscode.command('dbt Hybrid: Restart Server');
  await vscode.until(() => vscode.servers().length === 1 && vscode.servers()[0] !== before, 'another server runs');
  await vscode.statusBar().locator('.codicon-sync').waitFor({ state: 'detached' });
  await vscode.appears(vscode.statusBar(), /dbt 2\.0\.8/);
  vscode.write('.env', ENV);
  await vscode.appears(vscode.problems(), /env-parse/);
});

shows('every rule has its page', async vscode => {
  await vscode.command('dbt Hybrid: Explain a Rule');
  const input = vscode.page.locator('.quick-input-widget input.input');
  await vscode.page.locator('.quick-input-list .monaco-list-row').first().waitFor(); // of a long list only the first rows are there
  await input.fill('defer-off');
  await vscode.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: 'defer-off' }).waitFor();
  await vscode.page.keyboard.press('Enter');
  await vscode.page.locator('.tab.active', { hasText: 'Preview defer-off.md' }).waitFor();
});

shows('a server that ends is started again', async vscode => {
  const [ended] = vscode.servers();
  process.kill(ended, 'SIGKILL');
  await vscode.statusBar().locator('.codicon-sync').waitFor();
  await vscode.appears(vscode.statusBar(), /dbt 2\.0\.8/);
  await vscode.appears(vscode.problems(), /env-parse/);
  assert.notEqual(vscode.servers()[0], ended);
});

shows('the output tells what happens and holds no value', async vscode => {
  await vscode.command('dbt Hybrid: Show Output');
  const lines = vscode.page.locator('.output-view .view-line');
  await vscode.appears(lines, /(Sending|Received) \w+ '\w+\/\w+/);
  const logs = Object.entries(vscode.logs());
  const ours = vscode.output();
  assert.equal(ours.match(/ starting .*dbt-hybrid/g)?.length, 3, 'a start, a restart, and one after the end');
  assert.deepEqual(logs.filter(([, text]) => text.includes(CANARY)).map(([name]) => name), []);
});

shows('nothing asked the outside', async vscode => {
  assert.deepEqual([...vscode.outside], []);
});
