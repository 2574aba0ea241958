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
  const prompt = prompted(terminal);
  terminal.show();
  await prompt;
  terminal.sendText(command, false);
}

/** How long a shell is given until it asks for a command, in milliseconds: one that tells nothing, and one that tells that it has begun. */
const PATIENCE = { silent: 5_000, begun: 500 };

/** What the oldest VS Code that this extension runs in does not have. */
interface TellsOfShells {
  onDidChangeTerminalShellIntegration?: vscode.Event<{ readonly terminal: vscode.Terminal }>;
}

/** Resolves when a new terminal asks for a command: what is sent before is shown twice, by the terminal and by the shell. */
function prompted(terminal: vscode.Terminal): Promise<void> {
  return new Promise(resolve => {
    const subscriptions: vscode.Disposable[] = [];
    let late: NodeJS.Timeout | undefined;
    const done = (): void => {
      clearTimeout(late);
      subscriptions.forEach(subscription => { subscription.dispose(); });
      resolve();
    };
    const wait = (time: number): void => {
      clearTimeout(late);
      late = setTimeout(done, time);
    };
    wait(PATIENCE.silent);
    const { onDidChangeTerminalShellIntegration: told } = vscode.window as TellsOfShells;
    subscriptions.push(vscode.window.onDidCloseTerminal(closed => {
      if (closed === terminal) {
        done();
      }
    }));
    if (told !== undefined) {
      subscriptions.push(told(({ terminal: other }) => {
        if (other === terminal) {
          wait(PATIENCE.begun); // it tells more than once before it asks
        }
      }));
    }
  });
}
