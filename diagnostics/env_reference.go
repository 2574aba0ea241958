package diagnostics

import (
	"bytes"
	"fmt"
	"iter"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
)

var envReference = Rule{
	Code:     "env-reference",
	Section:  EnvironmentFiles,
	Rank:     190,
	Severity: Warning,
	Scope:    Machine,
	Title:    "A value names a secret of another store, and dbt takes it literally",
	Fix:      "the command that resolves it",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.EnvFile.Exists() {
			return
		}
		unused := unused(p)
		env := p.EnvFile.Dotenv()
		for e := range mayRefer(env) {
			name := env.Name(e)
			if reference(plainValue(e.Value().Of(p.EnvFile.Content))) == "" || unused(name) {
				continue
			}
			value, _ := p.Env.Lookup(name)
			store := reference(value.Reveal())
			if line, ok := p.Env.Entry(name); ok && line == e && store != "" {
				report(unresolved(p, name, p.EnvFile.At(e.Key()), store))
			}
		}
	},
}

// mayRefer gives the entries in whose lines one of the signs stands without which
// there is no reference: to find these few takes less than to look at every value.
func mayRefer(file *dotenv.File) iter.Seq[*dotenv.Entry] {
	return func(yield func(*dotenv.Entry) bool) {
		for _, sign := range [...]byte{':', '('} {
			last := -1
			for at := range offsets(file.Content, sign) {
				i, ok := file.EntryAt(at)
				if !ok || i == last {
					continue
				}
				last = i
				e := &file.Entries[i]
				seen := sign == '(' && bytes.IndexByte(e.Line().Of(file.Content), ':') >= 0
				if !seen && !yield(e) {
					return
				}
			}
		}
	}
}

// offsets gives the places of a byte.
func offsets(content []byte, sign byte) iter.Seq[int] {
	return func(yield func(int) bool) {
		for from := 0; ; {
			i := bytes.IndexByte(content[from:], sign)
			if i < 0 || !yield(from+i) {
				return
			}
			from += i + 1
		}
	}
}

func unresolved(p *workspace.Project, name string, at workspace.Location, store string) Finding {
	f := Finding{
		At:      at,
		Message: fmt.Sprintf("dbt takes the value of %s literally: it does not ask %s.", name, store),
		Remedy:  "Write the secret itself here, or set it in the shell before dbt starts.",
	}
	if store == onePassword {
		const command = "op run --env-file=.env -- dbt debug"
		f.Remedy = "Start dbt by way of `op run --env-file=.env --`: what the shell sets goes before .env."
		f.Fixes = []Fix{{
			Title:   "Show `" + command + "` in a terminal",
			Command: &Command{RunInTerminal, []string{command, p.WorkingDir}},
		}}
	}
	return f
}

const onePassword = "1Password"

// Reference names the store of secrets that a value refers to, "" for an ordinary
// value.
func Reference(value string) string { return reference(value) }

// reference names the store that a value refers to, "" for an ordinary value.
func reference(value string) string {
	for _, store := range [...][2]string{
		{"op://", onePassword},
		{"vault:", "Vault"},
		{"ref+", "the store that it names"},
		{"arn:aws:secretsmanager:", "AWS Secrets Manager"},
		{"arn:aws:ssm:", "AWS Systems Manager"},
		{"awssm://", "AWS Secrets Manager"},
		{"gcpsm://", "Google Secret Manager"},
		{"azurekeyvault://", "Azure Key Vault"},
		{"@Microsoft.KeyVault(", "Azure Key Vault"},
	} {
		if rest, ok := strings.CutPrefix(value, store[0]); ok && rest != "" && (store[0] != "ref+" || strings.Contains(rest, "://")) {
			return store[1]
		}
	}
	return ""
}
