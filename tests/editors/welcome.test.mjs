// What the status view says instead of lines: no dbt, no trust, no server.
import { SHOP } from './shop.mjs';
import { inOwnVSCode } from './shows.mjs';

/** A test that begins with the status view. */
function welcomes(name, options, work) {
  inOwnVSCode(name, options, async vscode => {
    await vscode.command('View: Show dbt Hybrid');
    await work(vscode);
  });
}

welcomes('in a folder without dbt the view says what is missing', { files: { 'notes.txt': 'nothing of dbt\n' } }, async vscode => {
  await vscode.appears(vscode.statusWelcome(), /no folder of this window holds a dbt_project\.yml/);
  await vscode.statusWelcome().getByRole('button', { name: 'Open Folder' }).waitFor();
  await vscode.screenshot('welcome');
  vscode.write('dbt_project.yml', 'name: shop\nprofile: shop\n');
  await vscode.statusLines(', credentials, ').waitFor();
});

welcomes('in a folder that is not trusted the view leads to where trust is given', { files: { 'notes.txt': 'nothing of dbt\n' }, trust: true }, async vscode => {
  await vscode.appears(vscode.statusWelcome(), /You have not trusted this folder/);
  await vscode.appears(vscode.statusWelcome(), /no folder of this window holds a dbt_project\.yml/);
  await vscode.screenshot('welcome untrusted');
  await vscode.statusWelcome().getByRole('button', { name: 'Manage Workspace Trust' }).click();
  await vscode.page.locator('.workspace-trust-editor').getByText('Trust', { exact: true }).first().click();
  await vscode.statusWelcome().getByText('You have not trusted this folder').first().waitFor({ state: 'hidden' });
  await vscode.appears(vscode.statusWelcome(), /no folder of this window holds a dbt_project\.yml/);
});

welcomes('where the server cannot be started the view offers to start it again', { files: SHOP, settings: { 'dbtHybrid.path': '/nowhere/dbt-hybrid' } }, async vscode => {
  await vscode.appears(vscode.statusWelcome(), /dbt Hybrid does not run/);
  await vscode.statusWelcome().getByRole('button', { name: 'Show Output' }).waitFor();
  await vscode.screenshot('welcome stopped');
  await vscode.configure({}, vscode.statusLines(', credentials, '));
});
