package diagnostics

import (
	"fmt"
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var projectSchema = Rule{
	Code:     "project-schema",
	Section:  ProjectFiles,
	Rank:     40,
	Severity: Error,
	Scope:    Repository,
	Title:    "dbt_project.yml has something that dbt v2 does not take",
	Fix:      "★ where the meaning is plain: quotes, brackets, a +, the new name of a key",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.File.Exists() {
			report(noProjectFile(p))
			return
		}
		if p.File.YAML().Root.IsNull() && p.Profile.Problem == dbt.ProfileUnset {
			return // dbt asks for the profile first
		}
		for _, problem := range projectProblems(p, dbt.ProjectShape) {
			if problem.WholeProject && p.Ignored(p.File) || problem.Newer && !before2(p) {
				continue
			}
			f := Finding{At: p.File.At(problem.Span), Message: problem.Message, Remedy: problem.Remedy, Fixes: projectFix(p, problem)}
			if !problem.Related.Empty() {
				f.Related = []Related{{p.File.At(problem.Related), "the other is here"}}
			}
			if f = stops(p, f); problem.V1 {
				f.Severity, f.Refuses = Error, true
			}
			report(f)
		}
		if value := noVariables(p); value != nil {
			report(stops(p, Finding{
				At:      p.VarsFile().At(value.Span),
				Message: "dbt v2 stops: `vars:` must be a mapping, whose keys are texts.",
				Remedy:  "Write each variable below it, with a value.",
			}))
		}
		for _, key := range firstRead {
			value := p.File.YAML().Root.Get(key)
			if kind := kindAfterJinja(p, value); kind != "" && len(callsIn(p, p.File, value.Span)) == 0 {
				report(stops(p, Finding{
					At:      p.File.At(value.Span),
					Message: fmt.Sprintf("dbt stops: `%s:` is %s after Jinja, and must be a text.", key, kind),
					Remedy:  "Write a text.",
				}))
			}
		}
	},
}

// noVariables returns what stands in vars.yml in place of variables, or of the
// name of one; nil where dbt takes it.
func noVariables(p *workspace.Project) *yamlfile.Node {
	if !p.VarsFile().Exists() || p.VarsFile().YAML().Broken() {
		return nil
	}
	vars := p.VarsFile().YAML().Root.Last("vars")
	switch {
	case vars.IsNull():
		return nil
	case vars.Kind != yamlfile.Mapping:
		return vars
	}
	return dbt.KeyNoText(vars)
}

// noProjectFile says why dbt takes the folder for no project, though something in
// it has the name of its file.
func noProjectFile(p *workspace.Project) Finding {
	f := Finding{
		Refuses: true, At: p.File.Start(),
		Message: "dbt stops: it does not take this folder for a project, since dbt_project.yml is a link that leads nowhere.",
		Remedy:  "Put a file in its place.",
	}
	if reason := p.File.Unreadable(); reason != "" {
		f.Message = "dbt stops: dbt_project.yml cannot be read, " + reason + "."
	}
	return f
}

// firstRead are the keys of dbt_project.yml whose value must be a text after
// Jinja as well.
var firstRead = [...]string{"name", "profile", "packages-install-path"}

// kindAfterJinja says what Jinja makes of a value that is to be a text; "" where
// that is a text or nobody knows.
func kindAfterJinja(p *workspace.Project, value *yamlfile.Node) string {
	if value == nil || !dbt.Templated(value) || p.File.YAML().Broken() {
		return ""
	}
	switch p.RenderedFirst(value).Kind {
	case jinja.KindBool:
		return "true or false"
	case jinja.KindInt, jinja.KindFloat:
		return "a number"
	case jinja.KindList:
		return "a list"
	case jinja.KindMap:
		return "a mapping"
	}
	return ""
}

// callsIn returns the calls in a part of a file.
func callsIn(p *workspace.Project, file *workspace.File, span text.Span) []*workspace.Call {
	var within []*workspace.Call
	for _, c := range p.Calls {
		if c.File == file && span.Contains(c.Token.Start) {
			within = append(within, c)
		}
	}
	return within
}

// projectFix is the repair of a problem of dbt_project.yml.
func projectFix(p *workspace.Project, problem dbt.ProjectProblem) []Fix {
	if problem.Repair == nil {
		return nil
	}
	fix, ok := repair(p.File, problem.Repair.Title, problem.Repair.Edit)
	if !ok {
		return nil
	}
	fix.Preferred, fix.Safe = true, problem.Repair.Plain
	return []Fix{fix}
}

// misshapenAt reports whether project-schema or env-retype speaks of the place of a setting.
func misshapenAt(p *workspace.Project, from dbt.Origin) bool {
	at, ok := origin(p, from)
	if !ok || at.File != p.File {
		return false
	}
	if value := p.File.YAML().Root.Get(from.Name); value != nil && value.Span == at.Span && kindAfterJinja(p, value) != "" {
		return true
	}
	return slices.ContainsFunc(projectProblems(p, dbt.ProjectShape), func(problem dbt.ProjectProblem) bool {
		return problem.Span == at.Span
	})
}
