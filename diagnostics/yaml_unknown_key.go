package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var yamlUnknownKey = Rule{
	Code:     "yaml-unknown-key",
	Section:  ProjectFiles,
	Rank:     30,
	Severity: Error,
	Scope:    Repository,
	Title:    "dbt_project.yml has a key at the top level that dbt does not know",
	Fix:      "the key that is meant; remove it",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, problem := range projectProblems(p, dbt.ProjectKey) {
			report(unknownKey(p, problem))
		}
	},
}

// projectProblems returns what dbt_project.yml has of one kind.
func projectProblems(p *workspace.Project, kind dbt.ProjectProblemKind) []dbt.ProjectProblem {
	var all []dbt.ProjectProblem
	for _, problem := range p.Problems() {
		if problem.Kind == kind && !isUnquotedJinja(p.File, problem.Span) {
			all = append(all, problem)
		}
	}
	return all
}

func unknownKey(p *workspace.Project, problem dbt.ProjectProblem) Finding {
	f := Finding{
		At:      p.File.At(problem.Span),
		Message: fmt.Sprintf("dbt v2 stops: dbt_project.yml has no key `%s`.", problem.Key),
		Remedy:  problem.Remedy,
	}
	like := similar(problem.Key, problem.Known)
	switch {
	case f.Remedy != "":
	case like != "":
		f.Remedy = fmt.Sprintf("Write `%s` if that is meant, or remove it.", like)
		if fix, ok := repair(p.File, "Write `"+like+"`", text.Edit{Span: problem.Span, New: like}); ok {
			f.Fixes = append(f.Fixes, fix)
		}
	default:
		f.Remedy = "Remove it."
	}
	for _, pair := range p.File.YAML().Root.Pairs {
		if pair.Key.Span == problem.Span {
			f.Fixes = append(f.Fixes, Fix{Title: "Remove `" + problem.Key + "`", Edits: edits(p.File, p.File.YAML().RemovePair(p.File.YAML().Root, pair))})
		}
	}
	if p.EngineKind() == engine.KindV1 && problem.Remedy == "" { // dbt v1 knows the older spellings, and no others
		f.Message = fmt.Sprintf("dbt stops: dbt_project.yml has no key `%s`.", problem.Key)
		f.Severity, f.Refuses = Error, true
		return f
	}
	return stopsByList(p, f)
}

// repair makes a fix of edits, if they leave a file that dbt can read: the key
// that is meant may be there already.
func repair(file *workspace.File, title string, changes ...text.Edit) (Fix, bool) {
	content, err := text.Apply(file.Content, changes)
	if err != nil || len(yamlfile.Parse(content).Problems) > len(file.YAML().Problems) {
		return Fix{}, false
	}
	return Fix{Title: title, Edits: edits(file, changes...)}, true
}
