// A folder without dbt: the status view says so, and says nothing else.
import { test } from 'node:test';
import { startVSCode } from './vscode.mjs';

test('in a folder without dbt the view says what is missing', { timeout: 300_000 }, async () => {
  const vscode = await startVSCode({ files: { 'notes.txt': 'nothing of dbt\n' } });
  try {
    await vscode.command('View: Show dbt Hybrid');
    await vscode.appears(vscode.statusWelcome(), /no folder of this window holds a dbt_project\.yml/);
    await vscode.statusWelcome().getByRole('button', { name: 'Open Folder' }).waitFor();
    await vscode.screenshot('welcome');
    vscode.write('dbt_project.yml', 'name: shop\nprofile: shop\n');
    await vscode.statusLines(', credentials, ').waitFor();
  } catch (error) {
    await vscode.screenshot('failed welcome');
    throw error;
  } finally {
    await vscode.stop();
  }
});
