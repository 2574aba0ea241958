package diagnostics

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
)

var envMissing = Rule{
	Code:     "env-missing",
	Section:  EnvironmentFiles,
	Rank:     30,
	Severity: Error,
	Scope:    Machine,
	Title:    "A variable that dbt needs is set nowhere",
	Fix:      "☆ add it to .env, or to .env and the example; another name that is meant",
	Check: func(p *workspace.Project, report func(Finding)) {
		fixes := missingFixes(p)
		for _, v := range p.Called {
			if missing(p, v) && !(v.Silent && v.Need < workspace.NeedLater) && !(v2(p) && internal(v)) { // env-name-invalid
				reportMissing(p, v, fixes, report)
			}
		}
	},
}

// missing reports whether dbt needs a variable, be it only sometimes, and
// nothing sets it.
func missing(p *workspace.Project, v *workspace.Variable) bool {
	return p.State(v) == workspace.Missing && v.Need > workspace.NeedNone && !v.System()
}

func reportMissing(p *workspace.Project, v *workspace.Variable, fixes func(*workspace.Variable) []Fix, report func(Finding)) {
	first := firstCall(v)
	f := Finding{At: first.At(), Related: otherCalls(v, first), Fixes: fixes(v)}
	f.Severity, f.Refuses, f.Message = missingBecause(v)
	f.Remedy = "Add it to .env, or give the call a default."
	switch supplier := p.Supplier(v.Name); {
	case f.Severity == Error && supplier != nil:
		f.Severity, f.Refuses = Warning, false
		f.Message = fmt.Sprintf("dbt stops here unless it is started with what %s gives: %s is set nowhere else.", p.Toward(supplier.Path), v.Name)
		f.Remedy = "Add it to .env as well, if dbt is to run without that."
	case platformOnly(v.Name):
		f.Message += " Only dbt platform sets it by itself."
		f.Remedy = "Give the call a default."
	case !dotenv.IsName(v.Name):
		f.Remedy = "No line of .env can have this name. Choose another one, or give the call a default."
	case first.Package != "":
		f.Remedy = "Add it to .env: the installed package " + first.Package + " asks for it."
	}
	if v.Assigned() {
		f.Remedy = "It stands in .env, which dbt v1 does not read before 1.12. Set it in the shell, or give the call a default."
		f.Fixes = nil
	}
	report(f)
	for _, c := range v.Calls {
		if c != first && c.File.Open && c.Need > workspace.NeedNone {
			report(Finding{
				Severity: Hint, At: c.At(), Fixes: f.Fixes, Related: []Related{{first.At(), "reported here"}},
				Message: v.Name + " is set nowhere.", Remedy: f.Remedy,
			})
		}
	}
}

// missingBecause says which command needs the variable and what comes of it.
func missingBecause(v *workspace.Variable) (Severity, bool, string) {
	switch v.Need {
	case workspace.NeedParse:
		return Error, true, "dbt stops here: " + v.Name + " is set nowhere."
	case workspace.NeedLater:
		return Warning, false, v.Name + " is set nowhere: `dbt parse` goes on, but a command that reaches this call fails."
	case workspace.NeedMaybe:
		return Info, false, v.Name + " is set nowhere: dbt needs it if the condition around the call holds."
	}
	switch targets := targetsOf(v); len(targets) {
	case 0:
		return Info, false, v.Name + " is set nowhere; nothing in use needs it."
	case 1:
		return Info, false, fmt.Sprintf("%s is set nowhere; only the target %s needs it.", v.Name, targets[0])
	default:
		return Info, false, fmt.Sprintf("%s is set nowhere; only the targets %s need it.", v.Name, list(targets))
	}
}

// targetsOf are the targets whose fields need a variable, in the order of the
// file.
func targetsOf(v *workspace.Variable) []string {
	var targets []string
	for _, c := range v.Calls {
		scope, ok := strings.CutPrefix(c.Scope, "profiles:")
		if _, name, _ := strings.Cut(scope, "/"); ok && c.Need == v.Need && !slices.Contains(targets, name) {
			targets = append(targets, name)
		}
	}
	return targets
}

// linking reports whether a name also tells dbt on this machine which project of
// dbt platform the checkout belongs to.
func linking(name string) bool {
	switch name {
	case "DBT_CLOUD_PROJECT_ID", "DBT_CLOUD_ACCOUNT_ID", "DBT_CLOUD_ENVIRONMENT_ID", "DBT_CLOUD_JOB_ID":
		return true
	}
	return false
}

// platformOnly reports whether dbt platform sets a name by itself, and nothing
// does on a developer's machine (docs: environment variables).
func platformOnly(name string) bool {
	switch name {
	case "DBT_CLOUD_PROJECT_ID", "DBT_CLOUD_ACCOUNT_ID", "DBT_CLOUD_ENVIRONMENT_ID", "DBT_CLOUD_JOB_ID",
		"DBT_CLOUD_ENVIRONMENT_NAME", "DBT_CLOUD_ENVIRONMENT_TYPE", "DBT_CLOUD_INVOCATION_CONTEXT", "DBT_ENV",
		"DBT_CLOUD_RUN_ID", "DBT_CLOUD_RUN_REASON", "DBT_CLOUD_RUN_REASON_CATEGORY",
		"DBT_CLOUD_PR_ID", "DBT_CLOUD_GIT_SHA", "DBT_CLOUD_GIT_BRANCH":
		return true
	}
	return false
}
