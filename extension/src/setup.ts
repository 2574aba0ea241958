import * as vscode from 'vscode';
import { SETUP_CONTEXT, WALKTHROUGH } from './identity';
import type { ProjectStatus } from './status';

const STEPS = ['engine', 'profile', 'variables', 'ignored', 'linked', 'deferring'] as const;

/** Steps of setting up that are done, as the server says. */
export type Setup = Record<typeof STEPS[number], boolean>;

/** The walkthrough "Set up hybrid development": a step is ticked while it is done in every project. */
export class Walkthrough implements vscode.Disposable {
  private readonly subscription: vscode.Disposable;
  private readonly ticked = new Map<string, boolean>();
  private projects: ProjectStatus[] = [];
  private shown = false;

  /** `extension` is the extension's identifier. */
  constructor(private readonly extension: string) {
    this.subscription = vscode.window.tabGroups.onDidChangeTabs(({ opened, changed }) => {
      // A walkthrough is among the tabs that VS Code tells nothing about.
      if ([...opened, ...changed].some(tab => tab.input === undefined)) {
        this.markAll();
      }
    });
  }

  async open(): Promise<void> {
    await vscode.commands.executeCommand('workbench.action.openWalkthrough', `${this.extension}#${WALKTHROUGH}`, false);
    this.markAll();
  }

  tick(projects: ProjectStatus[]): void {
    this.projects = projects;
    for (const step of STEPS) {
      void vscode.commands.executeCommand('setContext', SETUP_CONTEXT + step, this.done(step));
    }
    if (this.shown) {
      this.markAll();
    }
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private done(step: keyof Setup): boolean {
    return this.projects.length > 0 && this.projects.every(project => project.setup?.[step] === true);
  }

  /**
   * VS Code does not tick what was done before it has read the walkthrough, which it does when one is shown, and keeps
   * ticks of other folders. So the steps are marked too, each when it changes: what a person ticks meanwhile stays.
   */
  private markAll(): void {
    this.shown = true;
    for (const step of STEPS) {
      const done = this.done(step);
      if (this.ticked.get(step) !== done) {
        this.ticked.set(step, done);
        const mark = done ? 'welcome.markStepComplete' : 'welcome.markStepIncomplete';
        vscode.commands.executeCommand(mark, `${this.extension}#${WALKTHROUGH}#${step}`).then(undefined, () => undefined);
      }
    }
  }
}
