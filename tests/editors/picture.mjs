// Takes the picture of the README, docs/images/vscode.png, and the same in the dark: node tests/editors/picture.mjs
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib.mjs';
import { startOnMachine } from './machine.mjs';
import { SCREENSHOTS, texts } from './vscode.mjs';

const THEMES = { light: 'Default Light Modern', dark: 'Default Dark Modern' };

for (const [name, theme] of Object.entries(THEMES)) {
  const vscode = await startOnMachine({
    files: texts(join(ROOT, 'examples/broken/shop')),
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
mkdirSync(join(ROOT, 'docs/images'), { recursive: true });
copyFileSync(join(SCREENSHOTS, 'light.png'), join(ROOT, 'docs/images/vscode.png'));
