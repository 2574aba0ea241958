// A program that is missing, does not start, or ends.
import { test } from 'node:test';
import { SHOP } from './shop.mjs';
import { startVSCode } from './vscode.mjs';

test('a program that is not there', { timeout: 300_000 }, () => failing(
  { 'dbtHybrid.path': '/nowhere/dbt-hybrid' }, {},
  async vscode => {
    const message = vscode.message().filter({ hasText: 'dbt Hybrid cannot start' });
    await vscode.appears(message, /\/nowhere\/dbt-hybrid, which does not exist/);
    await vscode.appears(vscode.statusBar(), /dbt/);
    await vscode.screenshot('program missing');
    await message.getByRole('button', { name: 'Open Setting' }).click();
    await vscode.page.locator('.settings-editor .setting-item-label', { hasText: /^Path$/ }).first().waitFor();
  }));

test('a program that is no server, and then the right one', { timeout: 300_000 }, () => failing(
  { 'dbtHybrid.path': '~/wrong' }, { wrong: '#!/bin/sh\necho "cannot open shared object" >&2\nexit 127\n' },
  async vscode => {
    await vscode.appears(vscode.message(), /dbt Hybrid does not start/);
    await vscode.message().getByRole('button', { name: 'Show Output' }).click();
    await vscode.appears(vscode.page.locator('.output-view .view-line'), /cannot open shared object/);
    await vscode.configureUntil({ 'dbtHybrid.updates.check': false }, vscode.statusBar().locator('.codicon-error'));
  }));

/** Runs `work` in a VS Code with these settings and files of the home folder. */
async function failing(settings, home, work) {
  const vscode = await startVSCode({ files: SHOP, settings: { ...settings, 'dbtHybrid.updates.check': false }, home });
  try {
    await work(vscode);
  } catch (error) {
    await vscode.screenshot('failed program' + Object.values(settings)[0].length);
    throw new Error(`the output was:\n${vscode.output()}`, { cause: error });
  } finally {
    await vscode.stop();
  }
}
