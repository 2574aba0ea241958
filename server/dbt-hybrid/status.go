package main

import (
	"os"

	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	"go.uber.org/zap"
)

type statusCommand struct {
	projectFlags
	Path   string `arg:"" optional:"" help:"A folder; the current one without it." type:"path" complete:"folders"`
	Format string `help:"Output: text or json." enum:"text,json" default:"text"`
	All    bool   `help:"Print every line, also where all is fine."`
	Reveal bool   `help:"Print the values of variables instead of a mask; implies --all."`
}

// Run prints the effective state of every project.
func (c *statusCommand) Run(log *zap.Logger) error {
	var paths []string
	if c.Path != "" {
		paths = []string{c.Path}
	}
	machine := thisMachine()
	w, err := c.open(paths, machine)
	if err != nil {
		return err
	}
	w.SetEngine(c.findEngines(machine, w.Snapshot().Folders(), paths, true, log))
	cwd, err := currentFolder()
	if err != nil {
		return err
	}
	status := report.NewStatus(w.Snapshot(), cwd, c.Reveal)
	if c.Format == "json" {
		return status.JSON(os.Stdout)
	}
	return status.Text(os.Stdout, styleOf(os.Stdout), c.All || c.Reveal)
}
