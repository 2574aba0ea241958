package diagnostics

import (
	"regexp"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// match is what an expression found in a file that calls dbt or installs it.
type match struct {
	at     workspace.Location
	groups []workspace.Location // of the expression, from 1
	line   string
	before string // the line above
}

// inTools looks for an expression in the lines of the repository's tools that
// are no comments.
func inTools(p *workspace.Project, expression *regexp.Regexp) []match {
	var found []match
	for _, file := range p.Tools {
		if !expression.Match(file.Content) {
			continue
		}
		before := ""
		for n := range file.Lines().Count() {
			span := file.Lines().Line(n)
			line := string(span.Of(file.Content))
			if trimmed := strings.TrimSpace(line); !strings.HasPrefix(trimmed, "#") && !strings.HasPrefix(trimmed, "//") {
				for _, at := range expression.FindAllStringSubmatchIndex(line, -1) {
					m := match{line: line, before: before}
					for i := 0; i < len(at); i += 2 {
						place := file.At(text.Span{Start: at[i], End: at[i+1]}.Shift(span.Start))
						if i == 0 {
							m.at = place
						} else {
							m.groups = append(m.groups, place)
						}
					}
					found = append(found, m)
				}
			}
			if !strings.Contains(line, workspace.Remark) {
				before = line
			}
		}
	}
	return found
}
