package diagnostics

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var envEngineUnknown = Rule{
	Code:     "env-engine-unknown",
	Section:  EnvironmentFiles,
	Rank:     170,
	Severity: Error,
	Scope:    Either,
	Title:    "A name begins with DBT_ENGINE_, which dbt keeps for its own options, and is none of them",
	Fix:      "did you mean; rename; remove",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !v2(p) {
			return
		}
		for _, name := range p.Options {
			if engineRefuses(p, name) {
				report(stopsByList(p, engineUnknown(p, name)))
			}
		}
		if p.Example == nil {
			return
		}
		example := p.Example.Dotenv()
		for _, i := range example.Prefixed(workspace.EnginePrefix) {
			e := &example.Entries[i]
			if name := example.Name(e); dbt.ReservedName(name) == dbt.ReservedUnknown {
				report(Finding{
					Severity: Warning, Shared: true, At: p.Example.At(e.Key()),
					Message: "dbt stops when " + name + " is set, even to nothing: it knows no such option.",
					Remedy:  "Choose a name that does not begin with DBT_ENGINE_.",
					Fixes:   reservedFixes(p, p.Example, e),
				})
			}
		}
	},
}

// engineRefuses reports whether dbt stops because of a name.
func engineRefuses(p *workspace.Project, name string) bool {
	switch dbt.ReservedName(name) {
	case dbt.ReservedUnknown:
		return true
	case dbt.ReservedNewer:
		return before2(p)
	}
	return false
}

// before2 reports whether the dbt that comes first is a dbt v2 before its 2.0.0.
func before2(p *workspace.Project) bool {
	first, ok := p.Engine.First()
	if !ok || !v2(p) {
		return false
	}
	version, err := engine.ParseVersion(first.Version)
	release, _ := engine.ParseVersion("2.0.0")
	return err == nil && version.Compare(release) < 0
}

func engineUnknown(p *workspace.Project, name string) Finding {
	at, entry := definition(p, name)
	f := Finding{
		At:      at,
		Message: "dbt v2 stops: " + name + from(p, name) + " begins with DBT_ENGINE_, and dbt has no such option.",
		Remedy:  "Rename or remove it.",
	}
	if entry != nil {
		f.Fixes = reservedFixes(p, p.EnvFile, entry)
	} else {
		f.Remedy = "Rename it, or unset it."
	}
	return f
}

// reservedFixes are what to do about a line with a name that dbt reserves: the
// option that is meant, another name for a variable that calls read, or none.
func reservedFixes(p *workspace.Project, file *workspace.File, entry *dotenv.Entry) []Fix {
	var fixes []Fix
	name := file.Dotenv().Name(entry)
	if called(p, name) {
		if fix, ok := rename(p, p.Variable(name), "DBT_"+strings.TrimPrefix(name, "DBT_ENGINE_")); ok {
			fixes = append(fixes, fix)
		}
	} else if like := similar(name, dbt.ReservedNames()); like != "" {
		fixes = append(fixes, Fix{Title: "Did you mean " + like + "?", Edits: edits(file, text.Edit{Span: entry.Key(), New: like})})
	}
	if neededByCall(p, name) {
		return fixes
	}
	return append(fixes, Fix{Title: "Remove " + name, Edits: edits(file, file.Dotenv().Remove(entry))})
}
