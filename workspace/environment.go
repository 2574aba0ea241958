package workspace

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// Source is where the value of a variable comes from.
type Source uint8

// The sources of a variable.
const (
	FromNowhere Source = iota
	FromShell
	FromEnvFile
	FromEditor
)

// String returns the source as `status` prints it.
func (s Source) String() string { return [...]string{"", "shell", ".env", "editor"}[s] }

// Environment is what env_var() sees in one project: the process that dbt is
// started from, the editor's settings, then .env, which never overwrites
// (dbt-main/src/main_impl.rs).
type Environment struct {
	shell  map[string]secret.Text
	editor map[string]secret.Text
	file   *File
	values *dotenv.Values    // of .env; nil without one
	engine map[string]string // DBT_X → DBT_ENGINE_X, from which dbt copies it
	plain  bool              // a DBT_X that is set is not copied over
	asked  *asked            // notes what is looked up; nil where nobody wants to know
}

// EnginePrefix marks the variables that dbt keeps for its own options, and copies to
// the name without "ENGINE_".
const EnginePrefix = "DBT_ENGINE_"

func newEnvironment(shell, editor map[string]secret.Text, file *File) *Environment {
	e := &Environment{shell: shell, editor: editor, file: file, engine: map[string]string{}}
	if file.Exists() {
		e.values = file.Dotenv().Values(e.process)
	}
	e.copyEngineSettings()
	return e
}

// copyEngineSettings does what dbt does after reading .env: DBT_ENGINE_X is
// copied over DBT_X (since preview.203 also over one that exists).
func (e *Environment) copyEngineSettings() {
	note := func(name string) {
		if rest, ok := strings.CutPrefix(name, EnginePrefix); ok && dbt.Copied(rest) {
			e.engine["DBT_"+rest] = name
		}
	}
	for name := range e.shell {
		note(name)
	}
	for name := range e.editor {
		note(name)
	}
	if e.values != nil {
		env := e.file.Dotenv()
		for _, i := range env.Prefixed(EnginePrefix) {
			if i < e.values.Len() {
				note(env.Name(&env.Entries[i]))
			}
		}
	}
}

// inFile returns what .env says of a name, whether it counts or not.
func (e *Environment) inFile(name string) (dotenv.Value, bool) {
	if e.values == nil {
		return dotenv.Value{}, false
	}
	i, ok := e.file.Dotenv().First(name)
	if !ok || i >= e.values.Len() {
		return dotenv.Value{}, false
	}
	return e.values.At(i), true
}

// process looks a name up in what stands before .env.
func (e *Environment) process(name string) (secret.Text, bool) {
	if v, ok := e.shell[name]; ok {
		return v, true
	}
	v, ok := e.editor[name]
	return v, ok
}

// Lookup returns the value that env_var() gives for a name.
func (e *Environment) Lookup(name string) (secret.Text, bool) {
	value, source := e.find(name)
	return value, source != FromNowhere
}

// Source says where the value of a name comes from.
func (e *Environment) Source(name string) Source {
	_, source := e.find(name)
	return source
}

func (e *Environment) find(name string) (secret.Text, Source) {
	value, source := e.answer(name)
	e.asked.note(name, answer{value: value, source: source})
	return value, source
}

func (e *Environment) answer(name string) (secret.Text, Source) {
	if from, ok := e.engine[name]; ok {
		name = from
	}
	if v, ok := e.shell[name]; ok {
		return v, FromShell
	}
	if v, ok := e.editor[name]; ok {
		return v, FromEditor
	}
	if v, ok := e.inFile(name); ok {
		return v.Text, FromEnvFile
	}
	return secret.Text{}, FromNowhere
}

// Entry returns the line of .env that gives a name its value.
func (e *Environment) Entry(name string) (*dotenv.Entry, bool) {
	if from, ok := e.engine[name]; ok {
		name = from
	}
	v, ok := e.inFile(name)
	if v.Shadowed {
		return nil, false
	}
	return v.Entry, ok
}

// namesOutside returns the names for which want holds of the variables that are
// set before .env is read, in no order.
func (e *Environment) namesOutside(want func(string) bool) []string {
	var names []string
	for _, variables := range []map[string]secret.Text{e.shell, e.editor} {
		for name := range variables {
			if want(name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// Setting returns the variable that sets one of dbt's own options, such as
// TARGET for DBT_TARGET and DBT_ENGINE_TARGET.
func (e *Environment) Setting(option string) dbt.Setting {
	name := "DBT_" + option
	value, ok := e.Lookup(name)
	if !ok {
		return dbt.Setting{}
	}
	if from, ok := e.engine[name]; ok {
		name = from
	}
	return dbt.Setting{Value: value.Reveal(), Set: true, From: e.Origin(name)}
}

// Origin returns the place that a variable's value comes from.
func (e *Environment) Origin(name string) dbt.Origin {
	value, source := e.answer(name)
	origin := e.origin(name, source)
	e.asked.note(name, answer{value, source, origin})
	return origin
}

func (e *Environment) origin(name string, source Source) dbt.Origin {
	origin := dbt.Origin{Name: name}
	switch source {
	case FromShell:
		origin.Kind = dbt.OriginShell
	case FromEditor:
		origin.Kind = dbt.OriginEditor
	case FromEnvFile:
		entry, _ := e.Entry(name)
		origin.Kind, origin.Path, origin.Span = dbt.OriginEnvFile, e.file.Path, entry.Key()
	}
	return origin
}
