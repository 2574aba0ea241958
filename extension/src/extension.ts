import * as vscode from 'vscode';
import { CLIENT_COMMANDS, NO_PROJECT_CONTEXT, TITLE } from './identity';
import { explain, pageHandler } from './pages';
import { Server } from './server';
import { concernsDbt, needsRestart, openSetting } from './settings';
import { Walkthrough } from './setup';
import { StatusBar, StatusDocument, type Status } from './status';
import { runInTerminal } from './terminal';
import { StatusView } from './view';

let server: Server | undefined;

/** Called by VS Code when a folder with a dbt project opens, or a command of ours is used. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel(TITLE, { log: true });
  const bar = new StatusBar();
  const running = new Server(context, output, {
    phase: phase => {
      bar.setPhase(phase);
      show(undefined);
    },
    status: status => {
      bar.setStatus(status);
      show(status);
    },
  });
  const document = new StatusDocument(() => running.statusText());
  const view = new StatusView(() => running.statusView());
  const walkthrough = new Walkthrough(context.extension.id);
  const show = (status: Status | undefined): void => {
    document.refresh();
    view.refresh();
    void vscode.commands.executeCommand('setContext', NO_PROJECT_CONTEXT, status?.projects?.length === 0);
    if (status !== undefined) {
      walkthrough.tick(status.projects ?? []);
    }
  };
  server = running;
  context.subscriptions.push(
    output, bar, document, view, walkthrough, running,
    vscode.commands.registerCommand(CLIENT_COMMANDS.restart, () => running.restart()),
    vscode.commands.registerCommand(CLIENT_COMMANDS.showOutput, () => { output.show(true); }),
    vscode.commands.registerCommand(CLIENT_COMMANDS.showStatus, () => document.show()),
    vscode.commands.registerCommand(CLIENT_COMMANDS.explain, (code?: unknown) => explain(context.extensionUri, code)),
    vscode.commands.registerCommand(CLIENT_COMMANDS.runInTerminal, runInTerminal),
    vscode.commands.registerCommand(CLIENT_COMMANDS.openSetting, openSetting),
    vscode.commands.registerCommand(CLIENT_COMMANDS.setUp, () => walkthrough.open()),
    vscode.window.registerUriHandler(pageHandler()),
    vscode.window.onDidChangeWindowState(state => state.focused ? running.focused() : undefined),
    vscode.workspace.onDidGrantWorkspaceTrust(() => running.restart()),
    vscode.workspace.onDidChangeConfiguration(change => {
      if (needsRestart(change)) {
        return running.restart();
      }
      return concernsDbt(change) ? running.settingsChanged() : undefined;
    }),
  );
  await running.restart();
}

/** Called by VS Code before it ends; the server ends with us. */
export function deactivate(): Promise<void> | undefined {
  return server?.stop();
}
