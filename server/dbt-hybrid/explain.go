package main

import (
	"fmt"
	"os"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/docs"
)

type explainCommand struct {
	Rule string `arg:"" optional:"" help:"The code of a rule." complete:"rules"`
}

// Run prints the page of a rule, or the list of rules.
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
	_, err := os.Stdout.WriteString(page)
	return err
}
