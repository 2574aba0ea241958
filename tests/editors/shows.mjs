// Tests that share one VS Code, or have one of their own, and keep a picture of what went wrong.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { dbt, serveReleases } from './shop.mjs';
import { startVSCode } from './vscode.mjs';

/** A VS Code on `options.files`, with a dbt 2.0.8 where 2.0.9 is the newest. Gives a function that declares a test, whose work is given that VS Code. */
export function inVSCode(options) {
  let vscode;
  let releases;
  before(async () => {
    releases = await serveReleases('2.0.9');
    const mark = join(mkdtempSync(join(tmpdir(), 'mark-')), 'dbt-was-run');
    vscode = await startVSCode({ bin: { dbt: dbt(mark) }, env: { DBT_CDN_URL: releases.url }, ...options });
  });
  after(async () => {
    await vscode?.stop();
    await releases?.close();
  });
  return (name, work) => {
    test(name, { timeout: 300_000 }, () => pictured(vscode, name, work));
  };
}

/** Declares a test whose work is given a VS Code of its own. */
export function inOwnVSCode(name, options, work) {
  test(name, { timeout: 300_000 }, async () => {
    const vscode = await startVSCode(options);
    try {
      await pictured(vscode, name, work);
    } finally {
      await vscode.stop();
    }
  });
}

/** Keeps a picture of what went wrong. */
async function pictured(vscode, name, work) {
  try {
    await work(vscode);
  } catch (error) {
    await vscode.screenshot(`failed ${name}`);
    throw error;
  }
}
