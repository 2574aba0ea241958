package diagnostics

import (
	"bytes"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
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
	shown := 0
	for i := range env.Entries {
		e := &env.Entries[i]
		if env.FirstOf(i) != i || e.Lost || used(e.Name) {
			continue
		}
		if shown++; shown > maxUnused {
			return
		}
		f := Finding{
			At:      file.At(e.Key),
			Message: "Nothing uses " + e.Name + ": no call, no option of dbt, and no other file of the repository.",
			Remedy:  "Remove it, if it is left over.",
			Fixes:   []Fix{removeAll(file, i)},
		}
		if shown == maxUnused {
			f.Remedy = "Remove it, if it is left over. Further names are not shown."
		}
		report(f)
	}
}

// removeAll is the fix that takes every line of a name out of a file; i is the
// first.
func removeAll(file *workspace.File, i int) Fix {
	env := file.Dotenv()
	fix := Fix{Title: "Remove " + env.Entries[i].Name, Edits: edits(file, env.Remove(&env.Entries[i]))}
	for k := i + 1; k < len(env.Entries) && env.HasDuplicates(); k++ {
		if env.FirstOf(k) == i {
			fix.Edits = append(fix.Edits, edits(file, env.Remove(&env.Entries[k]))...)
		}
	}
	return fix
}

// usedNames tells the names of an environment file that something may use. A call whose name is put
// together when it runs may mean any.
func usedNames(p *workspace.Project, file *workspace.File) func(name string) bool {
	for _, c := range p.Calls {
		if c.Dynamic || c.Derived {
			return func(string) bool { return true }
		}
	}
	referred := map[string]bool{}
	if bytes.IndexByte(file.Content, '$') >= 0 {
		env := file.Dotenv()
		for i := range env.Entries {
			for _, ref := range env.Refs(&env.Entries[i]) {
				referred[ref.Name] = true
			}
		}
	}
	return func(name string) bool {
		return called(p, name) || referred[name] || usedByPrograms(name) || p.UsedElsewhere(name)
	}
}

// usedByPrograms reports whether dbt itself, what it is made of, or dbt platform
// knows a variable.
func usedByPrograms(name string) bool {
	if _, ok := dbt.OptionOf(name); ok || dbt.ReservedName(name) != dbt.NotReserved || dbt.MeantForDbt(name) {
		return true
	}
	switch name {
	case "DBT_NO_DEFER", "DBT_THREADS", "DBT_PROJECT_DIR": // of which other rules speak
		return true
	}
	upper := strings.ToUpper(name)
	for _, prefix := range [...]string{
		"DBT_CLOUD_", "DBT_ENV_CUSTOM_ENV_", "AWS_", "AZURE_", "ARM_", "GOOGLE_", "GCLOUD_", "CLOUDSDK_", "PG", "SNOWFLAKE_", "DATABRICKS_",
		"OTEL_", "RUST_", "PYTHON", "VIRTUAL_ENV", "UV_", "PIP_", "SSL_", "REQUESTS_", "CURL_", "GIT_", "ODBC", "ADBC_", "KRB5", "XDG_", "LC_",
	} {
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
