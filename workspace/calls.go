package workspace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/parallel"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// Need says how badly dbt needs a variable at one call, or altogether.
type Need uint8

// The needs, from none to the strongest.
const (
	NeedNone      Need = iota // it has a default, or a condition guards it
	NeedElsewhere             // only for another target, a macro that nothing calls, a variable that nothing reads, a disabled model
	NeedMaybe                 // if a condition holds that the files do not tell
	NeedLater                 // by commands that run something: hooks, `execute`, deps
	NeedParse                 // by every command that loads the project
)

// Call is one live env_var(…) of a project.
type Call struct {
	Name        string // "" when Dynamic
	Dynamic     bool
	Default     bool
	Conditional bool
	File        *File
	Token       text.Span // the word env_var
	NameAt      text.Span // the name between its quotes; empty when Dynamic
	Span        text.Span // the whole call
	Scope       string    // profiles:<profile>/<target>, project, packages, yaml, sql, macro
	Package     string    // the installed package whose file it stands in
	Need        Need
	Silent      bool   // reached only by way of a macro whose errors dbt swallows
	Selected    bool   // in profiles.yml: in the connection that dbt uses
	Macro       string // the macro around it, "" outside

	Reach     Need            // when dbt evaluates it at all, whatever it gives
	Swallowed bool            // only a macro whose errors dbt swallows leads to it
	Rendering jinja.Rendering // what env_var makes of the variable's value
	Disables  bool            // gives `enabled` a text that is neither true nor false
	NoText    bool            // its name is no text
	Altered   bool            // a filter, a comparison or an index works on its result

	// Derived is set for a call whose name is put together when it runs: the
	// same place gives another name at another time.
	Derived bool

	unit *unit
}

// At returns the place of the name, or of the call when it has none.
func (c *Call) At() Location {
	if c.NameAt.Empty() {
		return c.File.At(c.Token)
	}
	return c.File.At(c.NameAt)
}

// ranks order the files of a project by when dbt reads them.
const (
	rankProfiles = iota
	rankProject
	rankPackages
	rankSelectors
	rankProperties
	rankSQL
	rankMacro
	rankPackage
)

// A mark is what an evaluation found out about one call.
type mark struct {
	call      *jinja.Call
	name      string // of a call that got its name while it ran, else ""
	need      Need
	reach     Need
	silent    bool // dbt swallows the error
	rendering jinja.Rendering
	disables  bool
	noText    bool
}

// A ledger holds the calls of a project, and what they were made from: the next
// snapshot of the project makes again only what has changed.
type ledger struct {
	world   *world
	flags   func() jinja.Value
	entries []*entry // in the order of the units
	macros  map[*jinja.Macro]*trace
	calls   []*Call // sorted
	refs    []Ref
	absent  []AbsentVariable
}

// An entry holds the calls of one unit after all marks.
type entry struct {
	unit  *unit
	trace *trace // that it was last made from
	off   bool   // dbt does not look at the unit
	marks []mark
	calls []*Call
	refs  []Ref
	rank  int

	absent []AbsentVariable
}

// A part is a unit, and what it is a part of.
type part struct {
	*unit
	src *source // nil for a file beside dbt_project.yml
}

// evaluate fills in Calls and Refs: all calls in the order in which they are
// reported. What the ledger of the project before says is used where it holds.
func (p *Project) evaluate(before *ledger, units []*unit, sources []*source) {
	e := newEvaluator(p, before, units)
	next := &ledger{world: e.world, flags: e.flags, macros: map[*jinja.Macro]*trace{}}
	parts := make([]part, 0, len(units)+len(sources))
	for _, u := range units {
		parts = append(parts, part{u, nil})
	}
	for _, src := range sources {
		for _, u := range src.units {
			parts = append(parts, part{u, src})
		}
	}
	traces := make([]*trace, len(parts))
	parallel.Each(len(parts), 64, func(i int) { traces[i] = e.part(parts[i]) })
	for _, use := range e.macroUses(sources) {
		t := e.macro(use, before.macros[use.macro])
		next.macros[use.macro] = t
		traces = append(traces, t)
	}
	lent := lend(traces, parts)
	next.entries = make([]*entry, len(parts))
	parallel.Each(len(parts), 64, func(i int) { next.entries[i] = parts[i].enter(traces[i], lent[parts[i].unit]) })
	if next.same(before) {
		next.calls, next.refs, next.absent = before.calls, before.refs, before.absent
	} else if !next.patch(before) {
		next.sort()
	}
	p.ledger, p.Calls, p.Refs, p.Absent = next, next.calls, next.refs, next.absent
}

// same reports whether two ledgers hold the same calls.
func (l *ledger) same(other *ledger) bool { return slices.Equal(l.entries, other.entries) }

// lend hands the marks of evaluations that led into other units on to these: to
// macros and to project variables, which are evaluated where they are used.
func lend(traces []*trace, parts []part) map[*unit][]mark {
	var owners map[*jinja.Call]*unit
	var lent map[*unit][]mark
	for _, t := range traces {
		if len(t.abroad) == 0 {
			continue
		}
		if owners == nil {
			owners, lent = owned(parts), map[*unit][]mark{}
		}
		for _, m := range t.abroad {
			if u := owners[m.call]; u != nil { // else the call stands in the value of a variable
				lent[u] = append(lent[u], m)
			}
		}
	}
	return lent
}

// owned returns the units that are evaluated where they are used, by their calls.
func owned(parts []part) map[*jinja.Call]*unit {
	owners := map[*jinja.Call]*unit{}
	for _, p := range parts {
		if p.phase != onCall && p.phase != onVar {
			continue
		}
		for _, call := range p.template.Calls {
			owners[call] = p.unit
		}
	}
	return owners
}

// enter returns the calls of a unit: those of the last time if the marks are
// the same.
func (u *unit) enter(t *trace, lent []mark) *entry {
	last := u.entry.Load()
	if last != nil && last.trace == t && len(lent) == 0 && len(last.marks) == len(t.own) {
		return last
	}
	marks := t.own
	if len(lent) > 0 {
		marks = slices.Concat(marks, lent)
	}
	if last != nil && last.off == t.off && slices.Equal(last.marks, marks) && len(last.absent) == 0 && len(t.absent) == 0 {
		return last
	}
	next := &entry{unit: u, trace: t, off: t.off, marks: marks, calls: u.marked(marks), rank: u.rank()}
	if !t.off {
		next.refs, next.absent = u.refs(), u.absent(t.absent)
	}
	u.entry.Store(next)
	return next
}

// marked makes the calls of a unit.
func (u *unit) marked(marks []mark) []*Call {
	all := make([]Call, len(u.template.Calls))
	calls := make([]*Call, len(all))
	for i, jc := range u.template.Calls {
		calls[i] = &all[i]
		all[i] = Call{
			Name: jc.Name, Dynamic: jc.Dynamic, Default: jc.Default, Conditional: jc.Conditional,
			File: u.file, Token: u.span(jc.Token), NameAt: u.span(jc.NameAt), Span: u.span(jc.Span),
			Scope: u.scope, Package: u.pkg, Selected: u.selected, Macro: jc.Macro, NoText: jc.NoText, Altered: jc.Altered,
			unit: u, Need: u.unreached(jc),
		}
	}
	if len(marks) == 0 {
		return calls
	}
	type key struct {
		call *jinja.Call
		name string
	}
	byKey := make(map[key]*Call, len(calls))
	for i, jc := range u.template.Calls {
		byKey[key{jc, ""}] = calls[i]
	}
	for _, m := range marks {
		c := byKey[key{m.call, m.name}]
		if c == nil { // a name that was put together when the call ran
			named := *byKey[key{m.call, ""}]
			named.Name, named.Dynamic, named.Derived = m.name, false, true
			c = &named
			calls, byKey[key{m.call, m.name}] = append(calls, c), c
		}
		c.mark(m)
	}
	return calls
}

// mark adds what an evaluation found out.
func (c *Call) mark(m mark) {
	c.Rendering, c.Disables = max(c.Rendering, m.rendering), c.Disables || m.disables
	c.NoText = c.NoText || m.noText
	if !m.silent {
		c.Need, c.Reach = max(c.Need, m.need), max(c.Reach, m.reach)
		c.Swallowed = c.Swallowed && c.Reach < NeedLater
		return
	}
	c.Silent = c.Silent || c.Need < NeedLater && m.need >= NeedMaybe
	c.Swallowed = c.Swallowed || c.Reach < NeedLater && m.reach >= NeedMaybe
}

// unreached is the need of a call that no evaluation meets.
func (u *unit) unreached(jc *jinja.Call) Need {
	switch {
	case jc.Default || jc.Guarded || jc.Dynamic:
		return NeedNone
	case jc.Execute && u.phase == onParse:
		return NeedLater
	case u.phase == onTarget && u.aside:
		return NeedNone
	case u.phase == onTarget, u.phase == onCall, u.phase == onVar, u.phase == onNothing, jc.Dead, jc.Macro != "":
		return NeedElsewhere
	}
	return NeedNone
}

// rank orders the units of a project by when dbt reads them.
func (u *unit) rank() int {
	switch {
	case u.pkg != "":
		return rankPackage
	case strings.HasPrefix(u.scope, "profiles:"):
		return rankProfiles
	case u.scope == "project":
		return rankProject
	case u.scope == "packages":
		return rankPackages
	case u.scope == "macro":
		return rankMacro
	case u.scope == "sql":
		return rankSQL
	case u.file.Name() == dbt.SelectorsFileName:
		return rankSelectors
	}
	return rankProperties
}

// sort lists all calls by rank, file and place. They nearly stand so: the units
// come in the order of their files.
func (l *ledger) sort() {
	var ranks [rankPackage + 1][]*Call
	for _, entry := range l.entries {
		ranks[entry.rank] = append(ranks[entry.rank], entry.calls...)
		l.refs, l.absent = append(l.refs, entry.refs...), append(l.absent, entry.absent...)
	}
	for _, calls := range ranks {
		slices.SortFunc(calls, compareCalls)
	}
	l.calls = slices.Concat(ranks[:]...)
}

// patch lists all calls by putting those of the few entries that are new in the
// place of those that they follow. It reports false where more has changed.
func (l *ledger) patch(before *ledger) bool {
	gone, come := l.differ(before)
	if len(gone)+len(come) > fewEntries {
		return false
	}
	for _, e := range slices.Concat(gone, come) {
		if len(e.refs) > 0 || len(e.absent) > 0 {
			return false
		}
	}
	l.refs, l.absent = before.refs, before.absent
	l.calls = make([]*Call, 0, len(before.calls)+len(come))
	for _, c := range before.calls {
		if !among(gone, c) {
			l.calls = append(l.calls, c)
		}
	}
	for _, e := range come {
		for _, c := range e.calls {
			at, _ := slices.BinarySearchFunc(l.calls, c, compareRanks)
			l.calls = slices.Insert(l.calls, at, c)
		}
	}
	return true
}

// fewEntries is how many entries are put into a sorted list faster than the list
// is sorted.
const fewEntries = 16

func compareRanks(a, b *Call) int {
	if order := cmp.Compare(a.unit.rank(), b.unit.rank()); order != 0 {
		return order
	}
	return compareCalls(a, b)
}

func compareCalls(a, b *Call) int {
	if a.File != b.File {
		if order := cmp.Compare(a.File.Path, b.File.Path); order != 0 {
			return order
		}
	}
	if order := cmp.Compare(a.Token.Start, b.Token.Start); order != 0 {
		return order
	}
	return cmp.Compare(a.Name, b.Name)
}

// differ returns the entries of an older ledger and of this one between what both
// begin and end with.
func (l *ledger) differ(older *ledger) (gone, come []*entry) {
	gone, come = older.entries, l.entries
	for len(gone) > 0 && len(come) > 0 && gone[0] == come[0] {
		gone, come = gone[1:], come[1:]
	}
	for len(gone) > 0 && len(come) > 0 && gone[len(gone)-1] == come[len(come)-1] {
		gone, come = gone[:len(gone)-1], come[:len(come)-1]
	}
	return gone, come
}

// fewNames returns the names of the calls of some entries; ok is false where there
// are more than a few.
func fewNames(entries []*entry) (names []string, ok bool) {
	const few = 16
	for _, e := range entries {
		for _, c := range e.calls {
			if c.Dynamic || slices.Contains(names, c.Name) {
				continue
			}
			if names = append(names, c.Name); len(names) > few {
				return nil, false
			}
		}
	}
	return names, true
}

// among reports whether a call is one of some entries.
func among(entries []*entry, c *Call) bool {
	return slices.ContainsFunc(entries, func(e *entry) bool { return e.unit == c.unit })
}

// callsAfter returns the calls of some names, in the order of all calls, after some
// entries are gone and others have come, which have no other name.
func (p *Project) callsAfter(names []string, gone, come []*entry) []*Call {
	var calls []*Call
	for _, name := range names {
		for _, c := range p.Variable(name).Calls {
			if !among(gone, c) {
				calls = append(calls, c)
			}
		}
	}
	for _, e := range come {
		for _, c := range e.calls {
			if !c.Dynamic {
				calls = append(calls, c)
			}
		}
	}
	slices.SortFunc(calls, compareRanks)
	return calls
}
