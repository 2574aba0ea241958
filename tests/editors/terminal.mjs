// What the tests of the terminal editors share: the project, the set-up that docs/editors.md shows, a server whose words
// are kept, and what must hold in every editor.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { PROGRAM, ROOT, onPath } from '../../scripts/lib.mjs';
import { CANARY, ENV, SHOP, serveReleases } from './shop.mjs';

/** The Debian packages of all terminal editors here. */
export const DEBIAN = ['neovim', 'emacs-nox', 'elpa-eglot', 'elpa-yaml-mode'];

const DEADLINE = 300_000;
const SQL = `select '🚀' as rocket, '{{ env_var("DBT_LABEL") }}' as label\n`;

/** Comma and blank, since editors put such names into patterns and addresses. */
const FOLDER = 'my shop, 1';

/** The code blocks of one language in one section of docs/editors.md, in order. */
export function shownIn(heading, language) {
  const page = readFileSync(join(ROOT, 'docs/editors.md'), 'utf8');
  const section = page.split(/^## /m).find(part => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(match => match[1]);
}

/**
 * Drives an editor through the project and tests what it saw. `program` is the editor; `creates` tells whether it
 * creates files for a server; `start(place)` writes its set-up and gives the arguments that make it run its script. The
 * script writes what it sees, as one JSON object, to the file that the variable SEEN names.
 */
export function sameInEveryEditor(program, { creates }, start) {
  describe(program, () => {
    let place;
    let seen;

    before(async () => {
      const path = onPath(program);
      if (path === undefined) {
        throw new Error(`${program} is missing. Install it with:\n  apt-get install -y --no-install-recommends ${DEBIAN.join(' ')}`);
      }
      const releases = await serveReleases('2.0.9');
      try {
        place = layOut();
        seen = await drive(path, start(place), place, releases.url);
      } finally {
        await releases.close();
      }
    });

    after(() => place?.remove());

    test('the line that dbt cannot read has its rule and its place', () => {
      const finding = only(seen.env, 'env-parse');
      assert.deepEqual([finding.line, finding.column, finding.severity], [2, ENV.split('\n')[1].indexOf(' schema') + 1, 'error']);
      assert.match(finding.message, /dbt stops reading here/);
    });

    test('the quick fix is applied and saved, and the finding is gone', () => {
      assert.deepEqual(seen.menu, ['Quote the value', 'Ignore env-parse here']);
      assert.equal(seen.saved, ENV.replace('my schema', "'my schema'"));
      assert.ok(!codes(seen.fixed).includes('env-parse'), 'env-parse is gone');
    });

    test('a hover tells of a variable and not its value', () => {
      assert.match(seen.hover, /DBT_ENV_SECRET_PASSWORD/);
      assert.match(seen.hover, /set in \.env, line 4/);
      assert.ok(!seen.hover.includes(CANARY), 'the hover holds the value');
    });

    test('behind an emoji, positions are right', () => {
      const finding = only(seen.sql, 'env-missing');
      assert.deepEqual([finding.line, finding.column], [1, Buffer.byteLength(SQL.slice(0, SQL.indexOf('DBT_LABEL')))]);
    });

    test('a fix of another file changes that file', () => {
      assert.equal(seen.extended, `${seen.saved}DBT_LABEL=\n`);
      assert.ok(!codes(seen.added).includes('env-missing'), 'env-missing is gone');
    });

    test('what another program writes is seen', () => {
      assert.match(only(seen.outside, 'env-missing').message, /DBT_USER/);
    });

    test('a fix creates a file, where the editor can', () => {
      assert.equal(seen.created, creates ? 'DBT_LABEL=\n' : undefined);
    });

    test('nothing is offered that the editor cannot do', () => {
      only(seen.project, 'engine-none');
      assert.ok(seen.offered.length > 0, 'nothing is offered at all');
      assert.deepEqual(seen.offered.filter(action => action.command !== ''), []);
    });

    test('no message holds a secret', () => {
      const said = place.said();
      assert.match(said, /publishDiagnostics/);
      assert.ok(!said.includes(CANARY), 'the server has sent or logged the value of a secret');
    });

    test('the server ends with the editor', { timeout: DEADLINE }, async () => {
      // Eglot kills what it has told to exit, so the status may be missing.
      assert.match(await place.ended, /^(0\n)?$/);
    });
  });
}

/** The findings of one rule; exactly one. */
function only(findings, code) {
  const found = findings.filter(finding => finding.code === code);
  assert.equal(found.length, 1, `${code} among ${codes(findings).join(', ')}`);
  return found[0];
}

function codes(findings) {
  return findings.map(finding => finding.code);
}

/**
 * The project in a repository, a home folder without dbt, and the program, whose words a shell keeps.
 * Shell and program hold a pipe open: `ended` is what was written to it, the exit status, once they are gone.
 */
function layOut() {
  const root = mkdtempSync(join(tmpdir(), 'dbt-hybrid-'));
  const path = (...names) => join(root, ...names);
  const write = (name, content, mode) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content, { mode });
  };
  for (const [name, content] of Object.entries({ ...SHOP, 'models/orders.sql': SQL })) {
    write(join(FOLDER, name), content);
  }
  mkdirSync(path('home'));
  write('bin/dbt-hybrid', `#!/bin/sh\nexec 3>'${path('ended')}'\n{ '${PROGRAM}' "$@" 2>'${path('stderr')}'; echo $? >&3; } | tee '${path('stdout')}'\n`, 0o755);
  for (const [command, ...args] of [['git', 'init', '--quiet', path(FOLDER)], ['mkfifo', path('ended')]]) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  }
  const reader = spawn('cat', [path('ended')], { stdio: ['ignore', 'pipe', 'inherit'] });
  return {
    root, path, write,
    folder: path(FOLDER),
    said: () => readFileSync(path('stdout'), 'utf8') + readFileSync(path('stderr'), 'utf8'),
    ended: text(reader.stdout),
    remove() {
      reader.kill();
      rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

/** Runs the editor to its end, with the server's, and gives what its script has seen. */
function drive(program, args, place, releases) {
  const child = spawn(program, args, {
    cwd: place.folder,
    env: {
      PATH: [place.path('bin'), '/usr/bin', '/bin'].join(delimiter), HOME: place.path('home'),
      LANG: 'C.UTF-8', TERM: 'dumb', DBT_CDN_URL: releases, SEEN: place.path('seen.json'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', chunk => { out += chunk; });
  }
  const late = setTimeout(() => child.kill('SIGKILL'), DEADLINE);
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => {
      clearTimeout(late);
      if (code !== 0 || !existsSync(place.path('seen.json'))) {
        fail(new Error(`${program} ended with ${code ?? signal}\n${out}`));
      } else {
        done(JSON.parse(readFileSync(place.path('seen.json'), 'utf8')));
      }
    });
  });
}
