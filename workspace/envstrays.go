package workspace

import (
	"os"
	"path/filepath"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
)

// envNames are names that people give to a file meant as .env.
var envNames = [...]string{
	".env.local", "env", "dbt.env", ".env.dbt", ".env.txt", "env.txt", ".env.dev", ".env.development", "local.env", ".ENV", ".Env",
}

// maxEnvFolders bounds in how many folders beside the project's a .env is
// looked for.
const maxEnvFolders = 200

// envCopies returns, where dbt finds no .env, the files that may be meant as one:
// those of other names in the folder in which dbt runs, and the .env of folders
// above, up to the top of the repository, and below.
func (b *builder) envCopies() (misnamed, misplaced []*File) {
	if !b.EnvFile.Absent() || b.Machine.Repository {
		return nil, nil
	}
	var names, places []string
	for _, name := range envNames {
		names = append(names, filepath.Join(b.WorkingDir, name))
	}
	if b.Root != b.WorkingDir {
		places = append(places, filepath.Join(b.Root, dbt.EnvFileName))
	}
	top := b.Project.around.from.top
	for dir := filepath.Dir(b.WorkingDir); dir != b.Machine.Home; dir = filepath.Dir(dir) {
		places = append(places, filepath.Join(dir, dbt.EnvFileName))
		if _, inside := fspath.Rel(top, dir); top == "" || dir == top || !inside || dir == filepath.Dir(dir) {
			break
		}
	}
	return b.existing(names), b.existing(append(places, b.envBelow()...))
}

// envBelow lists where a .env may lie in the subfolders, but for those of other
// projects.
func (b *builder) envBelow() []string {
	entries, err := os.ReadDir(b.WorkingDir)
	if err != nil {
		return nil
	}
	var paths []string
	for _, entry := range entries {
		if !entry.IsDir() || skipped(entry.Name()) {
			continue
		}
		if len(paths) == maxEnvFolders {
			break
		}
		dir := filepath.Join(b.WorkingDir, entry.Name())
		if _, err := os.Stat(filepath.Join(dir, dbt.ProjectFileName)); err != nil {
			paths = append(paths, filepath.Join(dir, dbt.EnvFileName))
		}
	}
	return paths
}
