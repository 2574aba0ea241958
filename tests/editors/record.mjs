// Records what the real VS Code says to the server in one small session, for the Go test that says it again:
// `node tests/editors/record.mjs`, after `npm run package`, writes server/lsp/testdata/vscode.jsonl.
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { DIST, ROOT } from '../../scripts/lib.mjs';
import { CANARY, ENV, SHOP } from './shop.mjs';
import { startVSCode } from './vscode.mjs';

/** The value that the Go tests look for where it must not be. */
const SECRET = 'CANARY-7f3a';

const mine = mkdtempSync(join(tmpdir(), 'record-'));
const log = join(mine, 'session.jsonl');

/** A program in the server's place, that notes what goes through it: a line a message. */
function recorder() {
  const path = join(mine, 'dbt-hybrid');
  writeFileSync(path, `#!${process.execPath}
const { appendFileSync, existsSync, writeFileSync } = require('node:fs');
const { spawn } = require('node:child_process');
const log = ${JSON.stringify(log)};
const own = existsSync(log) ? log + '.later' : log;
writeFileSync(own, '');
const server = spawn(${JSON.stringify(join(DIST, 'dbt-hybrid'))}, process.argv.slice(2), { stdio: ['pipe', 'pipe', 'inherit'] });
function follow(from, to, who) {
  let kept = Buffer.alloc(0);
  from.on('data', chunk => {
    kept = Buffer.concat([kept, chunk]);
    for (;;) {
      const end = kept.indexOf('\\r\\n\\r\\n');
      const length = end < 0 ? undefined : Number(/Content-Length: (\\d+)/i.exec(kept.toString('latin1', 0, end))[1]);
      if (length === undefined || kept.length < end + 4 + length) {
        break;
      }
      appendFileSync(own, JSON.stringify({ [who]: JSON.parse(kept.toString('utf8', end + 4, end + 4 + length)) }) + '\\n');
      kept = kept.subarray(end + 4 + length);
    }
    to.write(chunk);
  });
  from.on('end', () => to.end());
}
follow(process.stdin, server.stdin, 'client');
follow(server.stdout, process.stdout, 'server');
server.on('exit', code => process.exit(code ?? 1));
`);
  chmodSync(path, 0o755);
  return path;
}

const files = { ...SHOP, '.env': ENV.replace(CANARY, SECRET) };
const vscode = await startVSCode({ files, settings: { 'dbtHybrid.path': recorder() } });
const note = entry => { appendFileSync(log, `${JSON.stringify(entry)}\n`); };
/** What is on the disk from here on, for the one who says it again. */
const wrote = name => { note({ write: { name, text: vscode.read(name) } }); };
const write = (name, text) => {
  note({ write: { name, text } });
  vscode.write(name, text);
};
const gone = text => vscode.problems().filter({ hasText: text }).first().waitFor({ state: 'detached' });
try {
  await vscode.page.keyboard.press('Control+Shift+M');
  await vscode.appears(vscode.problems(), /env-parse/);
  note({ mark: 'started' });

  await vscode.openFromExplorer('.env');
  await vscode.editor('.env').locator('.squiggly-error').first().waitFor();
  note({ mark: 'opened' });

  await vscode.command('View: Show dbt Hybrid');
  await vscode.statusLines(', credentials, profiles.yml').waitFor();
  await vscode.command('View: Show Explorer');

  await vscode.quickFix('.env', 'DBT_SCHEMA', /quote/i);
  await vscode.page.keyboard.press('Enter');
  await gone('env-parse');
  note({ mark: 'fixed' });
  await vscode.save();
  wrote('.env');

  await vscode.line('.env', 'DBT_USER').hover({ position: { x: 10, y: 5 } });
  await vscode.appears(vscode.page.locator('.monaco-hover:visible'), /DBT_USER/);

  await vscode.line('.env', 'DBT_USER').click();
  await vscode.page.keyboard.press('Home');
  await vscode.page.keyboard.type('DBT_HOST=elsewhere');
  await vscode.page.keyboard.press('Enter');
  await vscode.appears(vscode.problems(), /env-duplicate/);
  note({ mark: 'typed' });
  await vscode.command('File: Revert File');
  await gone('env-duplicate');
  note({ mark: 'reverted' });

  const whole = vscode.read('.env');
  write('.env', whole.replace(/^DBT_USER=.*\n/m, ''));
  await vscode.appears(vscode.problems(), /DBT_USER.*env-missing/);
  note({ mark: 'edited by another program' });

  await vscode.openFromExplorer('.env');
  await vscode.command('View: Close All Editors');
  await vscode.editor('.env').waitFor({ state: 'detached' });
  write('.env', whole);
  await gone('env-missing');
  note({ mark: 'closed' });

  await vscode.command('dbt Hybrid: Restart Server');
  await vscode.statusBar().locator('.codicon-sync').waitFor({ state: 'detached' });
  while (!existsSync(`${log}.later`)) {
    await vscode.page.waitForTimeout(100);
  }
  const to = join(ROOT, 'server/lsp/testdata/vscode.jsonl');
  mkdirSync(dirname(to), { recursive: true });
  const start = Object.entries(files).map(([name, text]) => `${JSON.stringify({ write: { name, text } })}\n`);
  writeFileSync(to, start.join('') + told(readFileSync(log, 'utf8'), dirname(vscode.path('.'))));
} finally {
  await vscode.stop();
  rmSync(mine, { recursive: true, force: true });
}

/** What the client said, its answers with the method that they answer, and the notes; paths of this machine as placeholders. */
function told(text, root) {
  const asked = new Map();
  const lines = [];
  for (const line of text.trim().split('\n')) {
    const entry = JSON.parse(line);
    const { client, server } = entry;
    if (server?.method !== undefined && server.id !== undefined) {
      asked.set(server.id, server.method);
    } else if (client !== undefined && client.method === undefined) {
      lines.push({ answer: asked.get(client.id), result: client.result ?? null });
    } else if (client !== undefined) {
      if (client.method === 'initialize') {
        client.params.processId = null;
      }
      lines.push({ say: client });
    } else if (server === undefined) {
      lines.push(entry);
    }
  }
  return lines.map(line => `${JSON.stringify(line).replaceAll(root, '$ROOT').replaceAll(mine, '$ROOT/program')}\n`).join('');
}
