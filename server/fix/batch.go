// Package fix makes the changes that the fixes of findings describe: it joins
// those that can be made at once, computes what becomes of the files, and
// writes each of them in one step.
package fix

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
)

// Pick returns the fix of a finding that is applied without a choice: the safe
// one, and with unsafe else the preferred one. It is nil where there is none
// that changes files.
func Pick(f *diagnostics.Finding, unsafe bool) *diagnostics.Fix {
	fixes := f.Offers()
	for i := range fixes {
		if fix := &fixes[i]; fix.Safe && len(fix.Edits) > 0 && len(fix.Create)+len(fix.Delete) == 0 {
			return fix
		}
	}
	for i := range fixes {
		if fix := &fixes[i]; unsafe && fix.Preferred && fix.Command == nil && len(fix.Edits)+len(fix.Create)+len(fix.Delete) > 0 {
			return fix
		}
	}
	return nil
}

// Batch joins fixes that can be made at once. The zero value is empty.
type Batch struct {
	Edits  []diagnostics.Edit
	Create []diagnostics.NewFile
	Delete []string

	byPath map[string][]diagnostics.Edit // sorted by place
	whole  map[string]bool               // paths that are created or deleted
	seen   map[string]bool               // fixes by what they do
}

// Add joins a fix to the batch, as a whole or not at all. It returns false
// where the fix touches what another one changes; it may fit after the change.
func (b *Batch) Add(fix *diagnostics.Fix) bool {
	key := describe(fix)
	if b.seen[key] {
		return true // two findings ask for the same
	}
	edits := slices.Clone(fix.Edits)
	whole := wholePaths(fix)
	for i := range edits {
		if path := edits[i].File.Path; b.whole[path] || slices.Contains(whole, path) || !b.fits(&edits[i]) {
			return false
		}
	}
	if !apart(edits) || slices.ContainsFunc(whole, func(path string) bool { return b.whole[path] || len(b.byPath[path]) > 0 }) {
		return false
	}
	if b.seen == nil {
		b.seen, b.whole, b.byPath = map[string]bool{}, map[string]bool{}, map[string][]diagnostics.Edit{}
	}
	for _, e := range edits {
		list := b.byPath[e.File.Path]
		b.byPath[e.File.Path] = slices.Insert(list, position(list, &e), e)
	}
	for _, path := range whole {
		b.whole[path] = true
	}
	b.seen[key] = true
	b.Edits = append(b.Edits, edits...)
	b.Create = append(b.Create, fix.Create...)
	b.Delete = append(b.Delete, fix.Delete...)
	return true
}

// wholePaths returns the paths that a fix creates or deletes.
func wholePaths(fix *diagnostics.Fix) []string {
	paths := slices.Clone(fix.Delete)
	for _, file := range fix.Create {
		paths = append(paths, file.Path)
	}
	return paths
}

// position returns where an edit belongs in a sorted list: behind its equals.
func position(list []diagnostics.Edit, e *diagnostics.Edit) int {
	at, _ := slices.BinarySearchFunc(list, e, func(a diagnostics.Edit, b *diagnostics.Edit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), -1)
	})
	return at
}

// fits reports whether an edit can be made together with those of the batch. A
// line that is added where another one is added loses the line break in front
// that only the first one needs.
func (b *Batch) fits(e *diagnostics.Edit) bool {
	list := b.byPath[e.File.Path]
	at := position(list, e)
	if at < len(list) && list[at].Span.Overlaps(e.Span) {
		return false
	}
	if at == 0 {
		return true
	}
	before := &list[at-1]
	switch {
	case !bytes.Equal(before.File.Content, e.File.Content):
		return false
	case before.Span.Empty() && e.Span == before.Span:
		return joinLines(before, e)
	}
	return !before.Span.Overlaps(e.Span)
}

// apart reports whether the edits of one fix do not overlap each other.
func apart(edits []diagnostics.Edit) bool {
	for _, group := range ByFile(edits) {
		for i := 1; i < len(group); i++ {
			if group[i].Start < group[i-1].End {
				return false
			}
		}
	}
	return true
}

// joinLines makes an insertion fit behind another one at the same place. Only
// whole lines can follow each other.
func joinLines(before, e *diagnostics.Edit) bool {
	if !strings.HasSuffix(before.New, "\n") || !strings.HasSuffix(e.New, "\n") {
		return false
	}
	if at := e.Start; at == 0 || e.File.Content[at-1] == '\n' {
		return true
	}
	line, ok := strings.CutPrefix(strings.TrimPrefix(e.New, "\r"), "\n")
	e.New = line
	return ok
}

// describe says all that a fix does, so that equal fixes are known.
func describe(fix *diagnostics.Fix) string {
	var out strings.Builder
	for _, e := range fix.Edits {
		fmt.Fprintf(&out, "%q %d %d %q\n", e.File.Path, e.Start, e.End, e.New)
	}
	fmt.Fprintf(&out, "%q %q", fix.Create, fix.Delete)
	return out.String()
}

// ByFile groups edits by their file, each group sorted by place; those at one
// place keep their order.
func ByFile(edits []diagnostics.Edit) [][]diagnostics.Edit {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b diagnostics.Edit) int {
		return cmp.Or(cmp.Compare(a.File.Path, b.File.Path), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	var groups [][]diagnostics.Edit
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && sorted[n].File.Path == sorted[0].File.Path {
			n++
		}
		groups = append(groups, sorted[:n])
		sorted = sorted[n:]
	}
	return groups
}
