// A VS Code on a machine with a dbt that only says its version, and a list of releases of its own.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dbt, serveReleases } from './shop.mjs';
import { startVSCode } from './vscode.mjs';

/**
 * Starts it with the options of `startVSCode`, with dbt 2.0.8 where `newest` is the newest release. Besides what VS Code
 * has, `dbtWasRun()` tells whether anybody has run that dbt, and `asked()` how often the list was asked for.
 */
export async function startOnMachine({ newest = '2.0.9', bin, env, ...options }) {
  const releases = await serveReleases(newest);
  const folder = mkdtempSync(join(tmpdir(), 'mark-'));
  const mark = join(folder, 'dbt-was-run');
  const close = async () => {
    await releases.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const vscode = await startVSCode({
      bin: { dbt: dbt(mark), ...bin },
      env: (...folders) => ({ DBT_CDN_URL: releases.url, ...(typeof env === 'function' ? env(...folders) : env) }),
      ...options,
    });
    return {
      ...vscode,
      dbtWasRun: () => existsSync(mark),
      asked: releases.asked,
      stop: () => vscode.stop().finally(close),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
