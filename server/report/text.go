package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/docs"
	"github.com/dbt-hybrid/dbt-hybrid/server/words"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// Text writes findings for people: the cause, the source line with a marker,
// the remedy, and a summary. What is said of many lines of a file is said once.
func Text(w io.Writer, c *Check, style Style) error {
	out := bufio.NewWriter(w)
	t := &textWriter{w: out, cwd: c.Cwd, paint: painter{style}}
	for _, b := range blocks(c.Findings()) {
		t.block(b)
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

// A block is a finding, with the lines of the file of which the same is said.
type block struct {
	Located
	also []int
}

// last is the last line that the block names.
func (b *block) last() int {
	if n := len(b.also); n > 0 {
		return b.also[n-1]
	}
	return b.At.Line()
}

// maxAlike is how many findings that say the same are shown in full.
const maxAlike = 2

// blocks puts together what is said of more than a few lines of a file.
func blocks(all []Located) []block {
	alike := map[sameness]int{}
	for i := range all {
		alike[all[i].sameness()]++
	}
	first := map[sameness]int{}
	var out []block
	for _, f := range all {
		same := f.sameness()
		at, seen := first[same]
		switch line := f.At.Line(); {
		case len(f.Related) > 0 || alike[same] <= maxAlike:
		case !seen:
			first[same] = len(out)
		case line == out[at].last():
			continue
		default:
			out[at].also = append(out[at].also, line)
			continue
		}
		out = append(out, block{Located: f})
	}
	return out
}

// sameness is what findings that say the same have in common.
type sameness struct {
	rule                  *diagnostics.Rule
	severity              diagnostics.Severity
	path, message, remedy string
}

func (f *Located) sameness() sameness {
	return sameness{f.Rule, f.Severity, f.At.File.Path, f.Message, f.Remedy}
}

func (t *textWriter) block(f block) {
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
	if len(f.also) > 0 {
		t.printf("%s %s on %s\n", gutter, t.paint.dim("also"), lineList(f.also))
	}
	if f.Remedy != "" {
		t.printf("%s %s %s\n", gutter, t.paint.dim("="), visible(f.Remedy))
	}
	if fixes := f.Offers(); len(fixes) > 0 {
		t.printf("%s %s %s\n", gutter, t.paint.dim("fix"), visible(fixes[0].Title))
	}
	t.printf("\n")
}

// maxLines is how many lines a list of lines names.
const maxLines = 10

func lineList(lines []int) string {
	var names []string
	for _, line := range lines[:min(len(lines), maxLines)] {
		names = append(names, strconv.Itoa(line))
	}
	if more := len(lines) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	if len(lines) == 1 {
		return "line " + names[0]
	}
	return "lines " + words.List(names)
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
