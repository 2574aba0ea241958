package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/lsp"
)

// generate returns the generated files of the repository at root, by path from
// there, as they should be.
func generate(root string) (map[string]string, error) {
	files := map[string]string{
		"docs/rules/README.md": ruleTable(),
	}
	for _, rule := range diagnostics.Rules() {
		path := "docs/rules/" + rule.Code + ".md"
		page, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return nil, fmt.Errorf("every rule has a page: %w", err)
		}
		if files[path], err = withHead(string(page), rule); err != nil {
			return nil, err
		}
		example, err := exampleOf(root, files[path])
		if err != nil {
			return nil, err
		}
		maps.Copy(files, example)
	}
	manifest, err := os.ReadFile(filepath.Join(root, "package.json"))
	if err != nil {
		return nil, err
	}
	if files["package.json"], err = withRules(string(manifest)); err != nil {
		return nil, err
	}
	if files[schemaPath], err = schema(); err != nil {
		return nil, err
	}
	files["docs/features.md"], err = features(lsp.Methods())
	return files, err
}

const generated = "<!-- Generated from the tables of the program by `go generate ./...` -->\n\n"

func ruleTable() string {
	var out strings.Builder
	out.WriteString("# Rules\n\n" + generated)
	out.WriteString("The severity is that of most findings of a rule; its page says when it is another. *Repository*: it follows\n" +
		"from the repository's files alone and is the same on every machine. *Machine*: it depends on the environment,\n" +
		"`.env` or `~/.dbt`. Fixes: ★ is safe, it does what its title says and nothing else; ☆ is the preferred one, which\n" +
		"may touch several files or leave a value to be typed; others are offered.\n")
	rules := diagnostics.Rules()
	for i, rule := range rules {
		if i == 0 || rule.Section != rules[i-1].Section {
			fmt.Fprintf(&out, "\n## %s\n\n| rule | severity | follows from | what | fix |\n|---|---|---|---|---|\n", rule.Section)
		}
		fmt.Fprintf(&out, "| [%s](%s.md) | %s | %s | %s | %s |\n", rule.Code, rule.Code, rule.Severity, rule.Scope, rule.Title, orDash(rule.Fix))
	}
	return out.String()
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// withHead renews what stands between the title and the first section of a page.
func withHead(page string, rule *diagnostics.Rule) (string, error) {
	i := strings.Index(page, "\n## ")
	if i < 0 {
		return "", fmt.Errorf("the page of %s has no section", rule.Code)
	}
	fix := "no fix"
	if rule.Fix != "" {
		fix = "fix: " + rule.Fix
	}
	return fmt.Sprintf("# %s\n\n**%s.**\n\n%s · follows from: %s · %s\n", rule.Code, rule.Title, rule.Severity, rule.Scope, fix) + page[i:], nil
}

// withRules renews the names of the rules in the setting dbtHybrid.rules of the
// extension's manifest, and leaves every other byte.
func withRules(manifest string) (string, error) {
	const setting, properties = `"dbtHybrid.rules": {`, `"properties": {`
	at := strings.Index(manifest, setting)
	if at < 0 {
		return "", fmt.Errorf("package.json has no %s", setting)
	}
	inner := strings.Index(manifest[at:], properties)
	if inner < 0 {
		return "", fmt.Errorf("package.json has no %s in %s", properties, setting)
	}
	start := at + inner + len(properties)
	end, quoted := start, false
	for depth := 1; depth > 0; end++ {
		switch c := manifest[end]; {
		case c == '\\':
			end++
		case c == '"':
			quoted = !quoted
		case c == '{' && !quoted:
			depth++
		case c == '}' && !quoted:
			depth--
		}
	}
	indent := strings.Repeat(" ", start-len(properties)-strings.LastIndexByte(manifest[:start], '\n')-1)
	var out strings.Builder
	for i, rule := range diagnostics.Rules() {
		description, err := json.Marshal(fmt.Sprintf("%s. Default: %s.", rule.Title, rule.Severity))
		if err != nil {
			return "", err
		}
		if i > 0 {
			out.WriteString(",")
		}
		fmt.Fprintf(&out, "\n%s  %q: {\n%s    \"enum\": [\"error\", \"warning\", \"info\", \"hint\", \"off\"],\n%s    \"description\": %s\n%s  }",
			indent, rule.Code, indent, indent, description, indent)
	}
	return manifest[:start] + out.String() + "\n" + indent + manifest[end-1:], nil
}
