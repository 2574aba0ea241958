package engine

import (
	"encoding/json"
	"path/filepath"
	"runtime"
	"slices"
)

// settingsFiles reads the settings files of VS Code and its descendants, each
// once.
type settingsFiles struct {
	env  Lookup
	read map[string]map[string]json.RawMessage
}

// first returns the first of some settings that a file of the folder sets, and
// the folder; or that one of the user's files sets, and "".
func (f *settingsFiles) first(folder string, names ...string) (Setting, string) {
	if s := f.in(filepath.Join(folder, ".vscode", "settings.json"), names); s.Value != "" {
		return s, folder
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
		case says(filepath.Join(at, ".vscode", "settings.json")):
			return at
		case at == filepath.Dir(at):
			return ""
		}
	}
}

func (f *settingsFiles) in(path string, names []string) Setting {
	values, known := f.read[path]
	if !known {
		if content := readBounded(path); content != nil {
			_ = json.Unmarshal(plainJSON(content), &values) // half typed: nothing is set
		}
		if f.read == nil {
			f.read = map[string]map[string]json.RawMessage{}
		}
		f.read[path] = values
	}
	for _, name := range names {
		var text string
		if json.Unmarshal(values[name], &text) == nil && text != "" {
			return Setting{name, text}
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

// plainJSON takes comments and the commas before a closing bracket out of a
// settings file.
func plainJSON(content []byte) []byte {
	out := make([]byte, 0, len(content))
	for i := 0; i < len(content); {
		switch c := content[i]; {
		case c == '"':
			end := endOfString(content, i)
			out = append(out, content[i:end]...)
			i = end
		case c == '/' && i+1 < len(content) && (content[i+1] == '/' || content[i+1] == '*'):
			i = endOfComment(content, i)
		case c == ']' || c == '}':
			out = append(withoutComma(out), c)
			i++
		default:
			out = append(out, c)
			i++
		}
	}
	return out
}

func endOfString(content []byte, start int) int {
	for i := start + 1; i < len(content); i++ {
		switch content[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(content)
}

func endOfComment(content []byte, start int) int {
	for i := start + 2; i < len(content); i++ {
		if content[start+1] == '/' && content[i] == '\n' {
			return i
		}
		if content[start+1] == '*' && content[i] == '/' && content[i-1] == '*' && i > start+2 {
			return i + 1
		}
	}
	return len(content)
}

// withoutComma takes off the last comma, and the blanks after it.
func withoutComma(out []byte) []byte {
	for i := len(out) - 1; i >= 0; i-- {
		switch out[i] {
		case ' ', '\t', '\r', '\n':
			continue
		case ',':
			return out[:i]
		}
		break
	}
	return out
}
