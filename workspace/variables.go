package workspace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
)

// State is what a variable is in one project.
type State string

// The states, as `status` prints them.
const (
	Missing  State = "missing"
	Set      State = "set"
	Empty    State = "empty"    // set to the empty text: a default is not used
	Lost     State = "lost"     // .env defines it below a line that dbt cannot read
	Shadowed State = "shadowed" // .env defines it, and another value comes before
)

// secretPrefix marks the names that dbt masks in its logs. dbt tests for it
// without the underscore that usually follows.
const secretPrefix = "DBT_ENV_SECRET"

// Variable is one name that a call or an environment file mentions.
type Variable struct {
	Name    string
	Calls   []*Call // that name it, in the order of Project.Calls
	Need    Need    // the strongest of its calls
	Silent  bool    // a macro whose errors dbt swallows needs it
	State   State
	Source  Source
	Entries []*dotenv.Entry // its lines in .env, the lost ones included
	Example *dotenv.Entry   // its line in the example file, commented or not; nil without one
	Secret  bool            // its name says so
}

// System reports whether every shell sets the name, so that it is never missing.
func (v *Variable) System() bool { return listed(systemNames, v.Name) }

// collect joins calls and environment files by name.
func (p *Project) collect() {
	p.variables = map[string]*Variable{}
	for _, call := range p.Calls {
		if call.Dynamic {
			continue
		}
		v := p.named(call.Name)
		v.Calls = append(v.Calls, call)
		v.Need = max(v.Need, call.Need)
		v.Silent = v.Silent || call.Silent
	}
	if p.EnvFile.Exists() {
		entries := p.EnvFile.Dotenv().Entries
		for i := range entries {
			v := p.named(entries[i].Name)
			v.Entries = append(v.Entries, &entries[i])
		}
	}
	if p.Example != nil {
		file := p.Example.Dotenv()
		for _, entries := range [][]dotenv.Entry{file.Entries, file.Commented} {
			for i := range entries {
				if v := p.named(entries[i].Name); v.Example == nil {
					v.Example = &entries[i]
				}
			}
		}
	}
	p.Variables = make([]*Variable, 0, len(p.variables))
	for _, v := range p.variables {
		v.State, v.Source = p.state(v)
		p.Variables = append(p.Variables, v)
	}
	slices.SortFunc(p.Variables, func(a, b *Variable) int { return cmp.Compare(a.Name, b.Name) })
}

func (p *Project) named(name string) *Variable {
	v := p.variables[name]
	if v == nil {
		v = &Variable{Name: name, Secret: strings.HasPrefix(name, secretPrefix)}
		p.variables[name] = v
	}
	return v
}

func (p *Project) state(v *Variable) (State, Source) {
	value, ok := p.Env.Lookup(v.Name)
	source := p.Env.Source(v.Name)
	switch {
	case !ok && len(v.Entries) > 0:
		return Lost, FromNowhere
	case !ok:
		return Missing, FromNowhere
	case source != FromEnvFile && p.shadows(v, value.Reveal()):
		return Shadowed, source
	case value.Empty():
		return Empty, source
	}
	return Set, source
}

// shadows reports whether .env gives a name another value than the one that counts.
func (p *Project) shadows(v *Variable, effective string) bool {
	if len(v.Entries) == 0 || v.Entries[0].Lost {
		return false
	}
	for _, value := range p.EnvFile.Dotenv().Values(p.Env.process) {
		if value.Entry.Name == v.Name && !value.Duplicate {
			return value.Text.Reveal() != effective
		}
	}
	return false
}
