package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/docs"
	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	"go.uber.org/zap"
)

type explainCommand struct{ rule string }

func newExplain(s *syntax) action {
	c := &explainCommand{}
	s.arguments = []option{one(&c.rule, takesRule, "rule", "", "The code of a rule.")}
	return c.run
}

// run prints the page of a rule, or the list of rules: Markdown for programs,
// text for a terminal.
func (c *explainCommand) run(*zap.Logger) error {
	if c.rule == "" {
		for _, rule := range diagnostics.Rules() {
			if _, err := fmt.Printf("%-22s %-8s %s\n", rule.Code, rule.Severity, rule.Title); err != nil {
				return err
			}
		}
		return nil
	}
	page, ok := docs.Rule(c.rule)
	if !ok {
		return noRule(c.rule, false)
	}
	if style := styleOf(os.Stdout); style.Width > 0 {
		return report.Page(os.Stdout, page, docs.Address(c.rule), style)
	}
	_, err := os.Stdout.WriteString(page)
	return err
}

// noRule says that there is no rule of a name, and which may be meant; with
// prefixes also what codes begin with.
func noRule(name string, prefixes bool) error {
	var known []string
	for _, rule := range diagnostics.Rules() {
		known = append(known, rule.Code)
		if prefix, _, ok := strings.Cut(rule.Code, "-"); ok && prefixes {
			known = append(known, prefix)
		}
	}
	if question := meant("", name, known); question != "" {
		return fmt.Errorf("no rule %q%s", name, question)
	}
	return fmt.Errorf("no rule %q; `dbt-hybrid explain` lists them", name)
}
