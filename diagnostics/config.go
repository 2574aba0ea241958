package diagnostics

import (
	"maps"
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// under returns the options with what a dbt-hybrid.yml says where they say
// nothing.
func (o Options) under(c *workspace.Config) Options {
	if len(c.Rules) == 0 {
		return o
	}
	severities := map[string]Severity{}
	for _, rule := range slices.Backward(c.Rules) { // the project's come first, and win
		if severity, ok := ParseSeverity(rule.Severity); ok {
			severities[rule.Code] = severity
		}
	}
	maps.Copy(severities, o.Severities)
	o.Severities = severities
	return o
}

// severities are the words for severities, the worst first.
func severities() []string {
	var words []string
	for severity := Error; severity >= Off; severity-- {
		words = append(words, severity.String())
	}
	return words
}
