package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"go.uber.org/zap"
)

type checkCommand struct {
	projectFlags
	fixFlags
	Paths  []string `arg:"" optional:"" help:"Folders or files; the current folder without one." type:"path" complete:"files"`
	Format string   `help:"Output: text, json, sarif (2.1.0) or github (annotations of a workflow)." enum:"text,json,sarif,github" default:"text"`
	Scope  string   `help:"all, or repository: only what follows from the repository's files, the same on every machine. Default: all, and repository where CI=true." enum:"all,repository," default:""`
	FailOn string   `help:"Lowest severity that makes the exit status 1." enum:"error,warning,info,hint,never" default:"warning"`
	Select []string `help:"Only these rules; a code or a prefix such as env." placeholder:"RULE,…" complete:"rules"`
	Ignore []string `help:"Not these rules." placeholder:"RULE,…" complete:"rules"`
}

// Run checks the projects and prints what was found.
func (c *checkCommand) Run(log *zap.Logger) error {
	start := time.Now()
	options, err := c.options()
	if err != nil {
		return err
	}
	machine := thisMachine()
	if options.Scope == diagnostics.Repository {
		machine = &workspace.Machine{Repository: true}
		c.NoProbe, c.Offline = true, true
	}
	w, err := c.open(c.Paths, machine)
	if err != nil {
		return err
	}
	if options.Scope != diagnostics.Repository {
		w.SetEngine(c.findEngine(machine, w.Snapshot().Folders(), c.Paths, log))
	}
	written := true
	if c.Fix && !c.Diff {
		if written, err = c.fix(w, options); err != nil {
			return err
		}
	}
	result, err := c.check(w.Snapshot(), options)
	if err != nil {
		return err
	}
	result.Elapsed = time.Since(start)
	if c.Diff {
		err = c.printDiff(w, options)
	} else {
		err = c.write(result)
	}
	if err != nil {
		return err
	}
	if !written {
		return exitStatus(exitFailure)
	}
	if lowest, ok := diagnostics.ParseSeverity(c.FailOn); ok && result.Worst() >= lowest {
		return errFindings
	}
	return nil
}

func (c *checkCommand) options() (diagnostics.Options, error) {
	o := diagnostics.Options{Select: c.Select, Ignore: c.Ignore, Scope: diagnostics.Machine}
	if c.Scope == "repository" || c.Scope == "" && os.Getenv("CI") == "true" {
		o.Scope = diagnostics.Repository
	}
	for _, word := range slices.Concat(c.Select, c.Ignore) {
		if !known(word) {
			return o, fmt.Errorf("no rule %q; `dbt-hybrid explain` lists them", word)
		}
	}
	return o, nil
}

func known(word string) bool {
	return slices.ContainsFunc(diagnostics.Rules(), func(r *diagnostics.Rule) bool {
		return r.Code == word || strings.HasPrefix(r.Code, word+"-")
	})
}

func (c *checkCommand) check(s *workspace.Snapshot, o diagnostics.Options) (*report.Check, error) {
	cwd, err := currentFolder()
	if err != nil {
		return nil, err
	}
	result := &report.Check{Cwd: cwd, Projects: checked(s, o)}
	if files := c.files(); len(files) > 0 {
		for i := range result.Projects {
			p := &result.Projects[i]
			p.Findings = slices.DeleteFunc(p.Findings, func(f diagnostics.Finding) bool { return !files[f.At.File.Path] })
		}
	}
	return result, nil
}

// checked runs the rules over all projects.
func checked(s *workspace.Snapshot, o diagnostics.Options) []report.Project {
	var all []report.Project
	for _, p := range s.Projects() {
		all = append(all, report.Project{Project: p, Findings: diagnostics.Check(p, o)})
	}
	return all
}

// currentFolder returns the folder that paths are shown relative to, without
// links, as the paths themselves are.
func currentFolder() (string, error) {
	cwd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(cwd); err == nil {
		return real, nil
	}
	return cwd, nil
}

// files are the arguments that are files: only what is found in them is shown.
func (c *checkCommand) files() map[string]bool {
	files := map[string]bool{}
	for _, path := range c.Paths {
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			if real, err := filepath.EvalSymlinks(path); err == nil {
				files[real] = true
			}
		}
	}
	return files
}

func (c *checkCommand) write(result *report.Check) error {
	switch c.Format {
	case "json":
		return report.JSON(os.Stdout, result)
	case "sarif":
		return report.SARIF(os.Stdout, result, version)
	case "github":
		return report.GitHub(os.Stdout, result)
	}
	return report.Text(os.Stdout, result, styleOf(os.Stdout))
}
