package diagnostics

import (
	"slices"
	"strings"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
)

var envUnused = Rule{
	Code:     "env-unused",
	Section:  EnvironmentFiles,
	Rank:     280,
	Severity: Hint,
	Scope:    Machine,
	Title:    "A name in .env that nothing uses",
	Fix:      "remove it",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.EnvFile.Exists() {
			reportUnused(p, p.EnvFile, report)
		}
	},
}

// maxUnused is how many unused names of a file are shown: a file with more of
// them is there for something else.
const maxUnused = 20

// reportUnused speaks of the names in an environment file that nothing uses.
func reportUnused(p *workspace.Project, file *workspace.File, report func(Finding)) {
	env := file.Dotenv()
	used := usedNames(p, file)
	swallows := swallowing(env)
	shown := 0
	for _, uncalled := range p.Uncalled(file) {
		i := int(uncalled)
		e := &env.Entries[i]
		if p.Repeats(file) && env.FirstOf(i) != i || e.Lost || used(env.Name(e)) {
			continue
		}
		if shown++; shown > maxUnused {
			return
		}
		f := Finding{
			At:      file.At(e.Key()),
			Message: "Nothing uses " + env.Name(e) + ": no call, no option of dbt, and no other file of the repository.",
			Remedy:  "Remove it, if it is left over.",
		}
		if !swallows(e) {
			f.MakeFixes = func() []Fix { return []Fix{removeAll(p, file, i)} }
		}
		if shown == maxUnused {
			f.Remedy = "Remove it, if it is left over. Further names are not shown."
		}
		report(f)
	}
}

// swallowing tells the entries that take in lines which are meant for others: without such an entry,
// those lines read as something that nobody has looked at.
func swallowing(env *dotenv.File) func(e *dotenv.Entry) bool {
	var found []dotenv.Swallow
	looked := false
	return func(e *dotenv.Entry) bool {
		if !looked {
			found, looked = env.Swallows(), true
		}
		return slices.ContainsFunc(found, func(s dotenv.Swallow) bool { return s.Entry == e && !s.Whole })
	}
}

// removeAll is the fix that takes every line of a name out of a file; i is the
// first.
func removeAll(p *workspace.Project, file *workspace.File, i int) Fix {
	env := file.Dotenv()
	fix := Fix{Title: "Remove " + env.Name(&env.Entries[i]), Edits: edits(file, env.Remove(&env.Entries[i]))}
	for k := i + 1; k < len(env.Entries) && p.Repeats(file); k++ {
		if env.FirstOf(k) == i {
			fix.Edits = append(fix.Edits, edits(file, env.Remove(&env.Entries[k]))...)
		}
	}
	return fix
}

// usedNames tells the names of an environment file that something may use, though no
// call has them.
func usedNames(p *workspace.Project, file *workspace.File) func(name string) bool {
	if p.FromCalls("env-unused", func() any { return callsAnyName(p.Calls) }).(bool) {
		return func(string) bool { return true }
	}
	referred := referredNames(file.Dotenv())
	return func(name string) bool {
		return referred[name] || p.UsedElsewhere(name) || usedByPrograms(name)
	}
}

// unused tells the names of .env of which env-unused speaks: what comes of their
// values concerns nobody.
func unused(p *workspace.Project) func(name string) bool {
	used := sync.OnceValue(func() func(name string) bool { return usedNames(p, p.EnvFile) })
	return func(name string) bool { return !called(p, name) && !used()(name) }
}

// callsAnyName reports whether a call may mean any variable: one whose name is
// put together when it runs.
func callsAnyName(calls []*workspace.Call) bool {
	return slices.ContainsFunc(calls, func(c *workspace.Call) bool { return c.Dynamic || c.Derived })
}

// referredNames returns the names that values of an environment file refer to.
func referredNames(env *dotenv.File) map[string]bool {
	var referred map[string]bool
	for _, i := range env.Odd() {
		for _, ref := range env.Refs(&env.Entries[i]) {
			if referred == nil {
				referred = map[string]bool{}
			}
			referred[ref.Name] = true
		}
	}
	return referred
}

// usedByPrograms reports whether dbt itself, what it is made of, or dbt platform
// knows a variable.
func usedByPrograms(name string) bool {
	if dbt.MeantForDbt(name) {
		return true
	}
	upper := strings.ToUpper(name)
	switch family, _, long := strings.Cut(upper, "_"); family {
	case "AWS", "AZURE", "ARM", "GOOGLE", "GCLOUD", "CLOUDSDK", "SNOWFLAKE", "DATABRICKS",
		"OTEL", "RUST", "UV", "PIP", "SSL", "REQUESTS", "CURL", "GIT", "ADBC", "XDG", "LC":
		if long {
			return true
		}
	}
	for _, prefix := range [...]string{"DBT_CLOUD_", "DBT_ENV_CUSTOM_ENV_", "PG", "PYTHON", "VIRTUAL_ENV", "ODBC", "KRB5"} {
		if strings.HasPrefix(upper, prefix) {
			return true
		}
	}
	switch upper {
	case "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "TZ", "LANG", "NO_COLOR", "FORCE_COLOR", "CI", "EDITOR", "PAGER",
		"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "JAVA_HOME", "DO_NOT_TRACK":
		return true
	}
	return (&workspace.Variable{Name: name}).System()
}
