package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/docs"
	"github.com/dbt-hybrid/dbt-hybrid/server/words"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// Text writes findings for people: the cause, the source line with a marker,
// the remedy, and a summary.
func Text(w io.Writer, c *Check, style Style) error {
	out := bufio.NewWriter(w)
	t := &textWriter{w: out, cwd: c.Cwd, paint: painter{style}}
	for _, f := range c.Findings() {
		t.finding(f)
	}
	t.summary(c)
	return cmp.Or(t.err, out.Flush())
}

type textWriter struct {
	w     io.Writer
	cwd   string
	paint painter
	err   error // the first one; nothing is written after it
}

func (t *textWriter) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}

func (t *textWriter) finding(f Located) {
	label := t.paint.severity(f.Severity, f.Severity.String()+"["+t.paint.link(docs.Address(f.Rule.Code), f.Rule.Code)+"]")
	t.printf("%s %s\n", label, t.paint.bold(visible(f.Message)))
	line, marker := f.source()
	number := fmt.Sprint(f.At.Line())
	gutter := strings.Repeat(" ", len(number))
	t.printf("%s %s %s\n", gutter, t.paint.dim("-->"), t.place(f.Project, f.At))
	if line != "" {
		bar := t.paint.dim("|")
		t.printf("%s %s\n%s %s %s\n", gutter, bar, t.paint.dim(number), bar, visible(line))
		t.printf("%s %s %s\n", gutter, bar, t.paint.severity(f.Severity, marker))
	}
	for _, r := range f.Related {
		t.printf("%s %s %s %s\n", gutter, t.paint.dim("see"), t.place(f.Project, r.At), visible(r.Message))
	}
	if f.Remedy != "" {
		t.printf("%s %s %s\n", gutter, t.paint.dim("="), visible(f.Remedy))
	}
	if fixes := f.Offers(); len(fixes) > 0 {
		t.printf("%s %s %s\n", gutter, t.paint.dim("fix"), visible(fixes[0].Title))
	}
	t.printf("\n")
}

// place is a location as people and editors read it: path:line:column.
func (t *textWriter) place(p *workspace.Project, at workspace.Location) string {
	return t.paint.file(at.File.Path, visible(near(p, t.cwd, at.File.Path))+":"+at.Position().String())
}

func (t *textWriter) summary(c *Check) {
	s := c.Summary()
	var parts []string
	for _, severity := range []diagnostics.Severity{diagnostics.Error, diagnostics.Warning, diagnostics.Info, diagnostics.Hint} {
		if n := s.Count[severity]; n > 0 {
			parts = append(parts, t.paint.severity(severity, words.Plural(n, noun(severity))))
		}
	}
	found := "Nothing found"
	if len(parts) > 0 {
		found = "Found " + strings.Join(parts, ", ")
	}
	t.printf("%s in %s (%s, %.2f s).\n", found, words.Plural(s.Projects, "project"), words.Plural(s.Files, "file"), c.Elapsed.Seconds())
	if s.Fixable > 0 {
		verb := "have"
		if s.Fixable == 1 {
			verb = "has"
		}
		t.printf("%s %s a fix in the editor%s.\n", words.Plural(s.Fixable, "finding"), verb, applied(s))
	}
}

// applied says how many fixes a terminal can make, and how.
func applied(s Summary) string {
	switch {
	case s.Unsafe == 0:
		return ""
	case s.Safe == 0:
		return fmt.Sprintf(", and `check --fix --unsafe-fixes` applies %d", s.Unsafe)
	case s.Safe == s.Unsafe:
		return fmt.Sprintf(", and `check --fix` applies %d", s.Safe)
	}
	return fmt.Sprintf(", and `check --fix` applies %d, with `--unsafe-fixes` %d", s.Safe, s.Unsafe)
}

func noun(s diagnostics.Severity) string {
	if s == diagnostics.Info {
		return "note"
	}
	return s.String()
}

// source returns the line that a finding begins on, with every value masked, and
// a marker below its place.
func (f *Located) source() (line, marker string) {
	at := f.At
	lines := at.File.Lines()
	span := lines.Line(at.Line() - 1)
	raw := string(span.Of(at.File.Content))
	shown, limit := mask(at.File, span, raw, func(name string) bool { return f.Project.Variable(name) != nil })
	start := min(at.Span.Start-span.Start, limit)
	end := max(min(at.Span.End-span.Start, limit), start)
	const width = 160
	if len(shown) > width {
		shown = strings.ToValidUTF8(shown[:width], "") + "…"
	}
	indent := columns(clip(shown, start))
	return tabs(shown), strings.Repeat(" ", indent) + strings.Repeat("^", max(columns(clip(shown, end))-indent, 1))
}

func clip(s string, n int) string { return s[:min(n, len(s))] }

// tabs shows a tab as four blanks, so that the marker stands where it should.
func tabs(s string) string { return strings.ReplaceAll(s, "\t", "    ") }

func columns(s string) int { return len([]rune(tabs(s))) }
