// A program that is missing, or is no server.
import { SHOP } from './shop.mjs';
import { inOwnVSCode } from './shows.mjs';

inOwnVSCode('a program that is not there', { files: SHOP, settings: { 'dbtHybrid.path': '/nowhere/dbt-hybrid' } }, async vscode => {
  const message = vscode.message().filter({ hasText: 'dbt Hybrid cannot start' });
  await vscode.appears(message, /\/nowhere\/dbt-hybrid, which does not exist/);
  await vscode.statusBar().locator('.codicon-circle-slash').waitFor();
  await vscode.screenshot('program missing');
  await message.getByRole('button', { name: 'Open Setting' }).click();
  await vscode.page.locator('.settings-editor .setting-item-label', { hasText: /^Path$/ }).first().waitFor();
});

inOwnVSCode('a program that is no server, and then the right one', {
  files: SHOP,
  settings: { 'dbtHybrid.path': '~/wrong' },
  home: { wrong: '#!/bin/sh\necho "cannot open shared object" >&2\nexit 127\n' },
}, async vscode => {
  await vscode.appears(vscode.message(), /dbt Hybrid does not start/);
  await vscode.message().getByRole('button', { name: 'Show Output' }).click();
  await vscode.appears(vscode.page.locator('.output-view .view-line'), /cannot open shared object/);
  await vscode.configure({}, vscode.statusBar().locator('.codicon-error'));
});
