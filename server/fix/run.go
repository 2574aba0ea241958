package fix

import (
	"cmp"
	"errors"
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// maxPasses bounds how often the disk is read again to see what is left to do.
const maxPasses = 10

// Result is what Run did.
type Result struct {
	Changes  []*Change // sorted by path
	Failures []Failure // sorted by path
	Left     []Left    // sorted by path
}

// Run makes the fixes and writes them. The safe ones come first, so that none
// of them is lost where an unsafe one fails. After every writing the files are
// read again, since more may be seen then.
func Run(w *workspace.Workspace, o Options) *Result {
	r := &Result{}
	o.failed = map[string]bool{}
	levels := []bool{false}
	if o.Unsafe {
		levels = append(levels, true)
	}
	for _, o.Unsafe = range levels {
		for range maxPasses {
			plan := Make(w, o)
			failures := plan.Write()
			plan.Forget(w)
			changes := plan.Changes()
			r.take(changes, failures)
			r.Left = plan.Left
			for _, f := range failures {
				if !errors.Is(f.Err, errPartner) {
					o.failed[realPath(f.Path)] = true
				}
			}
			if len(changes) == 0 {
				break
			}
		}
	}
	slices.SortFunc(r.Changes, func(a, b *Change) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortStableFunc(r.Failures, func(a, b Failure) int { return cmp.Compare(a.Path, b.Path) })
	return r
}

// take adds what one pass did.
func (r *Result) take(changes []*Change, failures []Failure) {
	for _, f := range failures {
		if !slices.ContainsFunc(r.Failures, func(o Failure) bool { return o.Path == f.Path }) {
			r.Failures = append(r.Failures, f)
		}
	}
	for _, c := range changes {
		if slices.ContainsFunc(failures, func(f Failure) bool { return f.Path == c.Path }) {
			continue
		}
		i := slices.IndexFunc(r.Changes, func(o *Change) bool { return o.Path == c.Path })
		if i < 0 {
			r.Changes = append(r.Changes, c)
			continue
		}
		r.Changes[i].After = c.After
		r.Changes[i].Done = append(r.Changes[i].Done, c.Done...)
	}
}
