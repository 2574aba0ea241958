import * as vscode from 'vscode';
import { CLIENT_COMMANDS, SECTION, TITLE } from './identity';
import type { Setup } from './setup';

/** What the server says of all projects, once per change. */
export interface Status {
  health: 'ok' | 'warning' | 'error';
  message?: string | null;
  projects?: ProjectStatus[];
}

/** One project, as in `dbt-hybrid status --format json`; null where nothing is known. */
export interface ProjectStatus {
  root: string;
  name?: string | null;
  engine?: {
    first?: { version?: string | null } | null;
    latest?: string | null;
    state?: string | null;
  } | null;
  errors?: number;
  warnings?: number;
  /** Whether there are errors, or deferral is off and nobody wanted that. */
  alarm?: boolean;
  /** One sentence each, for the tooltip. */
  concerns?: { credentials?: string; environment?: string; engine?: string; mesh?: string } | null;
  setup?: Setup | null;
}

/** Where the server is, before it says anything of the projects. */
export type Phase = 'starting' | 'running' | 'restarting' | 'stopped';

/** The one item in the status bar. */
export class StatusBar implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly subscription: vscode.Disposable;
  private phase: Phase = 'starting';
  private status: Status | undefined;

  constructor() {
    this.item = vscode.window.createStatusBarItem(`${SECTION}.status`, vscode.StatusBarAlignment.Left, 10);
    this.item.name = TITLE;
    this.subscription = vscode.window.onDidChangeActiveTextEditor(() => { this.render(); });
    this.setPhase('starting');
    this.item.show();
  }

  setPhase(phase: Phase): void {
    this.phase = phase;
    this.status = undefined;
    this.item.command = phase === 'stopped' ? CLIENT_COMMANDS.showOutput : CLIENT_COMMANDS.showStatus;
    this.render();
  }

  setStatus(status: Status): void {
    this.status = status;
    this.render();
  }

  dispose(): void {
    this.subscription.dispose();
    this.item.dispose();
  }

  private render(): void {
    const view = this.status === undefined || this.phase !== 'running' ? phaseView(this.phase) : statusView(this.status, activePath());
    this.item.text = view.text;
    this.item.tooltip = view.tooltip;
    this.item.backgroundColor = view.alarm ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.accessibilityInformation = { label: view.label, role: 'button' };
  }
}

interface View {
  text: string;
  tooltip: vscode.MarkdownString;
  label: string;
  alarm: boolean;
}

function phaseView(phase: Phase): View {
  const says = {
    starting: vscode.l10n.t('dbt Hybrid is starting'),
    running: vscode.l10n.t('dbt Hybrid is reading the project'),
    restarting: vscode.l10n.t('dbt Hybrid has stopped and starts again in a moment'),
    stopped: vscode.l10n.t('dbt Hybrid does not run'),
  }[phase];
  return { text: phase === 'stopped' ? '$(circle-slash) dbt' : '$(sync~spin) dbt', tooltip: plain([says]), label: says, alarm: phase === 'stopped' };
}

function statusView(status: Status, active: string | undefined): View {
  const project = projectOf(status.projects ?? [], active);
  if (project === undefined) {
    const says = status.message ?? vscode.l10n.t('dbt Hybrid: no dbt project in this folder');
    return { text: '$(circle-outline) dbt', tooltip: plain([says]), label: says, alarm: false };
  }
  const lines = concerns(project);
  const heading = vscode.l10n.t('dbt Hybrid: {0}', project.name ?? project.root);
  return {
    text: `${icon(status, project)} ${engineText(project)}`,
    tooltip: plain([heading, ...lines]),
    label: [heading, ...lines].join('. '),
    alarm: project.alarm ?? status.health !== 'ok',
  };
}

/** The shape says it too: colour alone is not for everyone. */
function icon(status: Status, project: ProjectStatus): string {
  if ((project.errors ?? 0) > 0 || status.health === 'error') {
    return '$(error)';
  }
  return status.health === 'warning' ? '$(warning)' : '$(pass)';
}

function engineText(project: ProjectStatus): string {
  const version = project.engine?.first?.version;
  if (project.engine?.first === null) {
    return vscode.l10n.t('no dbt');
  }
  if (version === undefined || version === null) {
    return 'dbt';
  }
  const newer = project.engine?.state === 'stale' ? project.engine.latest : undefined;
  return newer ? `dbt ${version} $(arrow-up) ${newer}` : `dbt ${version}`;
}

/** A line for each of the four concerns, and one that counts findings. */
function concerns(project: ProjectStatus): string[] {
  const said = project.concerns ?? {};
  return [
    said.credentials,
    said.environment,
    said.engine,
    said.mesh,
    vscode.l10n.t('Findings: errors {0}, warnings {1}', project.errors ?? 0, project.warnings ?? 0),
    vscode.workspace.isTrusted ? undefined : vscode.l10n.t('This folder is not trusted: no dbt is started, and nothing is fetched'),
  ].filter(line => line !== undefined);
}

/** The project that holds the file in the active editor, else the one with most errors. */
function projectOf(projects: ProjectStatus[], active: string | undefined): ProjectStatus | undefined {
  const around = projects
    .filter(project => active !== undefined && isBelow(active, project.root))
    .sort((a, b) => b.root.length - a.root.length);
  return around[0] ?? [...projects].sort((a, b) => (b.errors ?? 0) - (a.errors ?? 0))[0];
}

function isBelow(path: string, root: string): boolean {
  const folder = root.startsWith('file:') ? vscode.Uri.parse(root).path : root.replaceAll('\\', '/');
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function activePath(): string | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document?.uri.scheme === 'file' ? document.uri.path : undefined;
}

/** Lines of a tooltip: nothing in them is markup. */
function plain(lines: string[]): vscode.MarkdownString {
  const [heading = '', ...rest] = lines;
  const text = new vscode.MarkdownString();
  text.appendText(heading);
  for (const line of rest) {
    text.appendMarkdown('\n\n').appendText(line);
  }
  return text;
}

/** The status of every project as a text document that follows the server. */
export class StatusDocument implements vscode.TextDocumentContentProvider, vscode.Disposable {
  static readonly scheme = 'dbt-hybrid-status';
  private static readonly uri = vscode.Uri.from({ scheme: StatusDocument.scheme, path: 'dbt status' });

  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration: vscode.Disposable;
  readonly onDidChange = this.changed.event;

  /** `ask` answers with the status as text. */
  constructor(private readonly ask: () => Promise<string>) {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(StatusDocument.scheme, this);
  }

  provideTextDocumentContent(): Promise<string> {
    return this.ask();
  }

  async show(): Promise<void> {
    this.refresh();
    const document = await vscode.workspace.openTextDocument(StatusDocument.uri);
    await vscode.window.showTextDocument(document, { preview: true });
  }

  /** Asks again if the document is open. */
  refresh(): void {
    if (vscode.workspace.textDocuments.some(document => document.uri.scheme === StatusDocument.scheme)) {
      this.changed.fire(StatusDocument.uri);
    }
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
