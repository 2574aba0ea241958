package setup

import (
	_ "embed"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// scriptFile is the script, below the folder that dbt runs in.
const scriptFile = "scripts/dbt-env.sh"

// templateFile is the file of references that is created where they stand in
// .env alone. The script takes .env.example where that has them.
const templateFile = ".env.tpl"

// scriptText holds the parts for all stores between "#: STORE, STORE" and "#: end".
//
//go:embed dbt-env.sh
var scriptText string

// store is a kind of secrets manager that the script can ask.
type store struct {
	name     string   // as diagnostics.Reference says it, and the script's parts
	patterns []string // of a shell, for its references
	sample   string
}

func stores() []store {
	return []store{
		{"1Password", []string{"op://?*"}, "op://vault/item/field"},
		{"AWS Secrets Manager", []string{"arn:aws:secretsmanager:?*", "awssm://?*"}, "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME:KEY::"},
		{"AWS Systems Manager", []string{"arn:aws:ssm:?*"}, "arn:aws:ssm:REGION:ACCOUNT:parameter/NAME"},
		{"Vault", []string{"vault:?*"}, "vault:secret/data/shop#password"},
		{"Google Secret Manager", []string{"gcpsm://?*"}, "gcpsm://projects/PROJECT/secrets/NAME"},
		{"Azure Key Vault", []string{"azurekeyvault://?*", "'@Microsoft.KeyVault('?*"}, "azurekeyvault://VAULT/NAME"},
		{"the store that it names", []string{"ref+?*://?*"}, "ref+STORE://PATH"},
	}
}

// A referring line of an environment file names a secret of another store.
type referring struct{ name, value string }

// references returns the lines of an environment file that name a secret of
// another store, and the stores.
func references(file *workspace.File) (lines []referring, names []string) {
	if !file.Exists() {
		return nil, nil
	}
	env := file.Dotenv()
	for i := range env.Entries {
		e := &env.Entries[i]
		value := string(e.Value().Of(file.Content))
		if name := diagnostics.Reference(unquoted(value)); name != "" {
			lines = append(lines, referring{env.Name(e), value})
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return lines, names
}

// unquoted returns a value as written without its quotes.
func unquoted(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n > 1 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}

// UsesReferences reports whether an environment file of the project names a
// secret of another store.
func UsesReferences(p *workspace.Project) bool {
	for _, file := range []*workspace.File{p.EnvFile, p.Example} {
		if lines, _ := references(file); len(lines) > 0 {
			return true
		}
	}
	return false
}

// envScript adds the script that fills .env, and a target that calls it to the
// file that has targets.
func (m *maker) envScript() error {
	template, names, err := m.template()
	if err != nil {
		return err
	}
	changed, err := m.script(template, names)
	if err != nil {
		return err
	}
	files, err := m.runnerFiles()
	if err != nil {
		return err
	}
	calls := slices.ContainsFunc(files, func(f runnerFile) bool { return strings.Contains(string(f.Content), scriptFile) })
	if !changed && len(m.Notes) == 0 && (calls || len(files) == 0) {
		m.note("%s is there already.", m.rel(filepath.Join(m.home(), filepath.FromSlash(scriptFile))))
	}
	if calls {
		return nil
	}
	t := target{name: "env", about: "Fill .env from the secrets manager, at the start of a session.", commands: []string{"sh " + scriptFile}}
	_, err = m.addTarget(files, t, false)
	return err
}

// template finds the file that holds the references for everybody: the example,
// else one that is created from those of .env. Its path is relative to the
// folder of .env.
func (m *maker) template() (path string, stores []string, err error) {
	p := m.Project
	own, ownStores := references(p.EnvFile)
	shared, err := m.file(filepath.Join(m.home(), templateFile))
	if err != nil {
		return "", nil, err
	}
	for _, file := range []*workspace.File{p.Example, shared} {
		lines, stores := references(file)
		if len(lines) == 0 {
			continue
		}
		for _, e := range own {
			if !slices.ContainsFunc(lines, func(o referring) bool { return o.name == e.name }) {
				m.note("%s names a secret in .env alone: write its reference into %s as well.", e.name, m.rel(file.Path))
			}
		}
		rel, err := filepath.Rel(m.home(), file.Path)
		return filepath.ToSlash(rel), stores, err
	}
	if len(own) == 0 {
		return "", nil, errors.New("no line of .env.example or .env names a secret, such as DBT_PASSWORD=" + m.samples())
	}
	var lines strings.Builder
	lines.WriteString("# Where the secrets are. They are not in here: this file is for everybody.\n")
	for _, e := range own {
		lines.WriteString(e.name + "=" + e.value + "\n")
	}
	m.add(shared, filepath.Join(m.home(), templateFile), lines.String())
	return templateFile, ownStores, nil
}

func (m *maker) samples() string {
	var all []string
	for _, s := range stores() {
		all = append(all, s.sample)
	}
	return strings.Join(all[:len(all)-1], ", ") + " or " + all[len(all)-1]
}

// script creates the script, or renews one of ours that asks other stores.
func (m *maker) script(template string, names []string) (changed bool, err error) {
	path := filepath.Join(m.home(), filepath.FromSlash(scriptFile))
	wanted := script(template, names)
	file, err := m.file(path)
	switch {
	case err != nil:
		return false, err
	case file == nil:
		m.add(nil, path, wanted)
		return true, nil
	}
	switch now := strings.ReplaceAll(string(file.Content), "\r\n", "\n"); {
	case now == wanted:
		return false, nil
	case ours(now, template):
		m.Edits = append(m.Edits, diagnostics.Edit{File: file, Edit: text.Edit{Span: text.Span{End: len(file.Content)}, New: wanted}})
		return true, nil
	}
	m.note("%s is there already and was changed by hand: it is left alone.", m.rel(path))
	return false, nil
}

// ours reports whether a script is one that was made for other stores.
func ours(content, template string) bool {
	all := stores()
	for set := range 1 << len(all) {
		var names []string
		for i, s := range all {
			if set&(1<<i) != 0 {
				names = append(names, s.name)
			}
		}
		if content == script(template, names) {
			return true
		}
	}
	return false
}

// script writes the script for some stores.
func script(template string, names []string) string {
	var patterns []string
	sample := ""
	for _, s := range stores() {
		if !slices.Contains(names, s.name) {
			continue
		}
		patterns = append(patterns, s.patterns...)
		if sample == "" {
			sample = s.sample
		}
	}
	var out strings.Builder
	wanted := true
	for line := range strings.Lines(scriptText) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "#: "); ok {
			wanted = name == "end" || slices.ContainsFunc(strings.Split(name, ", "), func(part string) bool { return slices.Contains(names, part) })
			continue
		}
		if wanted {
			out.WriteString(line)
		}
	}
	return strings.NewReplacer(
		"@template@", template, "@quoted@", shellQuote(template), "@sample@", sample, "@patterns@", strings.Join(patterns, " | "),
	).Replace(out.String())
}
