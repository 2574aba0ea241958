import * as vscode from 'vscode';
import { CLIENT_COMMANDS, SECTION } from './identity';

/** Settings of the dbt extension that change what dbt does; read and passed on, never written. */
const DBT = ['flag.defer', 'flag.state', 'fusionPath', 'dbtPath', 'badReleasesManifestPath', 'environmentVariables'];

/** Programs and files of the machine: in an untrusted folder they count only from the user's own settings. */
const PROGRAMS = new Set(['fusionPath', 'dbtPath', 'badReleasesManifestPath']);

/** The setting of Python that says which environment terminals get, and so which dbt. */
const INTERPRETER = 'defaultInterpreterPath';

/** A change of these needs a new server; of our other settings the server asks to be told. */
const RESTARTING = ['path', 'args', 'log.level'].map(name => `${SECTION}.${name}`);

type Settings = Record<string, unknown>;

/** Reports whether the change concerns the program or its arguments. */
export function needsRestart(change: vscode.ConfigurationChangeEvent): boolean {
  return RESTARTING.some(name => change.affectsConfiguration(name));
}

/** Reports whether the change concerns the settings of other extensions that the server is told. */
export function concernsDbt(change: vscode.ConfigurationChangeEvent): boolean {
  return [...DBT.map(name => `dbt.${name}`), `python.${INTERPRETER}`].some(name => change.affectsConfiguration(name));
}

/** What the server is told at its start. */
export function initializationOptions(): Settings {
  return {
    trusted: vscode.workspace.isTrusted,
    clientCommands: Object.values(CLIENT_COMMANDS),
    ...ownSettings(),
  };
}

/**
 * Settings of one folder as nested objects, without the prefix `dbtHybrid`; those of the dbt extension under `dbt`,
 * and the Python that is selected under `python`.
 */
export function ownSettings(scope?: vscode.Uri): Settings {
  const own = JSON.parse(JSON.stringify(vscode.workspace.getConfiguration(SECTION, scope))) as Settings;
  return { ...own, dbt: dbtSettings(scope), python: { [INTERPRETER]: ofMachine('python', INTERPRETER, scope) } };
}

/** The dbt extension's settings of one folder as nested objects, without the prefix `dbt`. */
export function dbtSettings(scope?: vscode.Uri): Settings {
  const dbt = vscode.workspace.getConfiguration('dbt', scope);
  const root: Settings = {};
  for (const name of DBT) {
    const value = PROGRAMS.has(name) ? ofMachine('dbt', name, scope) : dbt.get(name);
    if (value !== undefined && value !== null) {
      put(root, name.split('.'), value);
    }
  }
  return root;
}

/** A setting that names a program or a file: what an untrusted folder says of it does not count. */
function ofMachine(section: string, name: string, scope?: vscode.Uri): unknown {
  const settings = vscode.workspace.getConfiguration(section, scope);
  return vscode.workspace.isTrusted ? settings.get(name) : settings.inspect(name)?.globalValue;
}

/** Puts the value at the path: `flag.defer` becomes `{flag: {defer: …}}`. */
function put(root: Settings, path: string[], value: unknown): void {
  const [first, ...rest] = path;
  if (first === undefined) {
    return;
  }
  if (rest.length === 0) {
    root[first] = value;
    return;
  }
  put((root[first] ??= {}) as Settings, rest, value);
}

/** Shows a setting of VS Code in its editor, for a person to change. */
export async function openSetting(name: unknown): Promise<void> {
  if (typeof name === 'string' && /^[\w.]+$/.test(name)) {
    await vscode.commands.executeCommand('workbench.action.openSettings', `@id:${name}`);
  }
}
