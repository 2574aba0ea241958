import * as vscode from 'vscode';
import { TITLE } from './identity';

/** Puts a command line into a new terminal, for a person to start or not. Never in an untrusted folder. */
export async function runInTerminal(command: unknown, folder?: unknown): Promise<void> {
  if (typeof command !== 'string' || /[\r\n]/.test(command)) {
    return;
  }
  if (!vscode.workspace.isTrusted) {
    await vscode.window.showWarningMessage(vscode.l10n.t('dbt Hybrid runs nothing in a folder that you have not trusted.'));
    return;
  }
  const terminal = vscode.window.createTerminal({ name: TITLE, ...(typeof folder === 'string' ? { cwd: folder } : {}) });
  terminal.show();
  terminal.sendText(command, false);
}
