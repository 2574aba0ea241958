package workspace

import "sync"

// kept is what was worked out from the calls of a project, for the snapshots that
// follow with the same calls in the same files.
type kept struct {
	calls   []*Call
	files   [6]*File // that a call may stand in, by their meaning
	example *File
	values  sync.Map // by name
}

// keep returns what was kept before while it holds.
func (p *Project) keep(before *Project) *kept {
	k := before.kept
	files := [...]*File{p.File, p.ProfilesFile, p.Packages, p.Dependencies, p.Selectors, p.vars}
	if k != nil && k.files == files && k.example == p.Example && sameSlice(k.calls, p.Calls) {
		return k
	}
	return &kept{calls: p.Calls, files: files, example: p.Example}
}

func sameSlice(a, b []*Call) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// FromCalls returns what work gives: of a snapshot before this one, if the calls
// and the files they stand in are the same. It must follow from these alone.
func (p *Project) FromCalls(name string, work func() any) any {
	if p.kept == nil {
		return work()
	}
	once, ok := p.kept.values.Load(name)
	if !ok {
		once, _ = p.kept.values.LoadOrStore(name, sync.OnceValue(work))
	}
	return once.(func() any)()
}
