package main

import (
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
	paths        []string
	format       string
	scope        string // empty: all, and repository where CI=true
	failOn       string
	only, ignore []string // rules
}

func newCheck(s *syntax) action {
	c := &checkCommand{format: "text", failOn: "warning"}
	s.flags = slices.Concat(c.projectFlags.options(), c.fixFlags.options(), []option{
		word(&c.format, "format", "Output: text, json, sarif (2.1.0) or github (annotations of a workflow).", "text", "json", "sarif", "github"),
		word(&c.scope, "scope", "all, or repository: only what follows from the repository's files, the same on every machine. Default: all, and repository where CI=true.", "all", "repository"),
		word(&c.failOn, "fail-on", "Lowest severity that makes the exit status 1.", "error", "warning", "info", "hint", "never"),
		rules(&c.only, "select", "Only these rules; a code or a prefix such as env."),
		rules(&c.ignore, "ignore", "Not these rules."),
	})
	s.arguments = []option{{
		name: "paths", help: "Folders or files; the current folder without one.", takes: takesFile, list: true,
		keep: func(path string) { c.paths = append(c.paths, path) },
	}}
	s.valid = c.fixFlags.valid
	return c.run
}

// run checks the projects and prints what was found.
func (c *checkCommand) run(log *zap.Logger) error {
	endsSoon()
	start := time.Now()
	options, err := c.options()
	if err != nil {
		return err
	}
	machine := thisMachine()
	if options.Scope == diagnostics.Repository {
		machine = &workspace.Machine{Repository: true}
		c.noProbe, c.offline = true, true
	}
	w, err := c.open(c.paths, machine)
	if err != nil {
		return err
	}
	if options.Scope != diagnostics.Repository {
		w.SetEngine(c.findEngine(machine, w.Snapshot().Folders(), c.paths, log))
	}
	written := true
	if c.apply && !c.diff {
		if written, err = c.fix(w, options); err != nil {
			return err
		}
	}
	var result *report.Check
	working(w, func() { result, err = c.check(w.Snapshot(), options) })
	if err != nil {
		return err
	}
	result.Elapsed = time.Since(start)
	if c.diff {
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
	if lowest, ok := diagnostics.ParseSeverity(c.failOn); ok && result.Worst() >= lowest {
		return errFindings
	}
	return nil
}

func (c *checkCommand) options() (diagnostics.Options, error) {
	o := diagnostics.Options{Select: c.only, Ignore: c.ignore, Scope: diagnostics.Machine}
	if c.scope == "repository" || c.scope == "" && os.Getenv("CI") == "true" {
		o.Scope = diagnostics.Repository
	}
	for _, word := range slices.Concat(c.only, c.ignore) {
		if !slices.ContainsFunc(diagnostics.Rules(), func(r *diagnostics.Rule) bool { return r.Code == word || strings.HasPrefix(r.Code, word+"-") }) {
			return o, noRule(word, true)
		}
	}
	return o, nil
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
	for _, p := range result.Projects {
		for i := range p.Findings {
			p.Findings[i].Settle() // every report shows them, and counts them
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
	for _, path := range c.paths {
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			if real, err := filepath.EvalSymlinks(path); err == nil {
				files[real] = true
			}
		}
	}
	return files
}

func (c *checkCommand) write(result *report.Check) error {
	switch c.format {
	case "json":
		return report.JSON(os.Stdout, result)
	case "sarif":
		return report.SARIF(os.Stdout, result, version)
	case "github":
		return report.GitHub(os.Stdout, result)
	}
	return report.Text(os.Stdout, result, styleOf(os.Stdout))
}
