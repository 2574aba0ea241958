// Package vscode reads the settings files that VS Code and its descendants find in
// a folder.
package vscode

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jsonc"
)

// workspaceFile is what the name of a file of a workspace ends with.
const workspaceFile = ".code-workspace"

// SettingsFiles returns the paths at which a folder may hold settings, those that
// count more first: its own, and those of workspaces.
func SettingsFiles(folder string) []string {
	return append([]string{filepath.Join(folder, ".vscode", "settings.json")}, workspaceFiles(folder)...)
}

// workspaceFiles returns those in a folder, sorted.
func workspaceFiles(folder string) []string {
	entries, _ := os.ReadDir(folder) // what cannot be read has none
	var paths []string
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), workspaceFile) {
			paths = append(paths, filepath.Join(folder, entry.Name()))
		}
	}
	return paths
}

// Settings returns the settings that the content of such a file holds, as an
// object; nil where there are none.
func Settings(path string, content []byte) *jsonc.Value {
	root := jsonc.Parse(string(content)).Root
	if strings.HasSuffix(path, workspaceFile) {
		return root.Get("settings")
	}
	return root
}
