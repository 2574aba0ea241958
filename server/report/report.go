// Package report writes what `check` and `status` found, for people and for
// programs.
package report

import (
	"path/filepath"
	"slices"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
)

// Check is the outcome of one `check`.
type Check struct {
	Cwd      string // paths are shown relative to it
	Projects []Project
	Elapsed  time.Duration
}

// Project is one project and what was found about it.
type Project struct {
	Project  *workspace.Project
	Findings []diagnostics.Finding
}

// Summary counts findings.
type Summary struct {
	Projects, Files int
	Count           map[diagnostics.Severity]int
	Fixable         int // findings with a fix that is data
	Safe            int // those of them that a safe fix mends
	Unsafe          int // those of them that --unsafe-fixes mends, the safe ones included
}

// Findings returns the findings of all projects, sorted, equal ones once. What
// is true of the machine and not of a project counts as equal wherever it is
// said.
func (c *Check) Findings() []Located {
	var all []Located
	seen := map[string]bool{}
	for _, p := range c.Projects {
		for _, f := range p.Findings {
			key := f.Rule.Code + "\x00" + f.Message
			if !f.Rule.Everywhere {
				key += "\x00" + f.At.File.Path + "\x00" + f.At.Position().String()
			}
			if !seen[key] {
				seen[key] = true
				all = append(all, Located{f, p.Project})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Located) int { return diagnostics.Compare(a.Finding, b.Finding) })
	return all
}

// Located is a finding with the project it is about.
type Located struct {
	diagnostics.Finding
	Project *workspace.Project
}

// Summary counts what was found.
func (c *Check) Summary() Summary {
	s := Summary{Projects: len(c.Projects), Count: map[diagnostics.Severity]int{}}
	for _, p := range c.Projects {
		s.Files += p.Project.Files()
	}
	for _, f := range c.Findings() {
		s.Count[f.Severity]++
		if fixable(&f.Finding) {
			s.Fixable++
		}
		if fix.Applied(&f.Finding, false) != nil {
			s.Safe++
		}
		if fix.Applied(&f.Finding, true) != nil {
			s.Unsafe++
		}
	}
	return s
}

func fixable(f *diagnostics.Finding) bool {
	for _, one := range f.Offers() {
		if len(one.Edits) > 0 || len(one.Create) > 0 || len(one.Delete) > 0 {
			return true
		}
	}
	return false
}

// Worst returns the highest severity found.
func (c *Check) Worst() diagnostics.Severity {
	worst := diagnostics.Off
	for _, p := range c.Projects {
		for _, f := range p.Findings {
			worst = max(worst, f.Severity)
		}
	}
	return worst
}

// shorten returns a path relative to a folder, with "/"; a path outside it is
// returned whole, and so is every path without a folder.
func shorten(cwd, path string) string {
	if rel, ok := fspath.Rel(cwd, path); ok {
		return rel
	}
	return filepath.ToSlash(path)
}

// near is shorten for people who stand in a folder of the project: what lies
// around them in the project or its repository is relative as well.
func near(p *workspace.Project, cwd, path string) string {
	for _, top := range []string{p.Root, p.Git.Root} {
		if !fspath.Within(top, cwd) || !fspath.Within(top, path) {
			continue
		}
		if rel, err := filepath.Rel(cwd, path); err == nil {
			return filepath.ToSlash(rel)
		}
	}
	return shorten(cwd, path)
}
