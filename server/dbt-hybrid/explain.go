package main

import (
	"fmt"
	"os"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/docs"
	"github.com/dbt-hybrid/dbt-hybrid/server/report"
)

type explainCommand struct {
	Rule string `arg:"" optional:"" help:"The code of a rule." complete:"rules"`
}

// Run prints the page of a rule, or the list of rules: Markdown for programs,
// text for a terminal.
func (c *explainCommand) Run() error {
	if c.Rule == "" {
		for _, rule := range diagnostics.Rules() {
			if _, err := fmt.Printf("%-22s %-8s %s\n", rule.Code, rule.Severity, rule.Title); err != nil {
				return err
			}
		}
		return nil
	}
	page, ok := docs.Rule(c.Rule)
	if !ok {
		return fmt.Errorf("no rule %q; `dbt-hybrid explain` lists them", c.Rule)
	}
	if style := styleOf(os.Stdout); style.Width > 0 {
		return report.Page(os.Stdout, page, docs.Address(c.Rule), style)
	}
	_, err := os.Stdout.WriteString(page)
	return err
}
