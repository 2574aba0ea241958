/** What the outside knows this extension by. The publisher and the name stand in package.json alone. */

/** Prefix of the settings and commands. */
export const SECTION = 'dbtHybrid';

/** What people read. */
export const TITLE = 'dbt Hybrid';

/** The `source` of the server's diagnostics. */
export const SOURCE = 'dbt-hybrid';

/** The program that holds every rule: `dist/dbt-hybrid` in the extension. */
export const PROGRAM = process.platform === 'win32' ? 'dbt-hybrid.exe' : 'dbt-hybrid';

/** Commands that this client registers, and so may stand in the server's code actions. */
export const CLIENT_COMMANDS = {
  restart: 'dbtHybrid.restart',
  showOutput: 'dbtHybrid.showOutput',
  showStatus: 'dbtHybrid.showStatus',
  runInTerminal: 'dbtHybrid.runInTerminal',
  explain: 'dbtHybrid.explain',
  openSetting: 'dbtHybrid.openSetting',
} as const;

/** The server's command that answers with the status of every project, as text. */
export const STATUS_COMMAND = 'dbtHybrid.status';

/** The notification by which the server says that the status has changed. */
export const STATUS_NOTIFICATION = 'dbtHybrid/status';

/** True while the server runs: its commands are offered then. */
export const RUNNING_CONTEXT = 'dbtHybrid.running';
