package engine

import (
	"path/filepath"
	"runtime"
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jsonc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/vscode"
)

// settingsFiles reads the settings files of VS Code and its descendants, each
// once.
type settingsFiles struct {
	env  Lookup
	read map[string]*jsonc.Value
}

// first returns the first of some settings that a file of one of the folders sets,
// and that folder; or that one of the user's files sets, and "".
func (f *settingsFiles) first(folders []string, names ...string) (Setting, string) {
	for _, folder := range folders {
		for _, path := range vscode.SettingsFiles(folder) {
			if s := f.in(path, names); s.Value != "" {
				return s, folder
			}
		}
	}
	for _, path := range userSettings(f.env, runtime.GOOS) {
		if s := f.in(path, names); s.Value != "" {
			return s, ""
		}
	}
	return Setting{}, ""
}

// source returns the folder whose file sets what an editor says of a folder, ""
// where the user says it as well or no file does: an editor does not tell which.
func (f *settingsFiles) source(folder string, said Setting) string {
	says := func(path string) bool { return f.in(path, []string{said.Name}) == said }
	if slices.ContainsFunc(userSettings(f.env, runtime.GOOS), says) {
		return ""
	}
	for at := folder; ; at = filepath.Dir(at) {
		switch {
		case slices.ContainsFunc(vscode.SettingsFiles(at), says):
			return at
		case at == filepath.Dir(at):
			return ""
		}
	}
}

func (f *settingsFiles) in(path string, names []string) Setting {
	settings, known := f.read[path]
	if !known {
		settings = vscode.Settings(path, readBounded(path))
		if f.read == nil {
			f.read = map[string]*jsonc.Value{}
		}
		f.read[path] = settings
	}
	for _, name := range names {
		if v := settings.Get(name); v != nil && v.Kind == jsonc.String && v.Text != "" {
			return Setting{name, v.Text}
		}
	}
	return Setting{}
}

// userSettings returns the user's own settings files: those of the machine that
// an editor is connected to, and those of the editors.
func userSettings(env Lookup, goos string) []string {
	home := homeFolder(env)
	if home == "" {
		return nil
	}
	var paths []string
	for _, server := range []string{".vscode-server", ".cursor-server"} {
		paths = append(paths, filepath.Join(filepath.FromSlash(home), server, "data", "Machine", "settings.json"))
	}
	base := variable(env, "XDG_CONFIG_HOME")
	switch {
	case goos == "windows":
		base = variable(env, "APPDATA")
	case goos == "darwin":
		base = home + "/Library/Application Support"
	case base == "":
		base = home + "/.config"
	}
	for _, editor := range []string{"Code", "Cursor", "Code - Insiders", "VSCodium", "Windsurf"} {
		paths = append(paths, filepath.Join(filepath.FromSlash(base), editor, "User", "settings.json"))
	}
	return paths
}
