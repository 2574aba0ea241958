package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Text writes the status for people: the four concerns of every project, each
// value with the place it comes from.
func (s *Status) Text(w io.Writer, style Style) error {
	t := &textWriter{w: w, paint: painter{style}}
	if len(s.Projects) == 0 {
		t.printf("No dbt project.\n")
	}
	for i, p := range s.Projects {
		if i > 0 {
			t.printf("\n")
		}
		t.status(p)
	}
	return t.err
}

func (t *textWriter) status(p StatusProject) {
	t.printf("%s %s\n", t.paint.bold(or(p.Name, "unnamed project")), t.paint.dim("in "+p.Root))
	t.credentials(p.Profile)
	t.variables(p)
	t.engine(p.Engine)
	t.platform(p)
	switch {
	case p.OK:
		t.printf("  No error and no warning.\n")
	default:
		t.printf("  %s, %s; `dbt-hybrid check` shows them.\n", plural(p.errors, "error"), plural(p.warnings, "warning"))
	}
}

func or(s *string, other string) string {
	if s == nil {
		return other
	}
	return *s
}

// row writes one line of a concern.
func (t *textWriter) row(label, value string, from *string) {
	source := ""
	if from != nil {
		source = " " + t.paint.dim("("+*from+")")
	}
	t.printf("  %-13s %s%s\n", label, value, source)
}

func (t *textWriter) credentials(p StatusProfile) {
	if p.File == nil {
		t.row("credentials", "no profiles.yml", nil)
		return
	}
	t.row("credentials", *p.File, nil)
	t.row("  profile", or(p.Name, "not known"), p.From.Name)
	t.row("  target", or(p.Target, "not known"), p.From.Target)
	t.row("  adapter", or(p.Adapter, "not known"), nil)
}

func (t *textWriter) variables(p StatusProject) {
	switch {
	case !p.Env.Found:
		t.row("variables", "no "+p.Env.File, nil)
	case p.Env.StopsAt != nil:
		t.row("variables", fmt.Sprintf("%s: dbt stops at line %d and loses %d", p.Env.File, p.Env.StopsAt.Line, len(p.Env.Lost)), nil)
	default:
		t.row("variables", fmt.Sprintf("%s: %s", p.Env.File, plural(p.Env.Variables, "variable")), nil)
	}
	for _, v := range p.Variables {
		if len(v.Calls) == 0 {
			continue
		}
		from := v.Source
		if v.Line != nil && v.Source != nil && *v.Source == ".env" {
			place := fmt.Sprintf("%s:%d", p.Env.File, *v.Line)
			from = &place
		}
		state := v.State
		switch {
		case v.Value != nil && v.State != "empty":
			state = "= " + *v.Value
		case v.State == "missing" && !v.Required:
			state = "missing, not required"
		}
		t.printf("    %-30s %s%s\n", v.Name, state, t.from(from))
	}
}

func (t *textWriter) from(from *string) string {
	if from == nil {
		return ""
	}
	return " " + t.paint.dim("("+*from+")")
}

func (t *textWriter) engine(e StatusEngine) {
	latest := fmt.Sprintf("newest release %s, from the %s list", or(e.Latest, "unknown"), listName(e.From))
	if e.First == nil {
		t.row("engine", "no dbt on the search path", &latest)
		return
	}
	t.row("engine", fmt.Sprintf("%s %s, %s", kindName(e.First.Kind), or(e.First.Version, "of unknown version"), e.State), &latest)
	for i, install := range e.All {
		mark := " "
		if i == 0 {
			mark = "→"
		}
		t.printf("    %s %s  %s %s\n", mark, install.Path, kindName(install.Kind), or(install.Version, "?"))
	}
	if e.State == engine.Stale && e.Update != nil {
		t.printf("    update with: %s\n", *e.Update)
	}
}

// listName says in words where a release list comes from.
func listName(from string) string {
	if from == string(engine.FromBuiltin) {
		return "built-in"
	}
	return from
}

func kindName(kind string) string {
	switch engine.Kind(kind) {
	case engine.KindV2:
		return "dbt v2"
	case engine.KindV2OSS:
		return "dbt v2 (open source)"
	case engine.KindV1:
		return "dbt v1"
	case engine.KindPlatformCLI:
		return "platform CLI"
	}
	return "dbt of unknown kind"
}

func (t *textWriter) platform(p StatusProject) {
	if p.Link.Linked {
		t.row("dbt platform", "linked to project "+or(p.Link.ProjectID, "?"), p.Link.From.ProjectID)
	} else {
		t.row("dbt platform", "not linked", nil)
	}
	state := "off"
	if p.Deferral.On {
		state = "on"
	}
	t.row("deferral", state, nil)
	for _, r := range p.Deferral.Reasons {
		t.printf("    %s\n", r.Message)
	}
	if len(p.Mesh.Projects) > 0 {
		var names []string
		for _, project := range p.Mesh.Projects {
			names = append(names, fmt.Sprintf("%s (%s)", project.Name, plural(project.Used, "ref")))
		}
		t.row("mesh", strings.Join(names, ", "), nil)
	}
}
