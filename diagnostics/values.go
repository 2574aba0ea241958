package diagnostics

import (
	"regexp"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// userInfo is a name, a password or a token in an address. A password may hold what
// an address should not, so that all up to the last @ is taken for one.
var userInfo = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`://\S*@`) })

// Values returns a function that gives the value of a variable for a person who
// wants to see values that are no secrets. It refuses one that could be: the
// name says so, a field for secrets reads it, the value looks like one, or it
// comes from the settings of an editor, where anything may stand.
func Values(p *workspace.Project) func(v *workspace.Variable) (value string, ok bool) {
	inSecretFields := sync.OnceValue(func() map[string]bool { return secretUses(p) })
	return func(v *workspace.Variable) (string, bool) {
		if v.Secret || p.Source(v) == workspace.FromEditor || namesSecret(v.Name) || inSecretFields()[v.Name] {
			return "", false
		}
		held, ok := p.Env.Lookup(v.Name)
		if !ok || looksSecret(held.Reveal()) {
			return "", false
		}
		return held.Reveal(), true
	}
}

// looksSecret is stricter than secretKind: nobody is warned, something is only
// not shown.
func looksSecret(value string) bool {
	for range tokenShapes().in(value) {
		return true
	}
	return isRandom(value) || userInfo().MatchString(value)
}

// secretUses returns the names that fields for secrets read.
func secretUses(p *workspace.Project) map[string]bool {
	names := map[string]bool{}
	for _, file := range []*workspace.File{p.ProfilesFile, p.File, p.Packages, p.Dependencies} {
		if !file.Exists() {
			continue
		}
		var spans []text.Span
		file.YAML().Walk(func(path []string, node *yamlfile.Node) bool {
			if len(path) > 0 && dbt.SecretField(path[len(path)-1]) {
				spans = append(spans, node.Span)
				return false
			}
			return true
		})
		for _, call := range p.Calls {
			if call.File != file {
				continue
			}
			for _, span := range spans {
				if span.Contains(call.Token.Start) {
					names[call.Name] = true
				}
			}
		}
	}
	return names
}
