import * as vscode from 'vscode';
import { CLIENT_COMMANDS } from './identity';

/** Folder of the pages in the extension, one Markdown file a rule. */
const PAGES = ['docs', 'rules'];

/** A code of a rule: it becomes part of a path. */
const CODE = /^[a-z][a-z0-9-]*$/;

/** The link of a finding's code: VS Code hands it to `pageHandler`. `extension` is the identifier that the manifest gives. */
export function pageLink(extension: string, code: string): vscode.Uri {
  return vscode.Uri.from({ scheme: vscode.env.uriScheme, authority: extension, path: `/rules/${code}` });
}

/** Shows the page of a rule; without a code it asks which. */
export async function explain(extension: vscode.Uri, code?: unknown): Promise<void> {
  const chosen = typeof code === 'string' ? code : await pick(extension);
  if (chosen === undefined) {
    return;
  }
  const page = vscode.Uri.joinPath(extension, ...PAGES, `${chosen}.md`);
  if (!CODE.test(chosen) || !(await exists(page))) {
    void vscode.window.showErrorMessage(vscode.l10n.t('dbt Hybrid has no rule {0}.', chosen));
    return;
  }
  await vscode.commands.executeCommand('markdown.showPreview', page);
}

/** Opens `<scheme>://<extension>/rules/<code>`: what a finding's code links to. */
export function pageHandler(): vscode.UriHandler {
  return {
    handleUri: uri => vscode.commands.executeCommand(CLIENT_COMMANDS.explain, uri.path.replace(/^\/rules\//, '')),
  };
}

async function pick(extension: vscode.Uri): Promise<string | undefined> {
  const files = await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(extension, ...PAGES)).then(found => found, () => []);
  const codes = files.map(([name]) => name).filter(name => name.endsWith('.md')).map(name => name.slice(0, -3)).sort();
  return vscode.window.showQuickPick(codes, { placeHolder: vscode.l10n.t('Which rule?') });
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
