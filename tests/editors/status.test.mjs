// The status view, its actions and the walkthrough in the real VS Code.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { SHOP } from './shop.mjs';
import { inVSCode } from './shows.mjs';

const WITHOUT_ENV = Object.fromEntries(Object.entries(SHOP).filter(([name]) => name !== '.env'));
const EXAMPLE = 'DBT_HOST=localhost\nDBT_SCHEMA=dev\nDBT_USER=me\nDBT_ENV_SECRET_PASSWORD=changeme\n';
const DARK = { 'workbench.colorTheme': 'Default Dark Modern' };
const LIGHT = { 'workbench.colorTheme': 'Default Light Modern' };

const shows = inVSCode({ files: { ...WITHOUT_ENV, '.env.example': EXAMPLE }, settings: DARK });

shows('the view has a line for each of the four concerns, with a mark that is read aloud', async vscode => {
  await vscode.appears(vscode.statusBar(), /2\.0\.9/);
  await vscode.command('View: Show dbt Hybrid');
  await vscode.statusLines(', credentials, profiles.yml').waitFor();
  await vscode.statusLines('error, variables, no .env, 4 missing').waitFor();
  await vscode.statusLines(', engine, ').waitFor();
  await vscode.statusLines('dbt platform, not linked').waitFor();
  await vscode.statusLines('variables, no .env').locator('.codicon-error').waitFor();
  await vscode.statusLines('off, dbt platform').locator('.codicon-circle-outline').waitFor();
  const left = async text => (await vscode.statusLines(text).locator('.label-name').boundingBox()).x;
  assert.equal(await left('profile, shop'), await left('fields, 7 given'), 'lines of one level do not begin in one column');
  await vscode.screenshot('status view dark');
});

shows('a click opens the place that a line comes from, as it is now', async vscode => {
  await vscode.statusLines('DBT_USER, missing').click();
  await vscode.editor('profiles.yml').waitFor();
  await vscode.appears(vscode.cursor(), /Ln 8, Col 17/);
  await vscode.page.keyboard.press('Control+Home');
  await vscode.page.keyboard.insertText('# a line that nobody has saved\n'); // at once: half of it would turn `shop:` into a comment
  await vscode.appears(vscode.cursor(), /Ln 2/);
  await vscode.statusLines('DBT_USER, missing').click();
  await vscode.appears(vscode.cursor(), /Ln 9, Col 17/);
  await vscode.command('File: Revert File');
});

shows('steps of the walkthrough are ticked as far as the project is', async vscode => {
  await vscode.command('dbt Hybrid: Set Up Hybrid Development');
  for (const [id, done] of Object.entries({ engine: true, profile: true, variables: false, ignored: true, linked: false, deferring: false })) {
    await vscode.step(id, done).waitFor({ state: 'attached' });
  }
  await vscode.screenshot('walkthrough dark');
});

shows('an action of a line does what it says, and the view and the walkthrough follow', async vscode => {
  const line = vscode.statusLines('error, variables');
  await line.hover();
  await line.locator('.action-label.codicon-wrench').click();
  await vscode.editor('.env').waitFor();
  await vscode.save();
  await vscode.statusLines('fine, variables, 4 variables in .env').waitFor();
  assert.match(vscode.read('.env'), /^DBT_USER=/m);
  await vscode.command('dbt Hybrid: Set Up Hybrid Development');
  await vscode.step('variables', true).waitFor({ state: 'attached' });
});

shows('the view follows a file that another program writes', async vscode => {
  const whole = vscode.read('.env');
  vscode.write('.env', whole.replace(/^DBT_USER=.*\n/m, ''));
  await vscode.statusLines('error, DBT_USER, missing').waitFor();
  vscode.write('.env', whole);
  await vscode.statusLines('fine, variables, 4 variables in .env').waitFor();
});

shows('a command line goes to a terminal, and is not started', async vscode => {
  const line = vscode.statusLines('warning, engine');
  await line.hover();
  await line.locator('.action-label.codicon-terminal').click();
  await vscode.page.locator('.terminal-wrapper.active .xterm').waitFor();
  const screen = vscode.page.locator('.terminal-wrapper.active .xterm-rows');
  await vscode.appears(screen, /pip install --upgrade dbt/);
  assert.equal((await screen.innerText()).match(/pip.install/g)?.length, 1, 'the command stands there more than once');
  await vscode.screenshot('command in terminal');
  assert.equal(existsSync(vscode.path('target')), false);
});

shows('a command line can be copied', async vscode => {
  await vscode.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await vscode.statusLines('warning, engine').click({ button: 'right' });
  await vscode.pick('Copy Command');
  const copied = () => vscode.page.evaluate('navigator.clipboard.readText()');
  await vscode.until(async () => await copied() === 'pip install --upgrade dbt', 'the command is in the clipboard');
});

shows('the status bar says all four concerns', async vscode => {
  const label = await vscode.statusBar().locator('a').getAttribute('aria-label');
  for (const concern of ['Credentials: profile shop, target dev, postgres', 'Variables: nothing is missing', 'Engine: dbt 2.0.8', 'dbt platform: not linked']) {
    assert.ok(label.includes(concern), `${concern} in ${label}`);
  }
  await vscode.statusBar().hover();
  await vscode.appears(vscode.page.locator('.monaco-hover'), /Credentials/);
  await vscode.screenshot('status bar dark');
});

shows('it reads as well in the light', async vscode => {
  await vscode.configure(LIGHT, vscode.page.locator('.monaco-workbench.vs'));
  await vscode.screenshot('status view light');
});
