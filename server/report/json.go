package report

import (
	"encoding/json"
	"io"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// formatVersion is the version of the JSON formats; a change that breaks a
// reader raises it.
const formatVersion = 1

type jsonPosition struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

func position(p text.Position) jsonPosition { return jsonPosition{p.Line, p.Column} }

type jsonPlace struct {
	File  string       `json:"file"`
	Start jsonPosition `json:"start"`
	End   jsonPosition `json:"end"`
}

type jsonFix struct {
	Title     string `json:"title"`
	Preferred bool   `json:"preferred"`
	Safe      bool   `json:"safe"`
}

type jsonRelated struct {
	Message string `json:"message"`
	jsonPlace
}

type jsonFinding struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	Project  string `json:"project"`
	jsonPlace
	Fixes   []jsonFix     `json:"fixes"`
	Related []jsonRelated `json:"related"`
}

type jsonSummary struct {
	Projects int     `json:"projects"`
	Files    int     `json:"files"`
	Error    int     `json:"error"`
	Warning  int     `json:"warning"`
	Info     int     `json:"info"`
	Hint     int     `json:"hint"`
	Fixable  int     `json:"fixable"`
	Seconds  float64 `json:"seconds"`
}

// JSON writes findings for programs.
func JSON(w io.Writer, c *Check) error {
	out := struct {
		Version  int           `json:"version"`
		Findings []jsonFinding `json:"findings"`
		Summary  jsonSummary   `json:"summary"`
	}{Version: formatVersion, Findings: []jsonFinding{}}
	for _, f := range c.Findings() {
		out.Findings = append(out.Findings, c.finding(f))
	}
	s := c.Summary()
	out.Summary = jsonSummary{
		Projects: s.Projects, Files: s.Files, Fixable: s.Fixable, Seconds: c.Elapsed.Seconds(),
		Error: s.Count[diagnostics.Error], Warning: s.Count[diagnostics.Warning], Info: s.Count[diagnostics.Info], Hint: s.Count[diagnostics.Hint],
	}
	return encode(w, out)
}

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func (c *Check) finding(f Located) jsonFinding {
	out := jsonFinding{
		Rule: f.Rule.Code, Severity: f.Severity.String(), Message: f.Text(), Project: shorten(c.Cwd, f.Project.Root),
		jsonPlace: c.place(f.At), Fixes: []jsonFix{}, Related: []jsonRelated{},
	}
	for _, fix := range f.Offers() {
		out.Fixes = append(out.Fixes, jsonFix{fix.Title, fix.Preferred, fix.Safe})
	}
	for _, r := range f.Related {
		out.Related = append(out.Related, jsonRelated{r.Message, c.place(r.At)})
	}
	return out
}

func (c *Check) place(at workspace.Location) jsonPlace {
	return jsonPlace{
		File:  shorten(c.Cwd, at.File.Path),
		Start: position(at.Position()),
		End:   position(at.File.Lines().Position(at.Span.End)),
	}
}
