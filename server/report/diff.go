package report

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aymanbagabas/go-udiff"

	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// DiffFolder returns the folder that the paths of a diff are relative to. As git
// has it, that is the top of the repository where the current folder does not
// hold all that would change.
func DiffFolder(cwd string, projects []*workspace.Project, changes []*fix.Change) string {
	if !slices.ContainsFunc(changes, func(c *fix.Change) bool { return !fspath.Within(cwd, c.Path) }) {
		return cwd
	}
	for _, p := range projects {
		for _, top := range []string{p.Git.Root, p.Root} {
			if top != "" && fspath.Within(top, cwd) {
				return top
			}
		}
	}
	return cwd
}

// Diff writes what fixes would change as a unified diff with paths relative to
// a folder. Values are masked, and where one is, the diff says so. A terminal gets
// nothing that would steer it; a pipe gets the bytes, so that they can be applied.
func Diff(w io.Writer, folder string, changes []*fix.Change, style Style) error {
	var out bytes.Buffer
	for _, c := range changes {
		path := shorten(folder, c.Path)
		from, to := "a/"+strings.TrimPrefix(path, "/"), "b/"+strings.TrimPrefix(path, "/")
		if !c.Before.Exists() {
			from = "/dev/null"
		}
		if !c.After.Exists() {
			to = "/dev/null"
		}
		for _, line := range done(c) {
			fmt.Fprintf(&out, "# %s\n", visible(line))
		}
		body, masked := maskDiff(udiff.Unified(from, to, string(c.Before.Content), string(c.After.Content)), c)
		if masked {
			fmt.Fprintf(&out, "# Values are shown as %s, so that this part cannot be applied as a patch.\n", secret.Mask)
		}
		if body == "" { // an empty file comes or goes
			body = fmt.Sprintf("--- %s\n+++ %s\n", from, to)
		}
		out.WriteString(body)
	}
	if style.Width > 0 {
		_, err := io.WriteString(w, visible(out.String()))
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

var hunkHeader = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@`)
})

// maskDiff masks the lines of a unified diff by what they are in their file.
func maskDiff(diff string, c *fix.Change) (string, bool) {
	var out strings.Builder
	before, after := newSourceLines(c.Before), newSourceLines(c.After)
	old, new, masked := 0, 0, false // lines that come next, from 0
	for i, line := range strings.SplitAfter(diff, "\n") {
		header := hunkHeader().FindStringSubmatch(line)
		switch {
		case i < 2 || line == "" || line[0] == '\\':
			out.WriteString(line)
			continue
		case header != nil:
			old, new = lineNumber(header[1]), lineNumber(header[2])
			out.WriteString(line)
			continue
		}
		shown := line[1:]
		if line[0] != '+' {
			shown = before.mask(old, shown)
			old++
		}
		if line[0] != '-' {
			if line[0] == '+' || shown == line[1:] {
				shown = after.mask(new, shown)
			}
			new++
		}
		masked = masked || shown != line[1:]
		out.WriteString(line[:1] + shown)
	}
	return out.String(), masked
}

func lineNumber(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n == 0 {
		return 0
	}
	return n - 1
}

// sourceLines are the lines of a file as a diff counts them: they end in LF.
type sourceLines struct {
	file   *workspace.File
	starts []int
}

func newSourceLines(file *workspace.File) *sourceLines {
	l := &sourceLines{file: file, starts: []int{0}}
	for i, b := range file.Content {
		if b == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// mask returns line n as it may be shown.
func (l *sourceLines) mask(n int, line string) string {
	body := strings.TrimSuffix(line, "\n")
	if n >= len(l.starts) {
		return secret.Mask
	}
	span := text.Span{Start: l.starts[n], End: l.starts[n] + len(body)}
	var shown string
	if workspace.IsEnvFile(l.file.Path) {
		shown = maskLine(l.file, span, body)
	} else {
		shown, _ = mask(l.file, span, body, func(string) bool { return false })
	}
	return shown + line[len(body):]
}

var assignmentHead = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*(?:(?:#|//|;)\s*)?(?:export\s+|set\s+|\$env:)?[A-Za-z_][A-Za-z0-9_.-]*\s*[=:]`)
})

// usedIn is the comment that example-missing-key writes.
var usedIn = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^# used in \S+\s*$`)
})

// maskLine shows of a line of an environment file what stands before a value.
// A diff has many lines about which nothing is known, so that it shows less
// than maskEnv.
func maskLine(file *workspace.File, span text.Span, line string) string {
	for _, e := range file.Dotenv().Entries {
		if e.Line().Start < span.Start && span.Start < e.Value().End {
			return secret.Mask
		}
	}
	if strings.TrimSpace(line) == "" || usedIn().MatchString(line) {
		return line
	}
	head := assignmentHead().FindString(line)
	if head == "" && strings.HasPrefix(strings.TrimSpace(line), "#") {
		head = line[:strings.IndexByte(line, '#')+1] + " "
	}
	if head != "" && strings.TrimSpace(line[min(len(head), len(line)):]) == "" {
		return line
	}
	return head + secret.Mask
}

// Fixes writes what fixes changed, and what they left.
func Fixes(w io.Writer, cwd string, r *fix.Result) error {
	var out bytes.Buffer
	for _, c := range r.Changes {
		verb := "Fixed"
		switch {
		case !c.After.Exists():
			verb = "Deleted"
		case !c.Before.Exists():
			verb = "Created"
		}
		fmt.Fprintf(&out, "%s %s\n", verb, visible(shorten(cwd, c.Path)))
		for _, line := range done(c) {
			fmt.Fprintf(&out, "  %s\n", visible(line))
		}
	}
	for _, l := range r.Left {
		fmt.Fprintf(&out, "Not fixed, because of %s: %s.\n  %s (%s)\n", visible(shorten(cwd, filepath.Clean(l.Path))), visible(l.Reason), visible(l.Title), l.Rule)
	}
	if out.Len() > 0 {
		out.WriteByte('\n')
	}
	_, err := w.Write(out.Bytes())
	return err
}

// done says what was done to a file, equal things once with their number.
func done(c *fix.Change) []string {
	count := map[fix.Done]int{}
	var lines []string
	for _, d := range c.Done {
		count[d]++
	}
	for _, d := range c.Done {
		n := count[d]
		delete(count, d)
		switch {
		case n == 1:
			lines = append(lines, fmt.Sprintf("%s (%s)", d.Title, d.Rule))
		case n > 1:
			lines = append(lines, fmt.Sprintf("%s (%s), %d times", d.Title, d.Rule, n))
		}
	}
	return lines
}
