package diagnostics

import (
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

var envSecretScope = Rule{
	Code:     "env-secret-scope",
	Section:  EnvironmentFiles,
	Rank:     140,
	Severity: Error,
	Scope:    Repository,
	Title:    "A secret variable is read where dbt does not give it",
	Fix:      "rename it without the prefix, everywhere",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, v := range p.Called {
			if !v.Secret {
				continue
			}
			if wrong := outOfScope(v.Calls); len(wrong) > 0 {
				report(secretOutOfScope(p, v, wrong))
			}
			for _, c := range v.Calls {
				if c.SecretsAllowed() && c.Altered && c.Reach >= workspace.NeedLater {
					report(secretAltered(c))
				}
			}
		}
		for _, pair := range p.FromCalls("env-secret-scope", func() any { return secretPairs(p) }).([]secretPair) {
			if f, ok := twoSecrets(p, pair); ok {
				report(f)
			}
		}
	},
}

// outOfScope returns the calls that stand where dbt keeps secrets back. What
// another package does is its own matter until dbt stops at it.
func outOfScope(calls []*workspace.Call) []*workspace.Call {
	var wrong []*workspace.Call
	for _, c := range calls {
		if !c.SecretsAllowed() && (c.Package == "" || c.Reach == workspace.NeedParse) {
			wrong = append(wrong, c)
		}
	}
	return wrong
}

func secretOutOfScope(p *workspace.Project, v *workspace.Variable, wrong []*workspace.Call) Finding {
	first := worst(wrong)
	f := refused(p, first, "env_var() gives a name that begins with "+secretPrefix+" to profiles.yml and packages only")
	f.Remedy = "Read the secret there, or take the prefix from its name; dbt does not mask it in its log then."
	f.Related = alike(wrong, first)
	to := "DBT_" + strings.TrimLeft(strings.TrimPrefix(v.Name, secretPrefix), "_")
	if fix, ok := rename(p, v, to); ok {
		fix.Title = "Rename it to " + to + " everywhere"
		f.Fixes = []Fix{fix}
	}
	return f
}

// secretPrefix begins the names of variables that dbt masks and keeps back. dbt
// does not ask for the underscore that usually follows.
const secretPrefix = "DBT_ENV_SECRET"

func secretAltered(c *workspace.Call) Finding {
	return Finding{
		Severity: Warning,
		At:       c.At(),
		Message:  "A filter or a comparison does not see the value of " + c.Name + ": dbt puts secrets in after Jinja.",
		Remedy:   "Set the variable to what is needed, and read it as it is.",
	}
}

// A secretPair are two calls of secrets in one value.
type secretPair struct{ first, second *workspace.Call }

// secretPairs returns the first two secrets of every value that surely holds
// more than one: a call that has a default may give that.
func secretPairs(p *workspace.Project) []secretPair {
	if !slices.ContainsFunc(p.Called, func(v *workspace.Variable) bool { return v.Secret }) {
		return nil // as in most projects: no need to go through all calls
	}
	var pairs []secretPair
	var last *workspace.Call
	paired := false
	for _, c := range p.Calls {
		if !strings.HasPrefix(c.Name, secretPrefix) || !c.SecretsAllowed() || c.Default || c.Reach < workspace.NeedLater {
			continue
		}
		same := last != nil && last.SameValue(c)
		if same && !paired {
			pairs = append(pairs, secretPair{last, c})
		}
		paired = same
		last = c
	}
	return pairs
}

// twoSecrets reports a pair. dbt 2.0.0 reads profiles.yml right; whether it does
// packages is not known.
func twoSecrets(p *workspace.Project, pair secretPair) (Finding, bool) {
	inPackages := pair.first.Scope == "packages"
	if !inPackages && !before2(p) {
		return Finding{}, false
	}
	f := Finding{
		Severity: Warning,
		At:       pair.second.At(),
		Message:  "dbt stops: before its 2.0.0 it puts only one secret into a value, and this is the second.",
		Remedy:   "Put both into one variable.",
		Related:  []Related{{pair.first.At(), "the first"}},
	}
	if inPackages && !before2(p) {
		f.Message = "dbt may stop: before its 2.0.0 it puts only one secret into a value, and this is the second."
		return f, true
	}
	if pair.second.Reach == workspace.NeedParse {
		return stops(p, f), true
	}
	f.Message = "`dbt deps` stops: before dbt 2.0.0 it puts only one secret into a value, and this is the second."
	return f, true
}
