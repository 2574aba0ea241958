// Takes the picture of the README, docs/images/vscode.png, and the same in the dark: node tests/editors/picture.mjs
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib.mjs';
import { dbt, serveReleases } from './shop.mjs';
import { SCREENSHOTS, startVSCode, texts } from './vscode.mjs';

const THEMES = { light: 'Default Light Modern', dark: 'Default Dark Modern' };

const marks = mkdtempSync(join(tmpdir(), 'mark-'));
const releases = await serveReleases('2.0.9');
for (const [name, theme] of Object.entries(THEMES)) {
  const vscode = await startVSCode({
    files: texts(join(ROOT, 'examples/broken/shop')),
    bin: { dbt: dbt(join(marks, 'dbt-was-run')) },
    env: { DBT_CDN_URL: releases.url },
    settings: { 'workbench.colorTheme': theme, 'workbench.activityBar.location': 'top' },
  });
  try {
    await vscode.page.setViewportSize({ width: 1180, height: 720 });
    await vscode.appears(vscode.statusBar(), /2\.0\.9/);
    await vscode.openFromExplorer('.env');
    await vscode.page.keyboard.press('Control+Shift+M');
    await vscode.appears(vscode.problems(), /env-parse/);
    await vscode.statusBar().hover();
    await vscode.appears(vscode.page.locator('.monaco-hover'), /Engine/);
    await vscode.screenshot(`${name} status bar`);
    await vscode.quickFix('.env', 'DBT_SHOP_TITLE', /quote/i);
    await vscode.screenshot(name);
  } finally {
    await vscode.stop();
  }
}
await releases.close();
rmSync(marks, { recursive: true });
mkdirSync(join(ROOT, 'docs/images'), { recursive: true });
copyFileSync(join(SCREENSHOTS, 'light.png'), join(ROOT, 'docs/images/vscode.png'));
