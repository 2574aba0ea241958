/**
 * The files that the server is told of while they are edited: those that dbt reads, and those that a finding can stand in.
 * They are told apart by name, never by language: which language a `.env` has depends on the version of VS Code.
 * Of Python and JavaScript dbt reads functions only, so that most such files of a workspace are nobody's business here.
 */
export const FILES = [
  '**/.env', '**/.ENV', '**/.Env', '**/.env.*', '**/*.env', '**/env', '**/env.txt', '**/env.example', '**/env.sample',
  '**/*.[yY][mM][lL]', '**/*.[yY][aA][mM][lL]', '**/profiles.yml.bkp',
  '**/*.[sS][qQ][lL]', '**/functions/**/*.[pP][yY]', '**/functions/**/*.[jJ][sS]',
  // what calls dbt, or installs it
  '**/*.sh', '**/*.bash', '**/*.zsh', '**/*.ps1', '**/*.bat', '**/*.cmd', '**/*.mk', '**/*.just', '**/.husky/*', '**/.githooks/*',
  '**/Makefile', '**/makefile', '**/GNUmakefile', '**/justfile', '**/Justfile', '**/.justfile', '**/Jenkinsfile', '**/Dockerfile',
  '**/requirements*.txt', '**/dev-requirements.txt', '**/pyproject.toml', '**/Pipfile', '**/package.json',
  '**/.vscode/tasks.json', '**/.vscode/launch.json', '**/devcontainer.json', '**/.devcontainer.json',
];
