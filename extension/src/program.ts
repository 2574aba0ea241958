import { chmod, constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { PROGRAM, SECTION } from './identity';

/** Why no server can be started; `message` is for people. */
export class ProgramError extends Error {}

/**
 * Path of the program to start: the setting `dbtHybrid.path`, or else the one that comes with the extension.
 * Throws a ProgramError when it is not there or may not be executed.
 */
export async function findProgram(extension: vscode.ExtensionContext): Promise<string> {
  const configured = vscode.workspace.getConfiguration(SECTION).get<string>('path', '').trim();
  if (configured !== '') {
    return checked(expandHome(configured), vscode.l10n.t('The setting dbtHybrid.path names'));
  }
  const shipped = extension.asAbsolutePath(join('dist', PROGRAM));
  await makeExecutable(shipped);
  return checked(shipped, vscode.l10n.t('This build of the extension should hold'));
}

async function checked(path: string, whoSaysSo: string): Promise<string> {
  if (!isAbsolute(path)) {
    throw new ProgramError(vscode.l10n.t('{0} {1}, which is not an absolute path.', whoSaysSo, path));
  }
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new ProgramError(vscode.l10n.t('{0} {1}, which does not exist.', whoSaysSo, path));
  }
  if (!found.isFile()) {
    throw new ProgramError(vscode.l10n.t('{0} {1}, which is not a file.', whoSaysSo, path));
  }
  try {
    await access(path, constants.X_OK);
  } catch {
    throw new ProgramError(vscode.l10n.t('{0} {1}, which may not be executed.', whoSaysSo, path));
  }
  return path;
}

/** Some ways of installing an extension lose the permission to execute. */
async function makeExecutable(path: string): Promise<void> {
  try {
    await access(path, constants.X_OK);
  } catch {
    await promisify(chmod)(path, 0o755).catch(() => undefined);
  }
}

function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') || path.startsWith('~\\') ? join(homedir(), path.slice(1)) : path;
}
