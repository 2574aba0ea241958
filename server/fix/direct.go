package fix

// Direct returns a plan of changes that follow from no finding. All of them are
// made, or none.
func Direct(changes []*Change) *Plan {
	p := &Plan{changes: map[string]*Change{}}
	var paths []string
	for _, c := range changes {
		p.changes[c.Path] = c
		paths = append(paths, c.Path)
	}
	p.groups = [][]string{paths}
	return p
}
