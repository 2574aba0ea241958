package main

import (
	"os"

	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	"go.uber.org/zap"
)

type statusCommand struct {
	projectFlags
	path        string
	format      string
	all, reveal bool
}

func newStatus(s *syntax) action {
	c := &statusCommand{format: "text"}
	s.flags = append(c.projectFlags.options(),
		word(&c.format, "format", "Output: text or json.", "text", "json"),
		yes(&c.all, "all", "Print every line, also where all is fine."),
		yes(&c.reveal, "reveal", "Print the values of variables instead of a mask; implies --all."),
	)
	s.arguments = []option{one(&c.path, takesFolder, "path", "", "A folder; the current one without it.")}
	return c.run
}

// run prints the effective state of every project.
func (c *statusCommand) run(log *zap.Logger) error {
	endsSoon()
	var paths []string
	if c.path != "" {
		paths = []string{c.path}
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
	describe := report.NewStatusText
	if c.format == "json" {
		describe = report.NewStatus
	}
	var status *report.Status
	working(w, func() { status = describe(w.Snapshot(), cwd, c.reveal) })
	if c.format == "json" {
		return status.JSON(os.Stdout)
	}
	return status.Text(os.Stdout, styleOf(os.Stdout), c.all || c.reveal)
}
