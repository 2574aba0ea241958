// A folder that nobody has trusted: read, but nothing of it run and nothing fetched.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SHOP, dbt, serveReleases } from './shop.mjs';
import { startVSCode } from './vscode.mjs';

test('nothing is run or fetched until the folder is trusted', { timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mark-'));
  const mark = join(folder, 'dbt-was-run');
  const releases = await serveReleases('2.0.9');
  const vscode = await startVSCode({ files: SHOP, trust: true, bin: { dbt: dbt(mark) }, env: { DBT_CDN_URL: releases.url } });
  try {
    await vscode.openFromExplorer('.env');
    await vscode.editor('.env').locator('.squiggly-error').first().waitFor();
    await vscode.statusBar().click();
    await vscode.appears(vscode.page.locator('.editor-instance .monaco-editor[data-uri^="dbt-hybrid-status:"] .view-line'), /shop/);
    assert.equal(existsSync(mark), false, 'dbt was run in a folder that is not trusted');
    assert.equal(releases.asked(), 0, 'the list of releases was fetched from a folder that is not trusted');

    await vscode.command('Workspaces: Manage Workspace Trust');
    await vscode.page.locator('.workspace-trust-editor').getByText('Trust', { exact: true }).first().click();
    await vscode.appears(vscode.statusBar(), /dbt 2\.0\.8\s*2\.0\.9/);
    assert.equal(existsSync(mark), true, 'with trust, dbt is asked for its version');
    assert.ok(releases.asked() > 0, 'with trust, the list of releases is fetched');
  } catch (error) {
    await vscode.screenshot('failed trust');
    throw error;
  } finally {
    await vscode.stop();
    await releases.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
