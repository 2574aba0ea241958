package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
)

// GitHub writes findings as the commands by which a workflow of GitHub Actions
// makes annotations ("Workflow commands", docs.github.com). Paths are relative
// to the top of the repository, since that is where GitHub looks for them. The
// log of a run shows nothing but the message, so that it begins with the place.
func GitHub(w io.Writer, c *Check) error {
	var out bytes.Buffer
	root := c.top()
	for _, f := range c.Findings() {
		path := shorten(root, f.At.File.Path)
		region := sarifSpan(f.At.File, f.At.Span)
		fmt.Fprintf(&out, "::%s file=%s,line=%d,endLine=%d", annotation(f.Severity), property(path), region.StartLine, region.EndLine)
		if region.StartLine == region.EndLine { // columns of several lines are refused
			fmt.Fprintf(&out, ",col=%d,endColumn=%d", region.StartColumn, region.EndColumn)
		}
		fmt.Fprintf(&out, ",title=%s::%s\n", property(f.Rule.Code),
			message(visible(fmt.Sprintf("%s:%d:%d: %s", path, region.StartLine, region.StartColumn, f.Text()))))
	}
	_, err := w.Write(out.Bytes())
	return err
}

func annotation(s diagnostics.Severity) string {
	if level := sarifLevel(s); level != "note" {
		return level
	}
	return "notice"
}

// message escapes what follows the second pair of colons.
func message(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// property escapes the value of a property.
func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(message(s))
}
