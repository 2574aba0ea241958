package lsp

import (
	"context"
	"fmt"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// hoverCalls is how many calls of a variable a hover names.
const hoverCalls = 5

// hover says what dbt will take for a variable and where it comes from; its value
// only where a person wants to see values and it is no secret.
func (s *Server) hover(p *protocol.HoverParams) (any, error) {
	path, err := s.path(p.TextDocument)
	if err != nil {
		return nil, err
	}
	snapshot := s.workspace.Snapshot()
	return rpc.Later(func(context.Context) (any, error) {
		found := mentions(snapshot.Projects(), path, func(f *workspace.File) int { return s.offsetOf(f, p.Position) })
		if len(found) == 0 {
			if hover := s.refHover(snapshot, path, p.Position); hover != nil {
				return hover, nil
			}
			return nil, nil
		}
		var sections []string
		for _, m := range found {
			section := s.describe(m)
			if len(found) > 1 {
				section = "Project " + projectName(m.project) + "\n\n" + section
			}
			sections = append(sections, section)
		}
		content := &protocol.MarkupContent{Kind: protocol.MarkupKindPlainText, Value: strings.Join(sections, "\n\n")}
		if s.client.markdown {
			content.Kind = protocol.MarkupKindMarkdown
		}
		at := s.rangeOf(found[0].file, found[0].span)
		return &protocol.Hover{Contents: content, Range: &at}, nil
	}), nil
}

func (s *Server) describe(m mention) string {
	v := m.variable
	if v == nil {
		return "The name of this variable is put together when dbt runs, so nothing is known of it."
	}
	lines := []string{s.bold(v.Name) + ": " + stateSentence(m.project, v)}
	if value, ok := s.valuesOf(m.project)(v); ok {
		lines = append(lines, "Its value is "+s.code(shortened(value, hoverValue))+".")
	}
	if m.call != nil {
		if sentence := callSentence(m.call); sentence != "" {
			lines = append(lines, sentence)
		}
	}
	if v.Secret {
		lines = append(lines, "A secret: dbt masks its value in logs, and reads it in profiles.yml and packages.yml only.")
	}
	switch {
	case v.Example != nil:
		lines = append(lines, fmt.Sprintf("In %s, line %d.", m.project.Example.Name(), m.project.Example.Lines().Position(v.Example.Key().Start).Line))
	case m.project.Example != nil && len(v.Calls) > 0:
		lines = append(lines, "Not in "+m.project.Example.Name()+".")
	}
	if len(v.Calls) > 0 {
		lines = append(lines, "Read by "+s.callList(m.project, v.Calls)+".")
	}
	return strings.Join(lines, "\n\n")
}

func (s *Server) bold(word string) string {
	if s.client.markdown {
		return "**`" + word + "`**"
	}
	return word
}

// stateSentence says what a variable is, and where that comes from.
func stateSentence(p *workspace.Project, v *workspace.Variable) string {
	line := func() string {
		if !v.Assigned() {
			return "the file"
		}
		return fmt.Sprintf("line %d", p.EnvFile.Lines().Position(p.FirstEntry(v).Key().Start).Line)
	}
	switch p.State(v) {
	case workspace.Set:
		return "set " + sourcePhrase(p.Source(v), line)
	case workspace.Empty:
		return "set to the empty text " + sourcePhrase(p.Source(v), line) + ". A default is not used then."
	case workspace.Lost:
		return "lost: .env has it on " + line() + ", below a line that dbt cannot read."
	case workspace.Shadowed:
		return "set " + sourcePhrase(p.Source(v), line) + ". The other value on " + line() + " of .env has no effect."
	}
	if supplier := p.Supplier(v.Name); supplier != nil {
		return "set only in what " + p.Toward(supplier.Path) + " starts."
	}
	return "set nowhere."
}

func sourcePhrase(source workspace.Source, line func() string) string {
	switch source {
	case workspace.FromShell:
		return "in the environment that dbt is started from"
	case workspace.FromEditor:
		return "in the editor's settings"
	case workspace.FromEnvFile:
		return "in .env, " + line()
	}
	return ""
}

func callSentence(c *workspace.Call) string {
	switch {
	case c.Default:
		return "This call has a default."
	case c.Need == workspace.NeedParse:
		return "Every dbt command needs it here."
	case c.Need == workspace.NeedLater:
		return "A command that comes to this call needs it; `dbt parse` does not."
	case c.Need == workspace.NeedMaybe:
		return "dbt needs it here if the condition around the call holds."
	case c.Need == workspace.NeedElsewhere:
		return "Nothing that is in use needs it here."
	}
	return ""
}

func (s *Server) callList(p *workspace.Project, calls []*workspace.Call) string {
	var places []string
	for _, c := range calls[:min(len(calls), hoverCalls)] {
		line := c.At().Line()
		place := fmt.Sprintf("%s:%d", p.Rel(c.File.Path), line)
		if s.client.markdown {
			place = fmt.Sprintf("[%s](%s#L%d)", place, s.uriOf(c.File.Path), line)
		}
		places = append(places, place)
	}
	list := strings.Join(places, ", ")
	if more := len(calls) - hoverCalls; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}
