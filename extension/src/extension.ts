import * as vscode from 'vscode';
import { CLIENT_COMMANDS, TITLE } from './identity';
import { explain, pageHandler } from './pages';
import { Server } from './server';
import { concernsDbt, needsRestart, openSetting } from './settings';
import { StatusBar, StatusDocument } from './status';
import { runInTerminal } from './terminal';

let server: Server | undefined;

/** Called by VS Code when a folder with a dbt project opens, or a command of ours is used. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel(TITLE, { log: true });
  const bar = new StatusBar();
  const running = new Server(context, output, {
    phase: phase => {
      bar.setPhase(phase);
      document.refresh();
    },
    status: status => {
      bar.setStatus(status);
      document.refresh();
    },
  });
  const document = new StatusDocument(() => running.statusText());
  server = running;
  context.subscriptions.push(
    output, bar, document, running,
    vscode.commands.registerCommand(CLIENT_COMMANDS.restart, () => running.restart()),
    vscode.commands.registerCommand(CLIENT_COMMANDS.showOutput, () => { output.show(true); }),
    vscode.commands.registerCommand(CLIENT_COMMANDS.showStatus, () => document.show()),
    vscode.commands.registerCommand(CLIENT_COMMANDS.explain, (code?: unknown) => explain(context.extensionUri, code)),
    vscode.commands.registerCommand(CLIENT_COMMANDS.runInTerminal, runInTerminal),
    vscode.commands.registerCommand(CLIENT_COMMANDS.openSetting, openSetting),
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
