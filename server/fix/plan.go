package fix

import (
	"bytes"
	"cmp"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// maxRounds bounds how often fixes follow fixes. Every line that dbt cannot
// read is seen only after the one above it has been mended, so that a bad file
// takes as many rounds as it has bad lines.
const maxRounds = 1000

// Options say which fixes are wanted.
type Options struct {
	// Find returns the findings to be mended.
	Find func(*workspace.Snapshot) []diagnostics.Finding
	// Unsafe says that also preferred fixes are made: those that create, rename
	// or delete files, touch several, or need a value.
	Unsafe bool
	// Within reports whether a file may be touched. Links in the path are
	// resolved.
	Within func(path string) bool

	failed map[string]bool // places that could not be written
}

// Plan is what fixes make of files. Nothing is written until Write.
type Plan struct {
	Left []Left // what is not done, each once

	changes map[string]*Change // by path
	groups  [][]string         // paths that change together or not at all
	owners  map[string]string  // path by the place that its links lead to
	values  map[string]bool    // lines for values that were added
	taken   []string           // paths whose content is assumed in the workspace
}

// Change is what becomes of one file.
type Change struct {
	Path          string
	Before, After *workspace.File // one that does not exist is created or deleted
	Done          []Done          // in the order in which it was done
}

// Done is one fix that was made.
type Done struct {
	Rule, Title string
}

// Left is a fix that is not made.
type Left struct {
	Path, Rule, Title string
	Reason            string
}

// The reasons for which a fix is not made.
const (
	reasonFailed   = "it could not be written"
	reasonExists   = "it is there already"
	reasonChanged  = "it has changed"
	reasonOutside  = "it lies outside of the given path"
	reasonNotInGit = "git does not hold its content"
)

// Make computes what the fixes of all findings make of the files, round after
// round until nothing is left to do. The workspace then takes the results for
// what is on the disk, until Forget.
func Make(w *workspace.Workspace, o Options) *Plan {
	p := &Plan{changes: map[string]*Change{}, owners: map[string]string{}, values: map[string]bool{}}
	levels := []bool{false}
	if o.Unsafe {
		levels = append(levels, true)
	}
	for _, unsafe := range levels {
		for range maxRounds {
			if !p.round(w, o, unsafe) {
				break
			}
		}
	}
	slices.SortStableFunc(p.Left, func(a, b Left) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Rule, b.Rule)) })
	return p
}

// Forget lets the workspace see the disk again.
func (p *Plan) Forget(w *workspace.Workspace) {
	for _, path := range p.taken {
		w.CloseDocument(path)
	}
}

// Changes returns what becomes of the files, sorted by path.
func (p *Plan) Changes() []*Change {
	var all []*Change
	for _, path := range slices.Sorted(maps.Keys(p.changes)) {
		if c := p.changes[path]; c.Before.Exists() != c.After.Exists() || !bytes.Equal(c.Before.Content, c.After.Content) {
			all = append(all, c)
		}
	}
	return all
}

// round makes all fixes that can be made at once. It returns false when there
// was none.
func (p *Plan) round(w *workspace.Workspace, o Options, unsafe bool) bool {
	snapshot := w.Snapshot()
	var batch Batch
	done := map[string][]Done{}
	for _, f := range o.Find(snapshot) {
		fix := Pick(&f, unsafe)
		if fix == nil {
			continue
		}
		paths, value := Paths(fix), ""
		if fix.Cursor != nil {
			value = fix.Title + "\x00" + strings.Join(paths, "\x00")
			if fix = withoutValue(fix); fix == nil || p.values[value] {
				continue
			}
		}
		if path, reason := p.refusal(snapshot, o, fix, paths); path != "" {
			p.leave(Left{path, f.Rule.Code, fix.Title, reason})
			continue
		}
		if !batch.Add(fix) {
			continue
		}
		p.values[value] = true
		p.join(paths)
		for _, path := range paths {
			done[path] = append(done[path], Done{f.Rule.Code, fix.Title})
		}
	}
	return p.assume(w, snapshot, &batch, done)
}

// Paths returns the files that a fix touches: those it creates first, those it
// deletes last.
func Paths(fix *diagnostics.Fix) []string {
	var paths []string
	for _, file := range fix.Create {
		paths = append(paths, file.Path)
	}
	for _, e := range fix.Edits {
		paths = append(paths, e.File.Path)
	}
	paths = append(paths, fix.Delete...)
	var unique []string
	for _, path := range paths {
		if !slices.Contains(unique, path) {
			unique = append(unique, path)
		}
	}
	return unique
}

// refusal says why a fix is not made, and for the sake of which file. Both are
// empty where it can be.
func (p *Plan) refusal(s *workspace.Snapshot, o Options, fix *diagnostics.Fix, paths []string) (path, reason string) {
	for _, path := range paths {
		real := realPath(path)
		if o.failed[real] {
			return path, reasonFailed
		}
		if !o.Within(real) {
			return path, reasonOutside
		}
		if owner, ok := p.owners[real]; ok && owner != path {
			return path, "it is the same file as " + filepath.Base(owner)
		}
		p.owners[real] = path
	}
	for _, n := range fix.Create {
		if file, ok := s.File(n.Path); ok && !file.Absent() {
			return n.Path, reasonExists
		}
	}
	for _, path := range fix.Delete {
		file, ok := s.File(path)
		if !ok || !file.Exists() || !moved(fix, file) && !workspace.GitHolds(path, file.Content) {
			return path, reasonNotInGit
		}
	}
	for _, e := range fix.Edits {
		if now, ok := s.File(e.File.Path); ok && !bytes.Equal(now.Content, e.File.Content) {
			return e.File.Path, reasonChanged
		}
	}
	return "", ""
}

// moved reports whether a fix creates a file with the content of one that it
// deletes.
func moved(fix *diagnostics.Fix, deleted *workspace.File) bool {
	return slices.ContainsFunc(fix.Create, func(n diagnostics.NewFile) bool { return n.Content == string(deleted.Content) })
}

func (p *Plan) leave(l Left) {
	if l.Reason != reasonFailed && !slices.Contains(p.Left, l) { // the failure itself is told
		p.Left = append(p.Left, l)
	}
}

// realPath returns where a path leads when its links are followed; of a file
// that does not exist, and of folders that do not, those of what does.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	folder := filepath.Dir(path)
	if folder == path {
		return path
	}
	return filepath.Join(realPath(folder), filepath.Base(path))
}

// Applied returns the fix of a finding as it is made where nobody is asked for a
// value, nil where there is none.
func Applied(f *diagnostics.Finding, unsafe bool) *diagnostics.Fix {
	fix := Pick(f, unsafe)
	if fix == nil || fix.Cursor == nil {
		return fix
	}
	return withoutValue(fix)
}

// withoutValue returns a fix that needs a value as one that leaves the line as
// a comment, nil where that cannot be.
func withoutValue(fix *diagnostics.Fix) *diagnostics.Fix {
	if !workspace.IsEnvFile(fix.Cursor.Path) {
		return nil
	}
	changed := *fix
	changed.Cursor = nil
	changed.Edits, changed.Create = slices.Clone(fix.Edits), slices.Clone(fix.Create)
	for i := range changed.Create {
		if n := &changed.Create[i]; n.Path == fix.Cursor.Path {
			var ok bool
			if n.Content, ok = commented(n.Content, fix.Cursor.Offset); ok {
				return &changed
			}
		}
	}
	at := fix.Cursor.Offset // in the changed file
	for _, group := range ByFile(changed.Edits) {
		if group[0].File.Path != fix.Cursor.Path {
			continue
		}
		for _, e := range group {
			if line, ok := commented(e.New, at-e.Start); ok {
				if hasComment(e.File, line) {
					return nil
				}
				changed.Edits[slices.Index(changed.Edits, e)].New = line
				return &changed
			}
			at -= len(e.New) - e.Span.Len()
		}
	}
	return nil
}

// commented puts a comment sign before the line of a text that ends at an
// offset with an equal sign.
func commented(s string, at int) (string, bool) {
	if at <= 0 || at > len(s) || s[at-1] != '=' || at < len(s) && s[at] != '\n' && s[at] != '\r' {
		return s, false
	}
	line := strings.LastIndexByte(s[:at], '\n') + 1
	return s[:line] + "# " + s[line:], true
}

// hasComment reports whether a file has a name as a comment already that lines
// to be added hold as one.
func hasComment(file *workspace.File, lines string) bool {
	added := dotenv.Parse([]byte(lines))
	return slices.ContainsFunc(added.Commented, func(e dotenv.Entry) bool {
		return len(file.Dotenv().CommentedAs(added.Name(&e))) > 0
	})
}

// join notes that files change together.
func (p *Plan) join(paths []string) {
	var joined []string
	p.groups = slices.DeleteFunc(p.groups, func(group []string) bool {
		if !slices.ContainsFunc(group, func(path string) bool { return slices.Contains(paths, path) }) {
			return false
		}
		joined = append(joined, group...)
		return true
	})
	for _, path := range paths {
		if !slices.Contains(joined, path) {
			joined = append(joined, path)
		}
	}
	p.groups = append(p.groups, joined)
}

// assume lets the workspace take the changes of a batch for done. It returns
// false when they change nothing.
func (p *Plan) assume(w *workspace.Workspace, s *workspace.Snapshot, batch *Batch, done map[string][]Done) bool {
	changed := false
	set := func(path string, content []byte, err error) {
		before, ok := s.File(path)
		if !ok {
			before = &workspace.File{Path: path, Err: fs.ErrNotExist}
		}
		if before.Exists() == (err == nil) && bytes.Equal(before.Content, content) {
			return
		}
		changed = true
		c := p.changes[path]
		if c == nil {
			c = &Change{Path: path, Before: before}
			p.changes[path], p.taken = c, append(p.taken, path)
		}
		w.Assume(path, content, err)
		c.Done = append(c.Done, done[path]...)
	}
	for _, file := range batch.Create {
		set(file.Path, []byte(file.Content), nil)
	}
	for _, group := range ByFile(batch.Edits) {
		changes := make([]text.Edit, len(group))
		for i, e := range group {
			changes[i] = e.Edit
		}
		if content, err := text.Apply(group[0].File.Content, changes); err == nil { // Batch has seen to that
			set(group[0].File.Path, content, nil)
		}
	}
	for _, path := range batch.Delete {
		set(path, nil, fs.ErrNotExist)
	}
	after := w.Snapshot()
	for path := range done {
		if c := p.changes[path]; c != nil {
			c.After, _ = after.File(path)
		}
	}
	return changed
}
