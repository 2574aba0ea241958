package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var envSwallowed = Rule{
	Code:     "env-swallowed",
	Section:  EnvironmentFiles,
	Rank:     20,
	Severity: Warning,
	Scope:    Either,
	Title:    "A quote swallows lines that look like assignments",
	Fix:      "★ move the comment to a line of its own, or quote the value",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, file := range envFiles(p) {
			for _, swallow := range file.Dotenv().Swallows() {
				if !swallow.Whole { // a text over several lines that is quoted as a whole is meant so
					report(swallowed(p, file, swallow))
				}
			}
		}
	},
}

func swallowed(p *workspace.Project, file *workspace.File, s dotenv.Swallow) Finding {
	var names []string
	for i := range s.Lines {
		names = append(names, file.Dotenv().Name(&s.Lines[i]))
	}
	last := s.Lines[len(s.Lines)-1]
	f := Finding{
		Shared:  file == p.Example,
		At:      file.At(s.Quote),
		Message: "This quote takes in the lines below: dbt does not set " + list(names) + ", and says nothing.",
		Remedy:  "Put the value in quotes of the other kind.",
		Related: []Related{{file.At(text.Span{Start: s.Lines[0].Key().Start, End: last.Key().End}), "what it takes in"}},
	}
	parsed := file.Dotenv()
	switch {
	case s.InComment:
		changes := parsed.MoveComment(s.Entry)
		f.Remedy = "Put the comment on a line of its own."
		f.Fixes = []Fix{{
			Title: "Move the comment to a line of its own", Safe: parsed.Keeps(changes), Preferred: true,
			Edits: edits(file, changes...),
		}}
	default:
		if edit, ok := quoteFirstLine(file, s.Entry); ok {
			f.Fixes = []Fix{{Title: "Quote the value", Preferred: true, Edits: edits(file, edit)}}
		}
	}
	return f
}

// quoteFirstLine puts the part of a value that stands on its first line in
// quotes, so that the lines below are read by themselves. It changes the value,
// and is only offered.
func quoteFirstLine(file *workspace.File, e *dotenv.Entry) (text.Edit, bool) {
	line := file.Lines().Line(file.Lines().LineOf(e.Value().Start))
	span := text.Span{Start: e.Value().Start, End: line.End}
	value, err := dotenv.Quote(string(span.Of(file.Content)))
	return text.Edit{Span: span, New: value}, err == nil
}
