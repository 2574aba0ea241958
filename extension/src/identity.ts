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
  setUp: 'dbtHybrid.setUp',
} as const;

/** Commands of a line of the status view. */
export const NODE_COMMANDS = {
  refresh: 'dbtHybrid.view.refresh',
  place: 'dbtHybrid.view.place',
  terminal: 'dbtHybrid.view.terminal',
  copy: 'dbtHybrid.view.copy',
  mend: 'dbtHybrid.view.mend',
  page: 'dbtHybrid.view.page',
} as const;

/** With it begin the commands that a line may name. */
export const SERVER_COMMANDS = `${SECTION}.`;

/** The status view, in the manifest. */
export const VIEW = 'dbtHybrid.view';

/** The walkthrough, in the manifest. */
export const WALKTHROUGH = 'setup';

/** Prefix of what is true when a step of the walkthrough is done. */
export const SETUP_CONTEXT = 'dbtHybrid.setup.';

/** What the status view waits for: true when the server has said that there is no project. */
export const NO_PROJECT_CONTEXT = 'dbtHybrid.noProject';

/** The server's command that answers with the status of every project, as text. */
export const STATUS_COMMAND = 'dbtHybrid.status';

/** The notification by which the server says that the status has changed. */
export const STATUS_NOTIFICATION = 'dbtHybrid/status';

/** The request that answers with the status of every project as a tree. */
export const VIEW_REQUEST = 'dbtHybrid/statusView';

/** True while the server runs: its commands are offered then. */
export const RUNNING_CONTEXT = 'dbtHybrid.running';

/** True when the server does not run and is not started again. */
export const STOPPED_CONTEXT = 'dbtHybrid.stopped';
