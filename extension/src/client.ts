import { createInterface } from 'node:readline';
import * as vscode from 'vscode';
import {
  CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn, type LanguageClientOptions,
} from 'vscode-languageclient/node';
import { FILES } from './files';
import { SECTION, SOURCE, TITLE } from './identity';
import { pageLink } from './pages';
import { dbtSettings, initializationOptions, ownSettings } from './settings';

/** A language client that logs and never raises a window of its own: `Server` tells people what matters, once. */
export class Client extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(brief(message, data), undefined, false);
  }

  override warn(message: string, data?: unknown): void {
    super.warn(brief(message, data), undefined, false);
  }

  override info(message: string, data?: unknown): void {
    super.info(brief(message, data), undefined, false);
  }

  /** Names of messages only: the data are file texts. */
  override trace(message: string): void {
    super.trace(message);
  }
}

/** A line of the log: the reason of an error, without its stack. */
function brief(message: string, data: unknown): string {
  return data instanceof Error ? `${message} ${data.message}` : message;
}

/** A client that is not started yet. `extension` is the extension's identifier; `closed` is called when the connection ends without having been asked to. */
export function createClient(
  extension: string, program: string, output: vscode.LogOutputChannel, closed: () => void,
): Client {
  const settings = vscode.workspace.getConfiguration(SECTION);
  const level = settings.get<string>('log.level', 'info');
  const args = ['serve', '--log-level', level, ...settings.get<string[]>('args', [])];
  const options: LanguageClientOptions = {
    documentSelector: FILES.map(pattern => ({ scheme: 'file', pattern })),
    diagnosticCollectionName: SOURCE,
    outputChannel: output,
    traceOutputChannel: traceChannel(output),
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    stdioOptions: { stderr: forwardLog, stdout: () => undefined },
    initializationOptions,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        closed();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware: {
      handleDiagnostics: (uri, diagnostics, next) => {
        for (const diagnostic of diagnostics) {
          linkCode(extension, diagnostic);
        }
        next(uri, diagnostics);
      },
      workspace: {
        configuration: (params, token, next) => {
          if (params.items.every(item => item.section === SECTION || item.section === 'dbt')) {
            return params.items.map(item => {
              const scope = item.scopeUri === undefined ? undefined : vscode.Uri.parse(item.scopeUri);
              return item.section === SECTION ? ownSettings(scope) : dbtSettings(scope);
            });
          }
          return next(params, token);
        },
      },
    },
  };
  return new Client(SOURCE, TITLE, { command: program, args }, options);
}

/** The code of a finding opens the page that came with the extension, not one on the network. */
function linkCode(extension: string, diagnostic: vscode.Diagnostic): void {
  const { code } = diagnostic;
  const value = typeof code === 'object' ? code.value : code;
  if (typeof value === 'string') {
    diagnostic.code = { value, target: pageLink(extension, value) };
  }
}

/** The server logs on stderr, a line an entry; its level is the first word that is one. */
function forwardLog(input: NodeJS.ReadableStream, output: vscode.LogOutputChannel): void {
  createInterface({ input, crlfDelay: Infinity, terminal: false }).on('line', line => {
    const level = /\b(debug|info|warn|error)\b/i.exec(line)?.[1]?.toLowerCase();
    if (level === 'error' || level === 'warn') {
      output[level](line);
    } else {
      output.info(line);
    }
  });
}

/** The client traces when its channel's level is Trace: here that follows from the setting, and the lines go to the one channel. */
function traceChannel(output: vscode.LogOutputChannel): vscode.LogOutputChannel {
  const on = vscode.workspace.getConfiguration(SECTION).get<string>('trace.server') === 'messages';
  return {
    ...output,
    logLevel: on ? vscode.LogLevel.Trace : vscode.LogLevel.Info,
    trace: (message: string) => { output.info(message); },
    onDidChangeLogLevel: new vscode.EventEmitter<vscode.LogLevel>().event,
    dispose: () => undefined,
  };
}
