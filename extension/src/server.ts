import * as vscode from 'vscode';
import { ExecuteCommandRequest, State } from 'vscode-languageclient/node';
import { createClient, type Client } from './client';
import { CLIENT_COMMANDS, RUNNING_CONTEXT, SECTION, STATUS_COMMAND, STATUS_NOTIFICATION, STOPPED_CONTEXT, VIEW_REQUEST } from './identity';
import { findProgram, ProgramError } from './program';
import type { Phase, Status } from './status';
import type { View } from './view';

/** Waiting times before a server that ended by itself is started again, in milliseconds; after the last we give up. */
const BACK_OFF = [500, 2_000, 5_000, 10_000, 20_000];

/** A server that ran for so long, in milliseconds, has earned a fresh back-off. */
const HEALTHY_AFTER = 60_000;

/** Stands for `openPathSetting` among the commands of a message. */
const OPEN_PATH_SETTING = 'openPathSetting';

/** What the server's life means for the rest of the extension. */
export interface Listener {
  phase(phase: Phase): void;
  status(status: Status): void;
}

/** The one server process. Starts, stops and restarts run one after the other; of restarts at most one waits. */
export class Server implements vscode.Disposable {
  private client: Client | undefined;
  private work: Promise<void> = Promise.resolve();
  private restartWaits = false;
  private crashes = 0;
  private started = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly extension: vscode.ExtensionContext,
    private readonly output: vscode.LogOutputChannel,
    private readonly listener: Listener,
  ) {}

  /** Starts the server, or stops and starts it again. Never fails: what goes wrong is told to the person. */
  restart(): Promise<void> {
    this.crashes = 0;
    return this.restartSoon();
  }

  /** Stops the server for good. */
  stop(): Promise<void> {
    clearTimeout(this.timer);
    return this.queue(() => this.stopNow());
  }

  dispose(): void {
    void this.stop();
  }

  /** The status of every project as text, from the server. */
  async statusText(): Promise<string> {
    await this.work;
    if (this.client?.state !== State.Running) {
      return vscode.l10n.t('dbt Hybrid does not run. Its output says why: command "dbt Hybrid: Show Output".') + '\n';
    }
    const answer: unknown = await this.client.sendRequest(ExecuteCommandRequest.type, { command: STATUS_COMMAND, arguments: [] });
    return typeof answer === 'string' ? answer : JSON.stringify(answer, undefined, 2);
  }

  /** The status of every project as a tree; nothing while no server runs. */
  async statusView(): Promise<View | undefined> {
    await this.work;
    return this.client?.state === State.Running ? this.client.sendRequest<View>(VIEW_REQUEST, {}) : undefined;
  }

  /** Tells the server of a change that it has not registered for; it asks for the settings anew. */
  async settingsChanged(): Promise<void> {
    await this.work;
    if (this.client?.state === State.Running) {
      await this.client.sendNotification('workspace/didChangeConfiguration', { settings: null });
    }
  }

  /** Tells the server that another program may have changed files: not every disk tells. */
  async focused(): Promise<void> {
    await this.work;
    if (this.client?.state === State.Running) {
      await this.client.sendNotification('dbtHybrid/focus', {});
    }
  }

  private restartSoon(): Promise<void> {
    clearTimeout(this.timer);
    if (this.restartWaits) {
      return this.work;
    }
    this.restartWaits = true;
    return this.queue(async () => {
      this.restartWaits = false;
      await this.stopNow();
      await this.startNow();
    });
  }

  private queue(operation: () => Promise<void>): Promise<void> {
    this.work = this.work.then(operation).catch((error: unknown) => {
      this.output.error(text(error));
    });
    return this.work;
  }

  private async startNow(): Promise<void> {
    this.setPhase('starting');
    try {
      const program = await findProgram(this.extension);
      this.output.info(`starting ${program}`);
      this.client = createClient(this.extension.extension.id, program, this.output, () => { this.closed(); });
      this.client.onNotification(STATUS_NOTIFICATION, (status: Status) => { this.listener.status(status); });
      await this.client.start();
    } catch (error) {
      this.setPhase('stopped');
      this.tellNotStarted(error);
      return;
    }
    this.started = Date.now();
    this.compareVersions(this.client.initializeResult?.serverInfo?.version);
    this.setPhase('running');
  }

  private async stopNow(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    if (client?.needsStop()) {
      await client.dispose().catch((error: unknown) => { this.output.warn(text(error)); });
    }
  }

  /** The connection has ended without our asking. While starting, `start` itself fails. */
  private closed(): void {
    if (this.client?.state !== State.Running) {
      return;
    }
    if (Date.now() - this.started > HEALTHY_AFTER) {
      this.crashes = 0;
    }
    const wait = BACK_OFF[this.crashes++];
    if (wait === undefined) {
      this.setPhase('stopped');
      void this.tell(vscode.l10n.t('dbt Hybrid has ended {0} times and is not started again.', this.crashes), {
        [vscode.l10n.t('Restart')]: CLIENT_COMMANDS.restart,
        [vscode.l10n.t('Show Output')]: CLIENT_COMMANDS.showOutput,
      });
      return;
    }
    this.output.warn(`the server has ended; it is started again in ${wait / 1000} s`);
    this.setPhase('restarting');
    this.timer = setTimeout(() => { void this.restartSoon(); }, wait);
  }

  private setPhase(phase: Phase): void {
    void vscode.commands.executeCommand('setContext', RUNNING_CONTEXT, phase === 'running');
    void vscode.commands.executeCommand('setContext', STOPPED_CONTEXT, phase === 'stopped');
    this.listener.phase(phase);
  }

  private compareVersions(server: string | undefined): void {
    const own = (this.extension.extension.packageJSON as { version: string }).version;
    if (server !== own) {
      this.output.warn(`the server is version ${server ?? 'unknown'}, the extension ${own}`);
      void vscode.window.showWarningMessage(
        vscode.l10n.t('dbt Hybrid: the program is version {0}, the extension is {1}. Some features may be missing.', server ?? '?', own));
    }
  }

  private tellNotStarted(error: unknown): void {
    this.output.error(text(error));
    const message = error instanceof ProgramError
      ? vscode.l10n.t('dbt Hybrid cannot start. {0}', error.message)
      : vscode.l10n.t('dbt Hybrid does not start: {0}', text(error));
    void this.tell(message, {
      [vscode.l10n.t('Open Setting')]: OPEN_PATH_SETTING,
      [vscode.l10n.t('Show Output')]: CLIENT_COMMANDS.showOutput,
    });
  }

  /** An error message with a button for each command. */
  private async tell(message: string, commands: Record<string, string>): Promise<void> {
    const chosen = await vscode.window.showErrorMessage(message, ...Object.keys(commands));
    const command = chosen === undefined ? undefined : commands[chosen];
    if (command === OPEN_PATH_SETTING) {
      await openPathSetting();
    } else if (command !== undefined) {
      await vscode.commands.executeCommand(command);
    }
  }
}

/** In a remote window a setting of the scope `machine` is one of the remote machine. */
async function openPathSetting(): Promise<void> {
  const query = `@id:${SECTION}.path`;
  if (vscode.env.remoteName === undefined) {
    await vscode.commands.executeCommand('workbench.action.openSettings', query);
  } else {
    await vscode.commands.executeCommand('workbench.action.openRemoteSettings', { query });
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
