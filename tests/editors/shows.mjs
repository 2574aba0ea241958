// Tests that share one VS Code, or have one of their own, and keep what there is to know of one that fails.
import { after, before, test } from 'node:test';
import { startOnMachine } from './machine.mjs';

const TIMEOUT = 300_000;

/** A VS Code with the options of `startOnMachine`. Gives a function that declares a test, whose work is given that VS Code. */
export function inVSCode(options) {
  let vscode;
  before(async () => {
    vscode = await startOnMachine(options);
  });
  after(() => vscode?.stop());
  return (name, work) => {
    test(name, { timeout: TIMEOUT }, () => recorded(vscode, name, work));
  };
}

/** Declares a test whose work is given a VS Code of its own. */
export function inOwnVSCode(name, options, work) {
  test(name, { timeout: TIMEOUT }, async () => {
    const vscode = await startOnMachine(options);
    try {
      await recorded(vscode, name, work);
    } finally {
      await vscode.stop();
    }
  });
}

/** Keeps a picture of what went wrong, and what the output channel held by then. */
async function recorded(vscode, name, work) {
  try {
    await work(vscode);
  } catch (error) {
    await vscode.screenshot(`failed ${name}`);
    throw new Error(`${error.message}\nthe output was:\n${vscode.output()}`, { cause: error });
  }
}
