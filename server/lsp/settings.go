package lsp

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// settings are those of all folders. They never change; a change makes new ones.
type settings struct {
	initial folderSettings // those of the start, for a client that tells of none later
	common  folderSettings // where a folder has none of its own
	folders []scoped
}

type scoped struct {
	path string
	folderSettings
}

// folderSettings are the settings of one folder.
type folderSettings struct {
	workspace    workspace.Settings
	rules        map[string]diagnostics.Severity
	checkUpdates bool
	channel      string         // dbtHybrid.updates.channel
	program      engine.Setting // the dbt that the dbt extension starts
	interpreter  engine.Setting // the Python that editors select
	badReleases  engine.Setting // a file of the releases to keep away from
	noHints      bool           // no inlay hints
	showValues   bool           // of variables that are no secrets
}

// of returns the settings of the innermost folder around a path.
func (s *settings) of(path string) *folderSettings {
	best := &s.common
	length := -1
	for i := range s.folders {
		f := &s.folders[i]
		if len(f.path) > length && fspath.Within(f.path, path) {
			best, length = &f.folderSettings, len(f.path)
		}
	}
	return best
}

// updates reports whether any folder wants to know of newer releases.
func (s *settings) updates() bool {
	if len(s.folders) == 0 {
		return s.common.checkUpdates
	}
	for i := range s.folders {
		if s.folders[i].checkUpdates {
			return true
		}
	}
	return false
}

// follows returns the channel of dbt's release list that is asked for: there is
// one dbt on the machine, so the first folder that names one decides.
func (s *settings) follows() string {
	for i := range s.folders {
		if s.folders[i].channel != "" {
			return s.folders[i].channel
		}
	}
	return s.common.channel
}

// readSettings reads settings without their prefix, nested or with dots. What
// has another type than it should counts as not set.
func readSettings(o object) folderSettings {
	f := folderSettings{rules: map[string]diagnostics.Severity{}, checkUpdates: true}
	f.workspace.Target, _ = o.get("target").(string)
	f.workspace.ProfilesDir, _ = o.get("profilesDir").(string)
	f.workspace.WorkingDir, _ = o.get("workingDirectory").(string)
	if check, ok := o.get("updates.check").(bool); ok {
		f.checkUpdates = check
	}
	f.channel, _ = o.get("updates.channel").(string)
	f.program = programSetting(o, "dbt.fusionPath", "dbt.dbtPath")
	f.interpreter = programSetting(o, "python.defaultInterpreterPath")
	f.badReleases = programSetting(o, "dbt.badReleasesManifestPath")
	if hints, ok := o.get("inlayHints.enable").(bool); ok {
		f.noHints = !hints
	}
	f.showValues = o.get("showValues") == "notSecret"
	rules, _ := o.get("rules").(map[string]any)
	for code, value := range rules {
		name, _ := value.(string)
		if severity, ok := diagnostics.ParseSeverity(name); ok {
			f.rules[code] = severity
		}
	}
	readDbtSettings(&f.workspace, o)
	return f
}

// programSetting returns the first of some settings that names a program, or
// another file.
func programSetting(o object, names ...string) engine.Setting {
	for _, name := range names {
		if value, ok := o.get(name).(string); ok && value != "" {
			return engine.Setting{Name: name, Value: value}
		}
	}
	return engine.Setting{}
}

// readDbtSettings reads those of the dbt extension.
func readDbtSettings(w *workspace.Settings, o object) {
	if on, ok := o.get("dbt.flag.defer").(bool); ok {
		w.Defer = &on
	}
	w.State, _ = o.get("dbt.flag.state").(string)
	variables, _ := o.get("dbt.environmentVariables").(map[string]any)
	for name, value := range variables {
		if w.Environment == nil {
			w.Environment = map[string]secret.Text{}
		}
		switch v := value.(type) {
		case string:
			w.Environment[name] = secret.New(v)
		case bool, float64:
			w.Environment[name] = secret.New(fmt.Sprint(v))
		}
	}
}

// object is a JSON object whose members may be nested or named with dots.
type object map[string]any

// decodeObject reads a JSON object; anything else gives an empty one.
func decodeObject(raw []byte) object {
	var o object
	if len(raw) == 0 || json.Unmarshal(raw, &o) != nil {
		return object{}
	}
	return o
}

// get returns the member at a path with dots, nil without one.
func (o object) get(path string) any {
	if v, ok := o[path]; ok {
		return v
	}
	for at := range path {
		if path[at] != '.' {
			continue
		}
		if inner, ok := o[path[:at]].(map[string]any); ok {
			if v := object(inner).get(path[at+1:]); v != nil {
				return v
			}
		}
	}
	return nil
}

// texts returns a member that is a list of texts.
func (o object) texts(path string) []string {
	list, _ := o.get(path).([]any)
	var all []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// has says whether a member is a list with the text.
func (o object) has(path, value string) bool { return slices.Contains(o.texts(path), value) }

// is says whether a member is true.
func (o object) is(path string) bool {
	v, _ := o.get(path).(bool)
	return v
}
