// A project that is linked to dbt platform, in the real VS Code: its link, its deferral, and the steps of the walkthrough.
import { SHOP } from './shop.mjs';
import { inVSCode } from './shows.mjs';

const LINKED = 'dbt-cloud:\n  project-id: "12"\n';
const CLOUD_FILE = `version: "1"
context: {active-host: abc.us1.dbt.test, active-project: "12"}
projects:
  - {project-name: shop, project-id: "12", account-name: a, account-id: "1", account-host: abc.us1.dbt.test, token-name: t, token-value: dbtu_canary-5b1e9c07}
`;

const shows = inVSCode({
  files: { ...SHOP, 'dbt_project.yml': SHOP['dbt_project.yml'] + LINKED },
  home: { '.dbt/dbt_cloud.yml': CLOUD_FILE },
  settings: { 'workbench.colorTheme': 'Default Dark Modern' },
});

async function steps(vscode, wanted) {
  for (const [id, done] of Object.entries(wanted)) {
    await vscode.step(id, done).waitFor({ state: 'attached' });
  }
}

shows('the steps of the link and of deferral are ticked in a linked project', async vscode => {
  await vscode.command('View: Show dbt Hybrid');
  await vscode.statusLines('dbt platform, linked').waitFor();
  await vscode.statusLines('deferral, on').waitFor();
  await vscode.command('dbt Hybrid: Set Up Hybrid Development');
  await steps(vscode, { engine: true, profile: true, linked: true, deferring: true });
  await vscode.screenshot('walkthrough linked');
});

shows('the step of deferral is open while a setting switches it off', async vscode => {
  await vscode.configure({ 'dbt.flag.defer': false }, vscode.statusLines('deferral, off'));
  await steps(vscode, { linked: true, deferring: false });
  await vscode.configure({}, vscode.statusLines('deferral, on'));
  await steps(vscode, { linked: true, deferring: true });
});

shows('both steps are open once the project is not linked any more', async vscode => {
  vscode.write('dbt_project.yml', SHOP['dbt_project.yml']);
  await vscode.statusLines('dbt platform, not linked').waitFor();
  await steps(vscode, { linked: false, deferring: false });
});
