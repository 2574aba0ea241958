import * as vscode from 'vscode';
import { CLIENT_COMMANDS, NODE_COMMANDS, SERVER_COMMANDS, VIEW } from './identity';
import { runInTerminal } from './terminal';

/** How a line is to be taken: `off` is fine, because somebody wanted that or the project has no use for it. */
type Mark = '' | 'ok' | 'off' | 'warning' | 'error';

interface Place {
  text: string;
  /** Absolute; empty where it is no file. */
  path: string;
  /** From 1, as the column; 0 for the file as a whole. */
  line: number;
  column: number;
}

/** What a person may do about a line; one of `shell`, `command` and `open` is set. */
interface Action {
  title: string;
  shell?: string;
  command?: string;
  arguments?: unknown[];
  open?: string;
}

/** One line of the status, from the server. */
export interface Node {
  key: string;
  label: string;
  value: string;
  mark: Mark;
  from: Place | null;
  actions: Action[] | null;
  children: Node[] | null;
  collapsed?: boolean;
}

/** The answer to the request for the tree. */
export interface View {
  projects: { root: string; name: string | null; concerns: Node[] }[];
}

/** A line with the way to it. */
interface Item {
  node: Node;
  parent: Item | undefined;
  /** The folder of the project. */
  root: string;
}

type Kind = 'shell' | 'command' | 'open';

const ICONS: Record<Exclude<Mark, ''>, vscode.ThemeIcon> = {
  ok: new vscode.ThemeIcon('pass', new vscode.ThemeColor('testing.iconPassed')),
  off: new vscode.ThemeIcon('circle-outline'),
  warning: new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground')),
  error: new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground')),
};

/** Takes the room of a mark, so that a line without one stands in one column with its neighbours. */
const NO_ICON = new vscode.ThemeIcon('blank');

/** The status of every project as a tree. It asks the server while it is visible. */
export class StatusView implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly tree: vscode.TreeView<Item>;
  private readonly subscriptions: { dispose(): unknown }[];
  readonly onDidChangeTreeData = this.changed.event;

  /** `ask` gives the tree, or nothing while no server runs. */
  constructor(private readonly ask: () => Promise<View | undefined>) {
    this.tree = vscode.window.createTreeView(VIEW, { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [
      this.changed, this.tree,
      this.tree.onDidChangeVisibility(() => { this.refresh(); }),
      vscode.workspace.onDidSaveTextDocument(() => { this.refresh(); }),
      vscode.commands.registerCommand(NODE_COMMANDS.refresh, () => { this.refresh(); }),
      vscode.commands.registerCommand(NODE_COMMANDS.place, (item: Item) => this.openPlace(item)),
      vscode.commands.registerCommand(NODE_COMMANDS.terminal, (item: Item) => this.act(item, 'shell')),
      vscode.commands.registerCommand(NODE_COMMANDS.copy, (item: Item) => copy(item)),
      vscode.commands.registerCommand(NODE_COMMANDS.mend, (item: Item) => this.act(item, 'command')),
      vscode.commands.registerCommand(NODE_COMMANDS.page, (item: Item) => this.act(item, 'open')),
    ];
  }

  /** Asks again if somebody can see the answer. */
  refresh(): void {
    if (this.tree.visible) {
      this.changed.fire(undefined);
    }
  }

  async getChildren(item?: Item): Promise<Item[]> {
    if (item !== undefined) {
      return (item.node.children ?? []).map(node => ({ node, parent: item, root: item.root }));
    }
    const items = roots(await this.ask());
    // Where there are no lines, a message would take the place of the welcome text, which has a button for it.
    this.tree.message = items.length === 0 || vscode.workspace.isTrusted ? ''
      : vscode.l10n.t('You have not trusted this folder: no dbt is started, and nothing is fetched.');
    return items;
  }

  getParent(item: Item): Item | undefined {
    return item.parent;
  }

  getTreeItem(item: Item): vscode.TreeItem {
    const { node } = item;
    const line = new vscode.TreeItem(node.label, state(item));
    line.id = path(item).join('\n');
    line.description = node.value;
    if (node.mark !== '') {
      line.iconPath = ICONS[node.mark];
    } else if (hasMarks(item.parent)) {
      line.iconPath = NO_ICON;
    }
    line.tooltip = tooltip(node);
    line.contextValue = contextValue(node);
    line.accessibilityInformation = { label: spoken(node) };
    if (node.from !== null && node.from.path !== '') {
      line.command = { command: NODE_COMMANDS.place, title: vscode.l10n.t('Open {0}', node.from.text), arguments: [item] };
    }
    return line;
  }

  dispose(): void {
    this.subscriptions.forEach(subscription => { void subscription.dispose(); });
  }

  /** Goes to the place of a line as it is now: lines move while somebody types. */
  private async openPlace(item: Item): Promise<void> {
    const now = find(roots(await this.ask()), path(item)) ?? item.node;
    const place = now.from ?? item.node.from;
    if (place === null || place.path === '') {
      return;
    }
    const at = new vscode.Position(Math.max(place.line - 1, 0), Math.max(place.column - 1, 0));
    await vscode.window.showTextDocument(vscode.Uri.file(place.path), { selection: new vscode.Range(at, at) });
  }

  private async act(item: Item, kind: Kind): Promise<void> {
    const action = await choose(item.node, kind);
    if (action?.shell !== undefined) {
      await runInTerminal(action.shell, item.root);
    } else if (action?.command !== undefined) {
      await execute(action.command, action.arguments ?? []);
    } else if (action?.open !== undefined) {
      await openPage(action.open);
    }
  }
}

function roots(view: View | undefined): Item[] {
  const projects = view?.projects ?? [];
  if (projects.length === 1) {
    return projects.flatMap(({ root, concerns }) => concerns.map(node => ({ node, parent: undefined, root })));
  }
  return projects.map(({ root, name, concerns }) => ({
    node: { key: root, label: name ?? root, value: vscode.workspace.asRelativePath(root), mark: worst(concerns), from: null, actions: null, children: concerns },
    parent: undefined, root,
  }));
}

function worst(nodes: Node[]): Mark {
  return (['error', 'warning', 'ok'] as const).find(mark => nodes.some(node => node.mark === mark)) ?? 'off';
}

/** The keys that lead to a line. */
function path(item: Item): string[] {
  return [...item.parent === undefined ? [] : path(item.parent), item.node.key];
}

function find(items: Item[], [first, ...rest]: string[]): Node | undefined {
  let node = items.find(item => item.node.key === first)?.node;
  for (const key of rest) {
    node = node?.children?.find(child => child.key === key);
  }
  return node;
}

/** What is fine is closed, but for the concerns themselves. */
function state({ node, parent }: Item): vscode.TreeItemCollapsibleState {
  if ((node.children ?? []).length === 0) {
    return vscode.TreeItemCollapsibleState.None;
  }
  const open = node.collapsed !== true && (parent === undefined || needsSomething(node));
  return open ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
}

function needsSomething(node: Node): boolean {
  return node.mark === 'warning' || node.mark === 'error' || (node.children ?? []).some(needsSomething);
}

function hasMarks(parent: Item | undefined): boolean {
  return (parent?.node.children ?? []).some(child => child.mark !== '');
}

function kinds(node: Node): Set<Kind> {
  return new Set((node.actions ?? []).map(kindOf));
}

function kindOf(action: Action): Kind {
  return action.shell !== undefined ? 'shell' : action.command !== undefined ? 'command' : 'open';
}

/** What the menus of a line ask for: "place shell". */
function contextValue(node: Node): string {
  return [...node.from !== null && node.from.path !== '' ? ['place'] : [], ...kinds(node)].join(' ');
}

function markWord(mark: Mark): string | undefined {
  switch (mark) {
    case 'ok': return vscode.l10n.t('fine');
    case 'off': return vscode.l10n.t('off');
    case 'warning': return vscode.l10n.t('warning');
    case 'error': return vscode.l10n.t('error');
    case '': return undefined;
  }
}

/** A line for screen readers: what the icon says is a word. */
function spoken(node: Node): string {
  return [markWord(node.mark), node.label, node.value, node.from?.text, ...(node.actions ?? []).map(action => action.title)]
    .filter(part => part !== undefined && part !== '').join(', ');
}

/** Nothing in it is markup but the command lines. */
function tooltip(node: Node): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendText([node.label, node.value].filter(part => part !== '').join(': '));
  if (node.from !== null) {
    text.appendMarkdown('\n\n').appendText(vscode.l10n.t('From {0}', node.from.text));
  }
  for (const action of node.actions ?? []) {
    text.appendMarkdown('\n\n').appendText(`→ ${action.title}`);
    if (action.shell !== undefined) {
      text.appendCodeblock(action.shell, 'shellscript');
    }
  }
  return text;
}

/** The action of a kind; of several a person chooses. */
async function choose(node: Node, kind: Kind): Promise<Action | undefined> {
  const actions = (node.actions ?? []).filter(action => kindOf(action) === kind);
  if (actions.length < 2) {
    return actions[0];
  }
  const picked = await vscode.window.showQuickPick(actions.map(action => ({ label: action.title, detail: action.shell ?? action.open ?? '', action })));
  return picked?.action;
}

async function copy(item: Item): Promise<void> {
  const action = await choose(item.node, 'shell');
  if (action?.shell !== undefined) {
    await vscode.env.clipboard.writeText(action.shell);
  }
}

/** Only commands of ours, and the one that opens the settings. */
async function execute(command: string, args: unknown[]): Promise<void> {
  if (command.startsWith(SERVER_COMMANDS) || command === 'workbench.action.openSettings') {
    await vscode.commands.executeCommand(command, ...args);
  }
}

/** The page of a rule, which came with the extension, by its code or its address; or another address. */
async function openPage(target: string): Promise<void> {
  const rule = /^(?:https:.*\/docs\/rules\/)?([a-z0-9-]+)(?:\.md)?$/.exec(target)?.[1];
  if (rule !== undefined) {
    await vscode.commands.executeCommand(CLIENT_COMMANDS.explain, rule);
  } else if (target.startsWith('https:')) {
    await vscode.env.openExternal(vscode.Uri.parse(target));
  }
}
