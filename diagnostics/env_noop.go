package diagnostics

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var envNoop = Rule{
	Code:     "env-noop",
	Section:  EnvironmentFiles,
	Rank:     180,
	Severity: Info,
	Scope:    Either,
	Title:    "A setting that dbt v2 does not act on",
	Fix:      "★ remove it",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !v2(p) {
			return
		}
		for _, name := range p.Options {
			if instead := noEffect(p, name); instead != "" && !overridden(p, name) {
				report(noop(p, name, instead))
			}
		}
		if pair, ok := p.File.YAML().Root.Get("flags").Pair("defer"); ok && pair.Value.Type() == yamlfile.Bool && !dbt.Truthy(pair.Value.Value) {
			report(Finding{
				Shared: true, At: p.File.At(pair.Key.Span),
				Message: "`defer: false` has no effect: dbt v2 defers all the same.",
				Remedy:  "Use " + insteadOfDefer + ".",
			})
		}
	},
}

const insteadOfDefer = "--no-defer on the command line"

// noEffect says what to use instead of a variable that dbt v2 does not act on,
// "nothing" where there is nothing, "" for one that it acts on or that a call
// reads.
func noEffect(p *workspace.Project, name string) string {
	if !v2(p) {
		return ""
	}
	reserved := dbt.ReservedName(name)
	if reserved == dbt.NotReserved && called(p, name) {
		return ""
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(name, "DBT_"), "ENGINE_")
	switch {
	case rest == "DEFER":
		value, _ := p.Env.Lookup(name)
		if option, _ := dbt.OptionOf(name); option.Accepts(value.Reveal()) && !dbt.Truthy(value.Reveal()) && !isTruthyLetter(value.Reveal()) {
			return insteadOfDefer
		}
		return ""
	case reserved == dbt.ReservedIgnored:
		return ignoredOption(rest)
	}
	switch name {
	case "DBT_NO_DEFER":
		return insteadOfDefer
	case "DBT_THREADS":
		return "threads: in profiles.yml, or --threads on the command line"
	case "DBT_DEFER_TO_STATE", "DBT_ARTIFACT_STATE_PATH", "DBT_FAVOR_STATE_MODE":
		return ignoredOption(rest)
	}
	return ""
}

// isTruthyLetter reports whether the argument parser takes a text for true that
// dbt itself does not.
func isTruthyLetter(s string) bool { return strings.EqualFold(s, "t") || strings.EqualFold(s, "y") }

// ignoredOption names what does in dbt v2 what an option of dbt v1 does.
func ignoredOption(option string) string {
	switch option {
	case "DEFER_TO_STATE", "ARTIFACT_STATE_PATH":
		return "DBT_STATE"
	case "FAVOR_STATE_MODE":
		return "DBT_FAVOR_STATE"
	case "NO_PRINT":
		return "DBT_PRINT=false"
	case "RESOURCE_TYPES", "EXCLUDE_RESOURCE_TYPES":
		return "DBT_" + option
	case "EMPTY":
		return "--empty on the command line"
	case "HOST":
		return "--host on the command line"
	}
	return "nothing"
}

func noop(p *workspace.Project, name, instead string) Finding {
	at, entry := definition(p, name)
	f := Finding{
		At:      at,
		Message: name + from(p, name) + " has no effect: dbt v2 has no such option.",
		Remedy:  "Remove it, and use " + instead + " instead.",
	}
	if entry == nil {
		f.Remedy = "Unset it, and use " + instead + " instead."
	}
	if strings.HasSuffix(name, "DEFER") {
		f.Message = name + from(p, name) + " has no effect: dbt v2 defers all the same."
	}
	if instead == "nothing" {
		f.Remedy = "It can go."
	}
	if entry != nil && only(p, entry) {
		fix := removeSafely("Remove "+name, p.EnvFile, entry)
		fix.Safe = !called(p, name)
		fix.Preferred = fix.Safe
		f.Fixes = []Fix{fix}
	}
	return f
}
