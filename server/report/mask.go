package report

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// mask returns a source line as it may be shown, and up to which byte of it the
// offsets of the file still hold. Environment files hold values everywhere:
// nothing behind the name is shown. In YAML a literal in a secret field is
// masked.
func mask(file *workspace.File, span text.Span, line string) (shown string, limit int) {
	switch {
	case workspace.IsEnvFile(file.Path):
		return maskEnv(file, span, line)
	case strings.HasSuffix(file.Path, ".yml"):
		return maskYAML(file, span, line)
	}
	return line, len(line)
}

// maskEnv shows a line up to its equal sign or colon. A line inside a value
// that spans several is not shown at all.
func maskEnv(file *workspace.File, span text.Span, line string) (string, int) {
	for _, e := range file.Dotenv().Entries {
		if e.Line.Start < span.Start && span.Start < e.Value.End {
			return secret.Mask, 0
		}
	}
	at := strings.IndexAny(line, "=:")
	switch {
	case at < 0 && strings.ContainsAny(strings.TrimSpace(line), " \t"):
		word, _, _ := strings.Cut(strings.TrimLeft(line, " \t"), " ")
		at = strings.Index(line, word) + len(word)
		return line[:at] + " " + secret.Mask, at
	case at < 0:
		return line, len(line)
	case strings.TrimSpace(line[at+1:]) == "" || strings.HasPrefix(strings.TrimSpace(line[at+1:]), "#"):
		return line, len(line)
	}
	return line[:at+1] + secret.Mask, at + 1 + len(secret.Mask)
}

// maskYAML masks literals of secret fields, and of everything in a
// dbt_cloud.yml.
func maskYAML(file *workspace.File, span text.Span, line string) (string, int) {
	shown, limit := line, len(line)
	file.YAML().Walk(func(path []string, node *yamlfile.Node) bool {
		if node.Span.Start >= span.End {
			return false
		}
		if node.Span.End <= span.Start || node.Span.Start == node.Span.End || len(path) == 0 {
			return true
		}
		if !dbt.SecretField(path[len(path)-1]) || dbt.HasJinja(node.Value) {
			return true
		}
		at := max(node.Span.Start-span.Start, 0)
		shown, limit = line[:at]+secret.Mask, at+len(secret.Mask)
		return false
	})
	return shown, limit
}
