// A server that ends again and again: the waits grow, and at last the person is asked.
import assert from 'node:assert/strict';
import { SHOP } from './shop.mjs';
import { inOwnVSCode } from './shows.mjs';

const TIMES = 6;

inOwnVSCode('after six ends the server stays down until a person restarts it', { files: SHOP, newest: '2.0.8' }, async vscode => {
  await vscode.command('View: Show dbt Hybrid');
  for (let n = 0; n < TIMES; n++) {
    await vscode.appears(vscode.statusBar(), /dbt 2\.0\.8/);
    const [server] = vscode.servers();
    process.kill(server, 'SIGKILL');
    await vscode.statusBar().locator('.codicon-sync, .codicon-circle-slash').first().waitFor();
  }
  await vscode.statusBar().locator('.codicon-circle-slash').waitFor();
  await vscode.appears(vscode.message(), new RegExp(`has ended ${TIMES} times and is not started again`));
  await vscode.appears(vscode.statusWelcome(), /dbt Hybrid does not run/);
  assert.deepEqual(vscode.servers(), []);
  await vscode.screenshot('server stays down');
  const ours = vscode.output();
  const waits = [...ours.matchAll(/started again in ([\d.]+) s/g)].map(([, seconds]) => Number(seconds));
  assert.deepEqual(waits, [0.5, 2, 5, 10, 20]);

  await vscode.message().getByRole('button', { name: 'Restart' }).click();
  await vscode.appears(vscode.statusBar(), /dbt 2\.0\.8/);
  await vscode.statusLines(', credentials, ').waitFor();
  assert.equal(vscode.servers().length, 1);
});
