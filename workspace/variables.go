package workspace

import (
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

// A roster is the names of all variables of a project, sorted. It is the same
// for many snapshots.
type roster struct {
	names []string
	place map[string]int
}

func newRoster(names []string) *roster {
	slices.Sort(names)
	names = slices.Compact(names)
	r := &roster{names, make(map[string]int, len(names))}
	for i, name := range names {
		r.place[name] = i
	}
	return r
}

// Variable returns what is known of a name, nil if nothing mentions it.
func (p *Project) Variable(name string) *Variable {
	if i, ok := p.roster.place[name]; ok {
		return p.Variables[i]
	}
	return nil
}

// collect joins calls and environment files by name.
func (p *Project) collect(before *Project) {
	p.roster = before.roster
	if before.Env == p.Env && before.EnvFile == p.EnvFile && before.Example == p.Example {
		if before.ledger.same(p.ledger) {
			p.Variables = before.Variables
			return
		}
		if p.rejoin(before) {
			return
		}
	}
	if p.roster == nil || !p.join() {
		p.roster = newRoster(p.mentioned())
		p.join()
	}
}

// rejoin makes the variables again whose calls have changed since the project
// before; nothing else has. It reports false where the roster is not right, or
// most has changed.
func (p *Project) rejoin(before *Project) bool {
	names, ok := p.ledger.changes(before.ledger)
	if !ok {
		return false
	}
	p.Variables = slices.Clone(before.Variables)
	for _, name := range names {
		i, ok := p.roster.place[name]
		if !ok {
			return false
		}
		v := *before.Variables[i]
		v.Calls, v.Need, v.Silent = nil, NeedNone, false
		p.Variables[i] = &v
	}
	for _, call := range p.Calls {
		if !call.Dynamic && slices.Contains(names, call.Name) {
			p.Variable(call.Name).add(call)
		}
	}
	for _, name := range names {
		if !p.Variable(name).mentioned() {
			return false
		}
	}
	return true
}

func (v *Variable) add(call *Call) {
	v.Calls = append(v.Calls, call)
	v.Need = max(v.Need, call.Need)
	v.Silent = v.Silent || call.Silent
}

func (v *Variable) mentioned() bool { return v.Calls != nil || v.Entries != nil || v.Example != nil }

// mentioned returns all names, some of them several times.
func (p *Project) mentioned() []string {
	var names []string
	for _, call := range p.Calls {
		if !call.Dynamic {
			names = append(names, call.Name)
		}
	}
	for _, entries := range p.envEntries() {
		for i := range entries {
			names = append(names, entries[i].Name)
		}
	}
	return names
}

// envEntries returns the assignments of .env, then those of the example file.
func (p *Project) envEntries() [3][]dotenv.Entry {
	var all [3][]dotenv.Entry
	if p.EnvFile.Exists() {
		all[0] = p.EnvFile.Dotenv().Entries
	}
	if p.Example != nil {
		file := p.Example.Dotenv()
		all[1], all[2] = file.Entries, file.Commented
	}
	return all
}

// join makes the variables of the roster. It reports false when the roster is
// not right: a name is new, or nothing mentions one any more.
func (p *Project) join() bool {
	names := p.roster.names
	variables := make([]Variable, len(names))
	at := func(name string) *Variable {
		if i, ok := p.roster.place[name]; ok {
			return &variables[i]
		}
		return nil
	}
	for _, call := range p.Calls {
		if call.Dynamic {
			continue
		}
		v := at(call.Name)
		if v == nil {
			return false
		}
		v.add(call)
	}
	for file, entries := range p.envEntries() {
		for i := range entries {
			v := at(entries[i].Name)
			switch {
			case v == nil:
				return false
			case file == 0:
				v.Entries = append(v.Entries, &entries[i])
			case v.Example == nil:
				v.Example = &entries[i]
			}
		}
	}
	p.Variables = make([]*Variable, len(names))
	for i, name := range names {
		v := &variables[i]
		if !v.mentioned() {
			return false
		}
		v.Name, v.Secret = name, strings.HasPrefix(name, secretPrefix)
		v.State, v.Source = p.state(v)
		p.Variables[i] = v
	}
	return true
}

func (p *Project) state(v *Variable) (State, Source) {
	value, source := p.Env.find(v.Name)
	switch {
	case source == FromNowhere && len(v.Entries) > 0:
		return Lost, FromNowhere
	case source == FromNowhere:
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
	value, ok := p.Env.inFile(v.Name)
	return ok && value.Text.Reveal() != effective
}
