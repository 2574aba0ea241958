package oracle

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
)

// tries is how often the engine is asked while one scenario is made smaller.
const tries = 160

// shrink takes away from a scenario what the problem does not need: files,
// variables, then lines. Each step keeps a problem of the same kind.
func shrink(t *testing.T, engine *dbttest.Engine, s scenario, p *disagreement) scenario {
	t.Helper()
	left := tries
	try := func(smaller scenario) bool {
		if left--; left < 0 {
			return false
		}
		var unused figures
		found := compare(t, engine, []scenario{smaller}, &unused)[0]
		if found == nil || found.kind != p.kind {
			return false
		}
		s, *p = smaller, *found
		return true
	}
	for changed := true; changed && left > 0; {
		changed = false
		for _, change := range smaller(s) {
			if change.still(s) && try(change.of(s)) {
				changed = true
			}
		}
	}
	return s
}

// A cut takes one thing out of a scenario.
type cut struct {
	in   func(*scenario) *map[string]string
	name string
	line string // "" for the whole entry
}

func smaller(s scenario) []cut {
	var cuts []cut
	places := []func(*scenario) *map[string]string{
		func(s *scenario) *map[string]string { return &s.Files }, func(s *scenario) *map[string]string { return &s.Home },
		func(s *scenario) *map[string]string { return &s.Env }, func(s *scenario) *map[string]string { return &s.Links },
	}
	for _, in := range places {
		for _, name := range slices.Sorted(maps.Keys(*in(&s))) {
			cuts = append(cuts, cut{in, name, ""})
		}
	}
	for _, in := range places[:2] {
		for _, name := range slices.Sorted(maps.Keys(*in(&s))) {
			for line := range strings.Lines((*in(&s))[name]) {
				cuts = append(cuts, cut{in, name, line})
			}
		}
	}
	return cuts
}

func (c cut) still(s scenario) bool {
	content, ok := (*c.in(&s))[c.name]
	return ok && strings.Contains(content, c.line)
}

func (c cut) of(s scenario) scenario {
	m := maps.Clone(*c.in(&s))
	if c.line == "" {
		delete(m, c.name)
	} else {
		m[c.name] = strings.Replace(m[c.name], c.line, "", 1)
	}
	*c.in(&s) = m
	return s
}
