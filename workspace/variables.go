package workspace

import (
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/parallel"
)

// State is what a variable is in one project.
type State uint8

// The states.
const (
	Missing State = iota
	Set
	Empty    // set to the empty text: a default is not used
	Lost     // .env defines it below a line that dbt cannot read
	Shadowed // .env defines it, and another value comes before
)

// String returns the state as `status` prints it.
func (s State) String() string {
	return [...]string{"missing", "set", "empty", "lost", "shadowed"}[s]
}

// secretPrefix marks the names that dbt masks in its logs. dbt tests for it
// without the underscore that usually follows.
const secretPrefix = "DBT_ENV_SECRET"

// Variable is one name that a call or an environment file mentions.
type Variable struct {
	Name    string
	Calls   []*Call       // that name it, in the order of Project.Calls
	Example *dotenv.Entry // its line in the example file, commented or not; nil without one
	Need    Need          // the strongest of its calls
	Silent  bool          // a macro whose errors dbt swallows needs it
	// Required says that dbt cannot do without one of its calls in the project's own
	// files. What ~/.dbt or a package asks for is not for everybody who has the
	// repository.
	Required bool
	Secret   bool // its name says so

	place int32 // in Project.Variables
	line  int32 // its first assignment in .env, a lost one as well: the number of those up to it; 0 without one
}

// condition is what a variable is at a moment. It is kept apart from what names
// the variable, which is the same for as long as only values are typed.
type condition struct {
	state  State
	source Source
}

// State says what a variable of the project is.
func (p *Project) State(v *Variable) State { return p.conditions[v.place].state }

// InState gives the variables that are in a state, in no order.
func (p *Project) InState(s State) iter.Seq[*Variable] {
	return func(yield func(*Variable) bool) {
		for i := range p.conditions {
			if p.conditions[i].state == s && !yield(&p.Variables[i]) {
				return
			}
		}
	}
}

// Source says where the value of a variable of the project comes from.
func (p *Project) Source(v *Variable) Source { return p.conditions[v.place].source }

// SameVariables reports whether two states of a project have the same variables
// and each is in both what it is in the other.
func (p *Project) SameVariables(q *Project) bool {
	same := len(p.Variables) == len(q.Variables) && (len(p.Variables) == 0 || &p.Variables[0] == &q.Variables[0])
	return same && slices.Equal(p.conditions, q.conditions) && p.around.suppliers == q.around.suppliers
}

// System reports whether every shell sets the name, so that it is never missing.
func (v *Variable) System() bool {
	switch v.Name {
	case "HOME", "USER", "PATH", "PWD", "SHELL", "LANG", "TERM", "LOGNAME", "TMPDIR", "HOSTNAME",
		"USERPROFILE", "USERNAME", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP", "COMPUTERNAME":
		return true
	}
	return false
}

// joined are the variables of a project, which stay the same while only values
// are typed.
type joined struct {
	Variables []Variable  // in no order that means anything
	Called    []*Variable // those that a call names, sorted by name

	unassigned []int32    // places of those that .env has no line of
	uncalled   [2][]int32 // assignments of .env and of the example to names that no call has
	repeated   bool       // the example file has a name twice
	places     [3][]int32 // in Variables, of the assignments of .env and the example
	callPlaces []int32    // the same of all calls, those without a name included; nil where it is not known
}

// SortedVariables returns the variables sorted by name.
func (p *Project) SortedVariables() []*Variable {
	all := make([]*Variable, 0, len(p.Variables))
	for _, place := range p.roster.sorted() {
		all = append(all, &p.Variables[place])
	}
	return all
}

// many is how many variables or lines one goroutine goes through at a time.
const many = 4096

func byName(a, b *Variable) int { return strings.Compare(a.Name, b.Name) }

// A roster is the names of all variables of a project, each at its place. It is
// the same for many snapshots.
type roster struct {
	env     *dotenv.File   // whose names are the first of them; nil without one
	firsts  []int32        // of these names, the first of its entries
	inEnv   []int32        // places of its entries
	added   []string       // the names behind those
	others  map[string]int // their places
	options []int          // places of the names that dbt takes for options of its own
	sorted  func() []int   // all places, by name
}

// count returns how many names there are.
func (r *roster) count() int { return len(r.firsts) + len(r.added) }

// name returns the name at a place. Those of .env are cut from its text: a list of
// them would be one more of many pointers for the collector of garbage to follow.
func (r *roster) name(place int) string {
	if place < len(r.firsts) {
		return r.env.Name(&r.env.Entries[r.firsts[place]])
	}
	return r.added[place-len(r.firsts)]
}

// newRoster makes the roster of the project, and says where in it the assignments
// of .env and of the example file are.
func (p *Project) newRoster() (r *roster, places [3][]int32) {
	r = &roster{others: map[string]int{}}
	lists := p.assignments()
	if p.EnvFile.Exists() {
		r.addEnv(p.EnvFile.Dotenv())
	}
	places[0] = r.inEnv
	for i := 1; i < len(lists); i++ {
		places[i] = r.addExample(&lists[i])
	}
	for _, call := range p.Calls {
		if !call.Dynamic {
			r.add(call.Name)
		}
	}
	r.findOptions()
	r.sorted = sync.OnceValue(r.sort)
	return r, places
}

func (r *roster) sort() []int {
	places := make([]int, r.count())
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int { return strings.Compare(r.name(a), r.name(b)) })
	return places
}

// findOptions looks each option up, since most projects have more names than dbt
// has options.
func (r *roster) findOptions() {
	for name := range dbt.NamesMeantForDbt() {
		if place, ok := r.find(name); ok {
			r.options = append(r.options, place)
		}
	}
	if r.env != nil {
		for _, i := range r.env.Prefixed(EnginePrefix) {
			if r.env.FirstOf(i) == i {
				r.options = append(r.options, int(r.inEnv[i]))
			}
		}
	}
	for i, name := range r.added {
		if strings.HasPrefix(name, EnginePrefix) {
			r.options = append(r.options, len(r.firsts)+i)
		}
	}
}

// addEnv adds the names of .env, which has found out which of them are the same.
func (r *roster) addEnv(env *dotenv.File) {
	r.env, r.inEnv, r.firsts = env, make([]int32, len(env.Entries)), make([]int32, 0, len(env.Entries))
	for i := range env.Entries {
		if first := env.FirstOf(i); first < i {
			r.inEnv[i] = r.inEnv[first]
			continue
		}
		r.inEnv[i] = int32(len(r.firsts))
		r.firsts = append(r.firsts, int32(i))
	}
}

// addExample adds the names of an example file.
func (r *roster) addExample(list *assignments) (places []int32) {
	places = make([]int32, len(list.entries))
	parallel.Each((len(places)+many-1)/many, 1, func(part int) {
		r.findAll(list, places, part*many, min((part+1)*many, len(places)))
	})
	for i, at := range places {
		if at < 0 {
			places[i] = int32(r.add(list.name(i)))
		}
	}
	return places
}

// findAll finds the places of a part of a list; -1 for names that have none. Most
// stand in .env as well, in the same order, where they need not be searched.
func (r *roster) findAll(list *assignments, places []int32, from, to int) {
	next := 0
	for i := from; i < to; i++ {
		name := list.name(i)
		if next >= r.count() || r.name(next) != name {
			at, known := r.find(name)
			if !known {
				places[i] = -1
				continue
			}
			next = at
		}
		places[i] = int32(next)
		next++
	}
}

// add returns the place of a name, a new one if it has none.
func (r *roster) add(name string) (place int) {
	place, known := r.find(name)
	if !known {
		place = r.count()
		r.others[name] = place
		r.added = append(r.added, name)
	}
	return place
}

// find returns the place of a name.
func (r *roster) find(name string) (place int, ok bool) {
	if r.env != nil {
		if i, ok := r.env.Find(name); ok {
			return int(r.inEnv[i]), true
		}
	}
	place, ok = r.others[name]
	return place, ok
}

// places finds the places of the assignments of a file. While somebody types,
// nearly all are where they were the last time, which is quicker to see than to
// look up; last says where. ok is false where a name has no place.
func (r *roster) places(list *assignments, last []int32) (places []int32, ok bool) {
	places = make([]int32, len(list.entries))
	shift := 0 // lines that came or went above
	was := func(i int) int {
		if i += shift; i >= 0 && i < len(last) {
			return int(last[i])
		}
		return -1
	}
	for i := range places {
		name := list.name(i)
		if at := was(i); at >= 0 && at < r.count() && r.name(at) == name {
			places[i] = int32(at)
			continue
		}
		at, known := r.find(name)
		if !known {
			return nil, false
		}
		places[i] = int32(at)
		switch at {
		case was(i + 1):
			shift++
		case was(i - 1):
			shift--
		}
	}
	return places, true
}

// FirstEntry returns the first line of .env that assigns to a variable, a lost
// one as well; nil without one.
func (p *Project) FirstEntry(v *Variable) *dotenv.Entry {
	if !v.Assigned() {
		return nil
	}
	return &p.EnvFile.Dotenv().Entries[v.line-1]
}

// Assignments returns all lines of .env that assign to a variable, the lost ones as
// well.
func (p *Project) Assignments(v *Variable) []*dotenv.Entry {
	if !v.Assigned() {
		return nil
	}
	var all []*dotenv.Entry
	env, first := p.EnvFile.Dotenv(), int(v.line-1)
	for i := first; i < len(env.Entries); i++ {
		if env.FirstOf(i) == first {
			all = append(all, &env.Entries[i])
		}
	}
	return all
}

// Assigned reports whether a line of .env assigns to a variable, be it a lost one.
func (v *Variable) Assigned() bool { return v.line > 0 }

// AssignedBy returns the variable to which the i-th entry of .env or of the example
// file gives a value.
func (p *Project) AssignedBy(file *File, i int) *Variable {
	if file == p.Example {
		return &p.Variables[p.places[1][i]]
	}
	return &p.Variables[p.places[0][i]]
}

// Uncalled returns the entries of .env or of the example file that give a value to a
// name that no call has.
func (p *Project) Uncalled(file *File) []int32 {
	if file == p.Example {
		return p.uncalled[1]
	}
	return p.uncalled[0]
}

// findUncalled makes what Uncalled returns.
func (p *Project) findUncalled() {
	called := make([]bool, len(p.Variables)) // a look into each variable takes many times as long
	for _, v := range p.Called {
		called[v.place] = true
	}
	for file := range p.uncalled {
		all := make([]int32, 0, len(p.places[file]))
		for i, at := range p.places[file] {
			if !called[at] {
				all = append(all, int32(i))
			}
		}
		p.uncalled[file] = all
	}
}

// Variable returns what is known of a name, nil if nothing mentions it.
func (p *Project) Variable(name string) *Variable {
	if i, ok := p.roster.find(name); ok {
		return &p.Variables[i]
	}
	return nil
}

// collect joins calls and environment files by name.
func (p *Project) collect(before *Project) {
	p.collectVariables(before)
	p.Options = p.Env.namesOutside(dbt.MeantForDbt)
	for _, i := range p.roster.options {
		if name := p.roster.name(i); p.Env.Source(name) != FromNowhere {
			p.Options = append(p.Options, name)
		}
	}
	slices.Sort(p.Options)
	p.Options = slices.Compact(p.Options)
}

func (p *Project) collectVariables(before *Project) {
	p.roster = before.roster
	if before.Env == p.Env && before.EnvFile == p.EnvFile && before.Example == p.Example {
		if before.ledger.same(p.ledger) {
			p.joined, p.conditions = before.joined, before.conditions
			return
		}
		if p.rejoin(before) || p.renew(before) {
			p.conditions = before.conditions
			return
		}
	}
	if p.roster == nil || !p.rejoinLines(before) {
		p.roster, p.places = p.newRoster()
		p.join()
	}
	p.assess()
}

// rejoin makes the variables again whose calls have changed since the project
// before; nothing else has. It reports false where the roster is not right, or
// most has changed.
func (p *Project) rejoin(before *Project) bool {
	gone, come := p.ledger.differ(before.ledger)
	names, ok := fewNames(slices.Concat(gone, come))
	if !ok {
		return false
	}
	p.joined = before.joined
	p.callPlaces = nil
	p.Variables = slices.Clone(before.Variables)
	for _, name := range names {
		i, ok := p.roster.find(name)
		if !ok {
			return false
		}
		p.Variables[i].forgetCalls()
	}
	for _, call := range before.callsAfter(names, gone, come) {
		p.addCall(p.Variable(call.Name), call)
	}
	for _, name := range names {
		if !p.Variable(name).mentioned() {
			return false
		}
	}
	p.recall(before, names)
	return true
}

// recall makes what follows from which variables are called, after the calls of a
// few have changed.
func (p *Project) recall(before *Project, names []string) {
	p.Called = p.own(before.Called)
	moved := false
	for _, name := range names {
		v := p.Variable(name)
		at, was := slices.BinarySearchFunc(p.Called, v, byName)
		switch is := v.Calls != nil; {
		case was && !is:
			p.Called, moved = slices.Delete(p.Called, at, at+1), true
		case is && !was:
			p.Called, moved = slices.Insert(p.Called, at, v), true
		}
	}
	if moved {
		p.findUncalled()
	}
}

// renew makes the variables of the project before for calls that have the same
// names in the same order: those of a file in which somebody types. It reports
// false where they do not.
func (p *Project) renew(before *Project) bool {
	same := func(a, b *Call) bool { return a.Dynamic == b.Dynamic && a.Name == b.Name }
	if before.callPlaces == nil || !slices.EqualFunc(p.Calls, before.Calls, same) {
		return false
	}
	p.joined = before.joined
	p.Variables = slices.Clone(before.Variables)
	p.Called = p.own(before.Called)
	calls := make([]*Call, len(p.Calls))
	for _, v := range p.Called {
		n := len(v.Calls)
		v.forgetCalls()
		v.Calls, calls = calls[:0:n], calls[n:]
	}
	for i, call := range p.Calls {
		if !call.Dynamic {
			p.addCall(&p.Variables[p.callPlaces[i]], call)
		}
	}
	return true
}

// own returns the project's own of some variables of the project before.
func (p *Project) own(some []*Variable) []*Variable {
	own := make([]*Variable, len(some))
	for i, v := range some {
		own[i] = &p.Variables[v.place]
	}
	return own
}

func (p *Project) addCall(v *Variable, call *Call) {
	v.Calls = append(v.Calls, call)
	v.Need = max(v.Need, call.Need)
	v.Silent = v.Silent || call.Silent
	v.Required = v.Required || p.NeededHere(call)
}

// NeededHere reports whether dbt cannot do without a call in the project's own files.
func (p *Project) NeededHere(call *Call) bool {
	return call.Need >= NeedLater && call.Package == "" && fspath.Within(p.Root, call.File.Path)
}

// RequiredBy returns the first of the calls for which a variable is Required; nil
// for one that is not.
func (p *Project) RequiredBy(v *Variable) *Call {
	if i := slices.IndexFunc(v.Calls, p.NeededHere); v.Required && i >= 0 {
		return v.Calls[i]
	}
	return nil
}

func (v *Variable) forgetCalls() {
	v.Calls, v.Need, v.Silent, v.Required = nil, NeedNone, false, false
}

func (v *Variable) mentioned() bool { return v.Calls != nil || v.line > 0 || v.Example != nil }

// assignments are some entries of one file.
type assignments struct {
	file    *dotenv.File
	entries []dotenv.Entry
}

func (a *assignments) name(i int) string { return a.file.Name(&a.entries[i]) }

// assignments returns those of .env, then those of the example file.
func (p *Project) assignments() [3]assignments {
	var all [3]assignments
	if p.EnvFile.Exists() {
		file := p.EnvFile.Dotenv()
		all[0] = assignments{file, file.Entries}
	}
	if p.Example != nil {
		file := p.Example.Dotenv()
		all[1], all[2] = assignments{file, file.Entries}, assignments{file, file.Commented}
	}
	return all
}

// rejoinLines makes the variables of the roster of the project before, or takes
// over its variables if at most values have changed. It reports false when the
// roster is not right: a name is new, or nothing mentions one any more.
func (p *Project) rejoinLines(before *Project) bool {
	for i, list := range p.assignments() {
		places, ok := before.places[i], true
		if i > 0 || !before.EnvFile.Exists() || !p.EnvFile.Exists() || !p.EnvFile.Dotenv().SameNames(before.EnvFile.Dotenv()) {
			places, ok = p.roster.places(&list, places)
		}
		if !ok {
			return false
		}
		p.places[i] = places
	}
	if before.Example == p.Example && before.ledger.same(p.ledger) && slices.Equal(p.places[0], before.places[0]) {
		p.joined = before.joined
		return true
	}
	return p.join()
}

// join makes the variables of the roster. It reports false when the roster is not
// right.
func (p *Project) join() bool {
	p.Variables = make([]Variable, p.roster.count())
	parallel.Each(len(p.Variables), many, func(i int) {
		v, name := &p.Variables[i], p.roster.name(i)
		v.Name, v.Secret, v.place = name, strings.HasPrefix(name, secretPrefix), int32(i)
	})
	if !p.joinCalls() {
		return false
	}
	p.joinLines()
	p.joinExample()
	p.findUnassigned()
	p.findUncalled()
	return !slices.ContainsFunc(p.unassigned, func(at int32) bool { return !p.Variables[at].mentioned() })
}

// joinCalls gives the variables their calls. It reports false where one has no
// place.
func (p *Project) joinCalls() bool {
	p.callPlaces, p.Called = make([]int32, len(p.Calls)), nil
	for i, call := range p.Calls {
		if call.Dynamic {
			continue
		}
		at, ok := p.roster.find(call.Name)
		if !ok {
			return false
		}
		p.callPlaces[i] = int32(at)
		v := &p.Variables[at]
		if v.Calls == nil {
			p.Called = append(p.Called, v)
		}
		p.addCall(v, call)
	}
	slices.SortFunc(p.Called, byName)
	return true
}

// joinLines gives the variables their first lines of .env.
func (p *Project) joinLines() {
	if !p.EnvFile.Exists() {
		return
	}
	env := p.EnvFile.Dotenv()
	parallel.Each(len(env.Entries), many, func(i int) {
		if env.FirstOf(i) == i {
			p.Variables[p.places[0][i]].line = int32(i + 1)
		}
	})
}

// joinExample gives the variables their lines of the example file.
func (p *Project) joinExample() {
	p.repeated = false
	if p.Example == nil {
		return
	}
	example := p.Example.Dotenv()
	for i, at := range p.places[1] {
		if v := &p.Variables[at]; v.Example == nil {
			v.Example = &example.Entries[i]
		} else {
			p.repeated = true
		}
	}
	for i, at := range p.places[2] {
		if v := &p.Variables[at]; v.Example == nil {
			v.Example = &example.Commented[i]
		}
	}
}

func (p *Project) findUnassigned() {
	assigned := make([]bool, len(p.Variables))
	for _, at := range p.places[0] {
		assigned[at] = true
	}
	p.unassigned = nil
	for at, some := range assigned {
		if !some {
			p.unassigned = append(p.unassigned, int32(at))
		}
	}
}

// Repeats reports whether a file of variables has a name twice. Of the example file
// the project knows it without an index of its names.
func (p *Project) Repeats(file *File) bool {
	if file == p.Example {
		return p.repeated
	}
	return file.Dotenv().HasDuplicates()
}

// assess finds out what every variable is. For nearly all the line of .env says
// it, without a search by name.
func (p *Project) assess() {
	p.conditions = make([]condition, len(p.Variables))
	if p.EnvFile.Exists() {
		p.assessLines(p.EnvFile.Dotenv())
	}
	for _, at := range p.unassigned {
		p.conditions[at] = p.condition(&p.Variables[at])
	}
	for _, name := range p.Env.namesOutside(func(string) bool { return true }) {
		if v := p.Variable(name); v != nil {
			p.conditions[v.place] = p.condition(v)
		}
	}
	for name := range p.Env.engine {
		if v := p.Variable(name); v != nil {
			p.conditions[v.place] = p.condition(v)
		}
	}
}

func (p *Project) assessLines(file *dotenv.File) {
	lost := condition{Missing, FromNowhere}
	if p.ReadsEnvFile() {
		lost.state = Lost
	}
	values := p.Env.values
	for i, at := range p.places[0] {
		switch {
		case file.FirstOf(i) != i: // another line counts
		case values == nil || i >= values.Len():
			p.conditions[at] = lost
		case values.Empty(i):
			p.conditions[at] = condition{Empty, FromEnvFile}
		default:
			p.conditions[at] = condition{Set, FromEnvFile}
		}
	}
}

// condition finds out by its name what a variable is.
func (p *Project) condition(v *Variable) condition {
	value, source := p.Env.find(v.Name)
	switch {
	case source == FromNowhere && v.Assigned() && p.ReadsEnvFile():
		return condition{Lost, FromNowhere}
	case source == FromNowhere:
		return condition{Missing, FromNowhere}
	case source != FromEnvFile && p.shadows(v, value.Reveal()):
		return condition{Shadowed, source}
	case value.Empty():
		return condition{Empty, source}
	}
	return condition{Set, source}
}

// shadows reports whether .env gives a name another value than the one that counts.
func (p *Project) shadows(v *Variable, effective string) bool {
	value, ok := p.Env.inFile(v.Name)
	return ok && value.Text.Reveal() != effective
}
