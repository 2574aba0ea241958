// A second extension that looks after the same files: both are seen, and neither undoes what the other does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { ROOT } from '../../scripts/lib.mjs';
import { ENV, SHOP } from './shop.mjs';
import { inVSCode } from './shows.mjs';

const MANIFEST = {
  name: 'neighbour', publisher: 'neighbour', version: '1.0.0', engines: { vscode: '^1.91.0' }, main: './main.js',
  activationEvents: ['onStartupFinished'],
};

/** Finds something in the first line of every `.env`, offers a fix for it and a name, says something on hover, and writes a last line when one is saved. */
const MAIN = `
const vscode = require('vscode');
const files = [{ pattern: '**/.env' }, { pattern: '**/*.yml' }];
exports.activate = () => {
  const found = vscode.languages.createDiagnosticCollection('neighbour');
  const look = document => {
    if (document.fileName.endsWith('.env')) {
      found.set(document.uri, [Object.assign(new vscode.Diagnostic(document.lineAt(0).range, 'seen by the neighbour'), { source: 'neighbour', code: 'seen' })]);
    }
  };
  vscode.workspace.textDocuments.forEach(look);
  vscode.workspace.onDidOpenTextDocument(look);
  vscode.workspace.onDidChangeTextDocument(change => look(change.document));
  vscode.languages.registerHoverProvider(files, { provideHover: () => new vscode.Hover('said by the neighbour') });
  vscode.languages.registerCodeActionsProvider(files, { provideCodeActions: () => [new vscode.CodeAction('Offered by the neighbour', vscode.CodeActionKind.QuickFix)] });
  vscode.languages.registerCompletionItemProvider(files, { provideCompletionItems: () => [new vscode.CompletionItem('NAMED_BY_THE_NEIGHBOUR')] });
  vscode.workspace.onWillSaveTextDocument(event => {
    const { document } = event;
    if (document.fileName.endsWith('.env') && !document.getText().includes('NEIGHBOUR=')) {
      event.waitUntil(Promise.resolve([vscode.TextEdit.insert(document.lineAt(document.lineCount - 1).range.end, 'NEIGHBOUR=1\\n')]));
    }
  });
};
`;

const folder = mkdtempSync(join(tmpdir(), 'neighbour-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Packs the neighbour as its makers would. */
function pack() {
  const files = { 'package.json': JSON.stringify(MANIFEST), 'main.js': MAIN, 'README.md': 'A neighbour.\n', LICENSE: 'As you like.\n' };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
  const vsix = join(folder, 'neighbour.vsix');
  const vsce = join(ROOT, 'node_modules/@vscode/vsce/vsce');
  const { status, stdout, stderr } = spawnSync(process.execPath, [vsce, 'package', '--no-dependencies', '--allow-missing-repository', '--out', vsix], { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return vsix;
}

const shows = inVSCode({ files: SHOP, packages: [pack()] });

shows('the findings of both stand beside each other', async vscode => {
  await vscode.openFromExplorer('.env');
  await vscode.page.keyboard.press('Control+Shift+M');
  await vscode.appears(vscode.problems(), /env-parse/);
  await vscode.appears(vscode.problems(), /seen by the neighbour/);
  await vscode.editor('.env').locator('.squiggly-error').first().waitFor();
});

shows('a fix and what the other writes on saving are both kept', async vscode => {
  await vscode.quickFix('.env', 'DBT_SCHEMA', /quote/i);
  await vscode.appears(vscode.page.locator('.action-widget .monaco-list-row.action'), /Offered by the neighbour/);
  await vscode.screenshot('neighbour');
  await vscode.page.keyboard.press('Enter');
  await vscode.problems().filter({ hasText: 'env-parse' }).first().waitFor({ state: 'detached' });
  const wanted = [`"my schema"`, `'my schema'`].map(value => `${ENV.replace('my schema', value)}NEIGHBOUR=1\n`);
  await vscode.until(async () => { // VS Code saves without whoever takes over a second
    await vscode.save();
    return vscode.read('.env').includes('NEIGHBOUR');
  }, 'the neighbour has written its line');
  assert.ok(wanted.includes(vscode.read('.env')), `the quotes and the last line are new:\n${vscode.read('.env')}`);
  await vscode.appears(vscode.problems(), /seen by the neighbour/);
});

shows('the names of both are offered', async vscode => {
  await vscode.openFromExplorer('profiles.yml');
  await vscode.page.keyboard.press('Control+G');
  await vscode.page.locator('.quick-input-widget input.input').waitFor();
  await vscode.page.keyboard.type('6:26');
  await vscode.page.keyboard.press('Enter');
  await vscode.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  await vscode.page.keyboard.press('Control+Space');
  const rows = vscode.page.locator('.suggest-widget .monaco-list-row');
  await vscode.appears(rows, /DBT_USER/);
  await vscode.appears(rows, /NAMED_BY_THE_NEIGHBOUR/);
  assert.equal(readFileSync(vscode.path('profiles.yml'), 'utf8'), SHOP['profiles.yml'], 'nothing was written');
});
