// A small project, a dbt that only says its version and leaves a mark when it is run, and a list of releases.
import { createServer } from 'node:http';

/** A value that must not be seen anywhere. */
export const CANARY = 'canary-5b1e9c07';

/** dbt stops reading this `.env` at its second line; the names below are lost. */
export const ENV = `DBT_HOST=localhost\nDBT_SCHEMA=my schema\nDBT_USER=me\nDBT_ENV_SECRET_PASSWORD=${CANARY}\n`;

/** The project, with that `.env`. */
export const SHOP = {
  'dbt_project.yml': 'name: shop\nversion: "1.0"\nprofile: shop\n',
  'profiles.yml': `shop:
  target: dev
  outputs:
    dev:
      type: postgres
      host: "{{ env_var('DBT_HOST') }}"
      port: 5432
      user: "{{ env_var('DBT_USER') }}"
      password: "{{ env_var('DBT_ENV_SECRET_PASSWORD') }}"
      dbname: shop
      schema: "{{ env_var('DBT_SCHEMA') }}"
`,
  'models/orders.sql': 'select 1 as id\n',
  '.gitignore': '.env\n',
  '.env': ENV,
};

/** A program `dbt` that says its version and leaves the file `mark`. */
export function dbt(mark) {
  return `#!/bin/sh\ntouch '${mark}'\necho 'dbt 2.0.8'\n`;
}

/** Serves dbt's list of releases on this machine; counts who asks. Gives {url, asked(), close()}. */
export function serveReleases(newest) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ latest: { tag: `v${newest}`, date: '2026-11-13' } }));
  });
  return new Promise(done => {
    server.listen(0, '127.0.0.1', () => done({
      url: `http://127.0.0.1:${server.address().port}`,
      asked: () => asked,
      close: () => new Promise(closed => { server.close(closed); server.closeAllConnections(); }),
    }));
  });
}
