package workspace

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// skippedFolders are never looked into for projects: installed packages, what
// dbt writes, and what other tools put there.
var skippedFolders = [...]string{
	"dbt_packages", "dbt_modules", "dbt_internal_packages", "target", "logs",
	"node_modules", "site-packages", "venv", "env", "__pycache__",
}

// FindProjects returns the folders at and below the given ones that hold a
// dbt_project.yml, sorted. Links are not followed, hidden folders are passed over.
func FindProjects(folders []string) []string {
	var roots []string
	for _, folder := range folders {
		roots = append(roots, projectsBelow(filepath.Clean(folder))...)
	}
	slices.Sort(roots)
	return slices.Compact(roots)
}

func projectsBelow(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var roots, skip []string
	for _, entry := range entries {
		if entry.Name() == dbt.ProjectFileName && !entry.IsDir() {
			roots = append(roots, dir)
			skip = packageFolders(dir)
		}
	}
	for _, entry := range entries {
		name := entry.Name()
		if !entry.IsDir() || name[0] == '.' || slices.Contains(skippedFolders[:], name) || slices.Contains(skip, filepath.Join(dir, name)) {
			continue
		}
		if isVirtualEnv(filepath.Join(dir, name)) {
			continue
		}
		roots = append(roots, projectsBelow(filepath.Join(dir, name))...)
	}
	return roots
}

// packageFolders returns the folders into which a project installs packages.
func packageFolders(root string) []string {
	file := readFile(filepath.Join(root, dbt.ProjectFileName))
	if !file.Exists() {
		return nil
	}
	return []string{filepath.Join(root, dbt.ProjectFile{YAML: file.YAML()}.PackagesInstallPath())}
}

func isVirtualEnv(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, "pyvenv.cfg"))
	return err == nil
}

// ProjectAbove returns the folder of the project that a path lies in, as dbt
// finds it: upwards.
func ProjectAbove(path string) (string, bool) {
	for dir := filepath.Clean(path); ; {
		if info, err := os.Stat(filepath.Join(dir, dbt.ProjectFileName)); err == nil && info.Mode().IsRegular() {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}
