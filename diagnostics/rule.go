// Package diagnostics holds the rules: plain sentences about the model of a dbt
// project in package workspace. A rule reads the model and reports findings;
// what to do about one is data, never an action.
//
// The package does no input or output and reads no clock and no environment.
package diagnostics

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// Severity says how bad a finding is.
type Severity int

// The severities, from the lightest. Off is the zero value: in a Finding it
// stands for the rule's own severity.
const (
	Off     Severity = iota
	Hint             // tidy up
	Info             // worth knowing
	Warning          // dbt silently does something else than the file seems to say
	Error            // dbt refuses, or cannot read what stands there, or a secret is exposed
)

// String returns the severity as settings and reports spell it.
func (s Severity) String() string {
	return [...]string{"off", "hint", "info", "warning", "error"}[s]
}

// ParseSeverity reads the spelling of String.
func ParseSeverity(s string) (Severity, bool) {
	for severity := Off; severity <= Error; severity++ {
		if severity.String() == s {
			return severity, true
		}
	}
	return Off, false
}

// Scope says what a rule's findings follow from.
type Scope int

// The scopes.
const (
	Repository Scope = iota // the repository's files alone: the same on every machine
	Machine                 // also the environment, .env or ~/.dbt
	Either                  // each finding says so itself
)

// String returns the scope as `check --scope` and the pages spell it.
func (s Scope) String() string {
	return [...]string{"repository", "machine", "repository or machine"}[s]
}

// Section is a part of the documentation.
type Section int

// The sections, in their order.
const (
	EnvironmentFiles Section = iota
	ProjectFiles
	Platform
	Engines
	Tool
)

// String returns the heading.
func (s Section) String() string {
	return [...]string{"Environment files", "YAML and profiles", "dbt platform, deferral and Mesh", "The engine", "This tool"}[s]
}

// Rule is one thing that can be found.
type Rule struct {
	Code     string   // also the name of its file, its test archive and its page
	Section  Section  // of the documentation that it stands in
	Rank     int      // its place there; those of one rank, and those without one at the end, by their codes
	Severity Severity // of a finding that names no other
	Scope    Scope
	Title    string // one sentence without a full stop
	Fix      string // what its fixes do, for the table of rules; "" without one
	// Everywhere says that a finding is about the machine: a report over
	// several projects needs it once.
	Everywhere bool
	Check      func(p *workspace.Project, report func(Finding))
}

//go:generate go run ./generate

// ByCode returns the rule of a code, nil without one.
func ByCode(code string) *Rule {
	for _, rule := range Rules() {
		if rule.Code == code {
			return rule
		}
	}
	return nil
}

// Finding is one thing that a rule found at one place.
type Finding struct {
	Rule     *Rule    // set by Check
	Severity Severity // Off: the rule's
	Refuses  bool     // claims that `dbt parse` in the project's root refuses
	Shared   bool     // follows from the repository alone, for a rule of scope Either
	At       workspace.Location
	Message  string // what dbt does, as a sentence; it never shows a value
	Remedy   string // what to do, as a sentence
	Related  []Related
	Fixes    []Fix // the first is the preferred one, if one is
	// MakeFixes gives more Fixes, where to work them out takes longer than to find
	// the place: of most findings nobody asks for them.
	MakeFixes func() []Fix
}

// Offers returns all fixes, those that are made on demand included.
func (f *Finding) Offers() []Fix {
	all := f.Fixes
	if f.MakeFixes != nil {
		all = slices.Concat(f.Fixes, f.MakeFixes())
	}
	if f.Rule.aboutText() || !slices.ContainsFunc(all, Fix.outdated) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), Fix.outdated)
}

// Settle makes the fixes that are made on demand, for callers who ask several times.
func (f *Finding) Settle() { f.Fixes, f.MakeFixes = f.Offers(), nil }

// outdated reports whether an edit was made of what a YAML file was before somebody
// typed what dbt cannot read.
func (x Fix) outdated() bool {
	return slices.ContainsFunc(x.Edits, func(e Edit) bool { return !asKnown(e.File) })
}

// asKnown reports whether what a project knows of a file is of its text as it is. Of
// a YAML file that dbt cannot read it is of the last text that dbt could.
func asKnown(file *workspace.File) bool { return !workspace.IsYAML(file.Path) || !file.YAML().Broken() }

// Text returns the cause and the remedy.
func (f *Finding) Text() string { return strings.TrimSpace(f.Message + " " + f.Remedy) }

// Related is another place that a finding speaks of.
type Related struct {
	At      workspace.Location
	Message string
}

// Fix is a change that mends a finding.
type Fix struct {
	Title     string
	Safe      bool // its only effect is the title: no value changes, no byte is lost
	Preferred bool // the one that a keystroke applies
	Edits     []Edit
	Create    []NewFile
	Delete    []string // paths of files
	Command   *Command
	Cursor    *Cursor
}

// Edit changes a file that exists. It counts in that content only.
type Edit struct {
	File *workspace.File
	text.Edit
}

// NewFile is a file that a fix creates where there is none.
type NewFile struct {
	Path    string // absolute
	Content string
}

// Cursor is where a person goes on typing after a fix: an offset in the changed
// file.
type Cursor struct {
	Path   string
	Offset int
}

// Command is a fix that a client carries out. It runs nothing by itself.
type Command struct {
	Name string // of contracts: dbtHybrid.runInTerminal, …
	Args []string
}

// RunInTerminal is the command that shows a command line in a terminal, for a
// person to start.
const RunInTerminal = "dbtHybrid.runInTerminal"

// edits makes the edits of one file.
func edits(file *workspace.File, changes ...text.Edit) []Edit {
	all := make([]Edit, len(changes))
	for i, change := range changes {
		all[i] = Edit{file, change}
	}
	return all
}

// Options choose what Check reports.
type Options struct {
	Severities map[string]Severity // of rules whose severity a person set; they win over dbt-hybrid.yml
	Scope      Scope               // Repository leaves out what follows from the machine
	Select     []string            // codes or prefixes; empty: all
	Ignore     []string            // codes or prefixes

	// Failed is told of a rule that panics, which then costs what that rule had still
	// to say. Without it the panic goes on.
	Failed func(rule *Rule, cause any)
}

// run lets a rule speak about a project.
func (o Options) run(rule *Rule, p *workspace.Project, report func(Finding)) {
	if o.Failed != nil {
		defer func() {
			if cause := recover(); cause != nil {
				o.Failed(rule, cause)
			}
		}()
	}
	rule.Check(p, report)
}

// Check returns the findings of all rules about a project, sorted by place.
func Check(p *workspace.Project, o Options) []Finding {
	o = o.under(p.Config)
	comments := newSuppressor(p)
	all := make([]Finding, 0, usualFindings)
	var rule *Rule  // the one that speaks
	var wanted bool // what it says is reported
	report := func(f Finding) {
		if o.Scope == Repository && rule.Scope == Either && !f.Shared {
			return
		}
		f.Rule = rule
		if hidden(&f) || p.Config.Ignores(f.At.File.Path) || comments.suppresses(&f) || !wanted {
			return
		}
		if f.Severity == Off {
			f.Severity = rule.Severity
		}
		if set, ok := o.Severities[rule.Code]; ok {
			f.Severity = set
		}
		all = append(all, f)
	}
	unused := o.wants(&unusedSuppression)
	for _, rule = range Rules() {
		if wanted = o.wants(rule); wanted || unused && o.could(rule) && comments.names(rule.Code) {
			o.run(rule, p, report)
		}
	}
	wanted = true
	if rule = &configInvalid; o.wants(rule) {
		checkConfigs(p, report)
	}
	if rule = &unusedSuppression; unused {
		comments.unused(p, o, report)
	}
	Sort(all)
	return all
}

// usualFindings is how many findings there is room for from the beginning.
const usualFindings = 32

// hidden reports whether a finding is about the content of a YAML file that dbt
// cannot read at all: the reason for that is the only thing to say about it.
func hidden(f *Finding) bool { return !f.Rule.aboutText() && !asKnown(f.At.File) }

// aboutText reports whether a rule speaks of a YAML file also where dbt cannot read it.
func (r *Rule) aboutText() bool {
	switch r {
	case &yamlSyntax, &fileMisnamed, &jinjaUnquoted, &cloudFileInvalid, &configInvalid:
		return true
	}
	return false
}

// wants reports whether a rule is asked for.
func (o Options) wants(rule *Rule) bool {
	return o.could(rule) && (len(o.Select) == 0 || matches(o.Select, rule.Code))
}

// could reports whether a rule is asked for where nothing is selected.
func (o Options) could(rule *Rule) bool {
	if set, ok := o.Severities[rule.Code]; ok && set == Off {
		return false
	}
	if o.Scope == Repository && rule.Scope == Machine {
		return false
	}
	return !matches(o.Ignore, rule.Code)
}

// matches reports whether a code is one of the words, or begins with one.
func matches(words []string, code string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		return code == word || strings.HasPrefix(code, strings.TrimSuffix(word, "-")+"-")
	})
}

// Sort orders findings by file, place and rule.
func Sort(findings []Finding) { slices.SortStableFunc(findings, Compare) }

// Compare is the order of Sort.
func Compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.At.File.Path, b.At.File.Path),
		cmp.Compare(a.At.Span.Start, b.At.Span.Start),
		cmp.Compare(a.At.Span.End, b.At.Span.End),
		cmp.Compare(a.Rule.Code, b.Rule.Code),
		cmp.Compare(a.Message, b.Message),
	)
}
