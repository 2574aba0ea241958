package diagnostics_test

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// TestHalfTypedFiles types into each YAML file of all archives what dbt cannot
// read, so that what the project knows of the file is from before: no rule fails,
// and each place and each fix is one of the text as it is now.
func TestHalfTypedFiles(t *testing.T) {
	for _, rule := range diagnostics.Rules() {
		for _, c := range casesOf(t, rule) {
			if len(c.git) > 0 {
				continue // as without, and slower
			}
			t.Run(rule.Code+"/"+c.name, func(t *testing.T) {
				c.setUp(t)
				for _, name := range c.yamlFiles() {
					c.halfType(t, name)
				}
			})
		}
	}
}

// yamlFiles are the YAML files of the project, the most recent content in an editor
// included.
func (c *testCase) yamlFiles() []string {
	all := map[string]string{}
	maps.Copy(all, scaffold)
	maps.Copy(all, c.files)
	maps.Copy(all, c.open)
	maps.DeleteFunc(all, func(name, _ string) bool { return !workspace.IsYAML(name) || slices.Contains(c.absent, name) })
	return slices.Sorted(maps.Keys(all))
}

// halfType types into a file of which dbt could read all before.
func (c *testCase) halfType(t *testing.T, name string) {
	path := filepath.Join(c.project, name)
	whole := c.open[name]
	if whole == "" {
		whole = c.files[name] + scaffold[name]
	}
	type typed struct{ what, text string }
	for _, half := range []typed{
		{"a bracket alone", "["},
		{"a bracket behind", whole + "\nx: [\n"},
		{"a bracket before", "x: [\n" + whole},
		{"half of it", whole[:len(whole)/2] + "\n'"},
		{"a tab in most of it", whole[:len(whole)*3/4] + "\n\t- x: ["},
	} {
		c.workspace.SetDocument(path, 1, []byte(whole))
		c.check(c.workspace.Snapshot())
		c.workspace.SetDocument(path, 2, []byte(half.text))
		for _, f := range c.check(c.workspace.Snapshot()) {
			c.fits(t, name+", "+half.what, &f)
		}
	}
	c.workspace.CloseDocument(path)
}

// fits fails unless all that a finding says is of the texts that it names.
func (c *testCase) fits(t *testing.T, when string, f *diagnostics.Finding) {
	t.Helper()
	if f.At.Span.Start < 0 || f.At.Span.End < f.At.Span.Start || f.At.Span.End > len(f.At.File.Content) {
		t.Errorf("%s: %s stands at %v of %d bytes", when, f.Rule.Code, f.At.Span, len(f.At.File.Content))
	}
	for _, offer := range f.Offers() {
		for _, group := range fix.ByFile(offer.Edits) {
			var edits []text.Edit
			for _, e := range group {
				edits = append(edits, e.Edit)
			}
			if _, err := text.Apply(group[0].File.Content, edits); err != nil {
				t.Errorf("%s: %s: %q cannot be done: %v", when, f.Rule.Code, offer.Title, err)
			}
		}
	}
}
