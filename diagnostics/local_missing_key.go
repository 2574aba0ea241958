package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
)

var localMissingKey = Rule{
	Code:     "local-missing-key",
	Section:  EnvironmentFiles,
	Rank:     340,
	Severity: Warning,
	Scope:    Machine,
	Title:    "The example file has a key that .env lacks",
	Fix:      "☆ copy the key and its placeholder",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Example == nil || !p.EnvFile.Exists() {
			return
		}
		local := p.EnvFile.Dotenv()
		commented := map[string]bool{}
		for i := range local.Commented {
			commented[local.Name(&local.Commented[i])] = true
		}
		example := p.Example.Dotenv()
		used := usedNames(p, p.Example) // example-stale-key says it of the others
		for i := range example.Entries {
			e := &example.Entries[i]
			name, v := example.Name(e), p.AssignedBy(p.Example, i)
			if p.State(v) != workspace.Missing || v.Example != e || commented[name] || missing(p, v) || p.Supplier(name) != nil || len(v.Calls) == 0 && !used(v.Name) || e.Lost && !dotenv.IsName(name) {
				continue
			}
			report(Finding{
				At:      p.Example.At(e.Key()),
				Message: fmt.Sprintf("%s names %s, and .env does not.", p.Example.Name(), name),
				Remedy:  "Copy the line, or add it as a comment if you do not need it.",
				Fixes: []Fix{{
					Title: "Copy " + name + " to .env", Preferred: true,
					Edits: edits(p.EnvFile, local.AppendText(placeholder(example, e))),
				}},
			})
		}
	},
}

// placeholder is the line of an example as it can be copied: an empty one is
// commented out, since it would set the variable to nothing, and one that dbt
// cannot read is quoted.
func placeholder(file *dotenv.File, e *dotenv.Entry) string {
	name, value := file.Name(e), string(e.Value().Of(file.Content))
	if value == "" {
		return "# " + name + "=\n"
	}
	line := name + "=" + value + "\n"
	if dotenv.Parse([]byte(line)).Stop == nil {
		return line
	}
	quoted, err := dotenv.Quote(value)
	if err != nil {
		return "# " + name + "=\n"
	}
	return name + "=" + quoted + "\n"
}
