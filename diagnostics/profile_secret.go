package diagnostics

import (
	"fmt"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var profileSecret = Rule{
	Code:     "profile-secret",
	Section:  ProjectFiles,
	Rank:     170,
	Severity: Warning,
	Scope:    Either,
	Title:    "A secret stands in profiles.yml as it is",
	Fix:      "☆ move it to .env, and call it",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.ProfilesFile.Exists() {
			return
		}
		p.ProfilesFile.YAML().Walk(func(path []string, node *yamlfile.Node) bool {
			if len(path) > 3 && path[1] == "outputs" && dbt.SecretField(path[len(path)-1]) && isSecret(node) {
				report(literalSecret(p, path, node))
			}
			return true
		})
	},
}

// isSecret reports whether a value is a literal that somebody would want to hide.
func isSecret(node *yamlfile.Node) bool {
	return !node.IsNull() && node.Value != "" && !dbt.HasJinja(node.Value)
}

func literalSecret(p *workspace.Project, path []string, node *yamlfile.Node) Finding {
	file, field := p.ProfilesFile, path[len(path)-1]
	f := Finding{
		At:      file.At(node.Span),
		Message: fmt.Sprintf("The %s of the target %s stands here for everybody who can read the file.", field, path[2]),
		Remedy:  "Move it to .env under a name that begins with DBT_ENV_SECRET_, and call that: dbt then masks it in its logs.",
	}
	committed := p.Git.Root != "" && inRepository(p, file) && (p.Git.Tracked(file.Path) || !p.Git.Ignored(file.Path))
	if committed {
		f.Severity, f.Shared = Error, true
		f.Message = fmt.Sprintf("The %s of the target %s stands here, and git would commit it.", field, path[2])
	}
	if fix, ok := moveToEnv(p, path, node); ok {
		f.Fixes = []Fix{fix}
	}
	return f
}

// moveToEnv takes a literal to .env. It is not offered where the value would
// not arrive as it is: profiles.yml reads what Jinja gives as YAML once more.
func moveToEnv(p *workspace.Project, path []string, node *yamlfile.Node) (Fix, bool) {
	value, err := dotenv.Quote(node.Value)
	switch {
	case err != nil, !inRepository(p, p.ProfilesFile), node.Type() != yamlfile.String, yamlfile.TypeOf(node.Value) != yamlfile.String:
		return Fix{}, false
	case !p.EnvFile.Exists() && !p.EnvFile.Absent():
		return Fix{}, false
	}
	variable := secretName(p, path)
	call := `"{{ env_var('` + variable + `') }}"`
	fix := Fix{
		Title: "Move it to .env as " + variable, Preferred: true,
		Edits: edits(p.ProfilesFile, text.Edit{Span: node.Span, New: call}),
	}
	if p.EnvFile.Exists() {
		fix.Edits = append(fix.Edits, edits(p.EnvFile, p.EnvFile.Dotenv().AppendText(variable+"="+value+"\n"))...)
	} else {
		fix.Create = []NewFile{{p.EnvFile.Path, variable + "=" + value + "\n"}}
		if p.Git.Root != "" && !p.Git.Ignored(p.EnvFile.Path) {
			hide := ignore(p, p.EnvFile.Path)
			fix.Edits, fix.Create = append(fix.Edits, hide.Edits...), append(fix.Create, hide.Create...)
		}
	}
	if p.Example != nil {
		fix.Edits = append(fix.Edits, edits(p.Example, p.Example.Dotenv().AppendText(variable+"=\n"))...)
	}
	return fix, true
}

// secretName makes a name that nothing uses yet, of the target and the field.
func secretName(p *workspace.Project, path []string) string {
	base := "DBT_ENV_SECRET_" + envWord(path[2]) + "_" + envWord(path[len(path)-1])
	for n, name := 2, base; ; n++ {
		if p.Variable(name) == nil {
			return name
		}
		name = fmt.Sprintf("%s_%d", base, n)
	}
}

// envWord writes a word as a part of a variable's name.
func envWord(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, s)
}
