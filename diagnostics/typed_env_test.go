package diagnostics_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// typedProject reads variables for everything that a project follows from.
var typedProject = map[string]string{
	"dbt_project.yml": `name: shop
profile: "{{ env_var('P', 'shop') }}"
dbt-cloud:
  project-id: "{{ env_var('ID', '12') }}"
vars:
  v: "{{ env_var('V', '') }}"
models:
  shop:
    +enabled: "{{ env_var('ON', 'true') }}"
`,
	"profiles.yml": `shop:
  target: "{{ env_var('T', 'dev') }}"
  outputs:
    dev: {type: postgres, host: "{{ env_var('HOST') }}", port: "{{ env_var('PORT', '1') | int }}", user: u, pass: "{{ env_var('DBT_ENV_SECRET_P') }}", dbname: d, schema: "{{ env_var('SCHEMA') }}"}
    prod: {type: duckdb, path: "{{ env_var('A') }}"}
`,
	"dependencies.yml":       "projects:\n  - name: up\n",
	"models/a.sql":           "select '{{ env_var('A') }}', '{{ var('v') }}', * from {{ ref('up', 'm') }}",
	"models/b.sql":           "{{ config(enabled=env_var('B', 'false') == 'true') }} select '{{ env_var('ONLY_B') }}'",
	".env.example":           "A=\nHOST=\nGONE=\n",
	"other/profiles.yml":     "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb}\n",
	"home/.dbt/profiles.yml": "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb}\n",
	"home/.dbt/dbt_cloud.yml": `version: "1"
context: {active-host: abc.us1.dbt.com, active-project: "12"}
projects:
  - {project-name: Shop, project-id: "12", account-name: acme, account-id: "34", account-host: abc.us1.dbt.com, token-name: mine, token-value: dbtu_x}
`,
}

// typedLines are what may stand in a .env: names that are asked for and names that
// are not, dbt's own options, and lines at which dbt stops.
var typedLines = []string{
	"A=1", "A=", "A=two words", "HOST=h", "HOST=$A", "PORT=5432", "PORT=x", "SCHEMA=s", "SCHEMA=01", "P=shop", "P=nobody", "T=dev", "T=prod", "T=none",
	"B=true", "B=false", "ON=maybe", "V=a{{", "V=$SHELL_SET", "ONLY_B=1", "ID=12", "ID=13", "DBT_ENV_SECRET_P=k", "UNUSED=1", "UNUSED_2='x'", "SHELL_SET=1",
	"DBT_TARGET=prod", "DBT_PROFILE=nobody", "DBT_PROFILES_DIR=other", "DBT_ENGINE_TARGET=dev", "DBT_ENGINE_TARGET_PATH=out", "DBT_TARGET_PATH=out", "DBT_STATE=s",
	"DBT_CLOUD_PROJECT_ID=13", "DBT_CLOUD_TOKEN=t", "DBT_DEFER_TO_STATE=1", "DBT_CLOUD_DEFER_ENV_ID=7", "export A='q'", "# A=1", "", "not a line", "Q='open", "É=1",
}

// TestTypedEnv types at random places of a .env on which everything hangs, and
// compares what is found with what a new workspace finds.
func TestTypedEnv(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 2))
		root, machine := writeTypedProject(t)
		typed, path := workspace.New(machine), filepath.Join(root, ".env")
		typed.SetFolders([]string{root})
		var lines []string
		for step := range int32(80) {
			switch at := r.IntN(len(lines) + 1); {
			case at == len(lines) || r.IntN(3) == 0:
				lines = append(lines[:at:at], append([]string{typedLines[r.IntN(len(typedLines))]}, lines[at:]...)...)
			case r.IntN(4) == 0:
				lines = append(lines[:at:at], lines[at+1:]...)
			case r.IntN(2) == 0:
				lines[at] += string("x '\" #="[r.IntN(7)])
			default:
				lines[at] = typedLines[r.IntN(len(typedLines))]
			}
			content := []byte(strings.Join(lines, "\n") + "\n")
			typed.SetDocument(path, step, content)
			fresh := workspace.New(machine)
			fresh.SetFolders([]string{root})
			fresh.SetDocument(path, step, content)
			if diff := cmp.Diff(described(fresh), described(typed)); diff != "" {
				t.Fatalf("seed %d, step %d: (-new workspace +typed in)\n%s\n%s", seed, step, diff, content)
			}
		}
	}
}

// writeTypedProject writes typedProject, and returns its folder and the machine on
// which it is looked at.
func writeTypedProject(t *testing.T) (root string, machine *workspace.Machine) {
	t.Helper()
	root = t.TempDir()
	for name, content := range typedProject {
		write(t, filepath.Join(root, filepath.FromSlash(name)), content)
	}
	return root, &workspace.Machine{
		Home: filepath.Join(root, "home"), Clock: clock,
		Environ: map[string]secret.Text{"SHELL_SET": secret.New("a'b")},
	}
}

// described is what is known of the project, and all that is found in it.
func described(w *workspace.Workspace) []string {
	p := w.Snapshot().Projects()[0]
	all := []string{
		fmt.Sprint(p.Name, p.Options, p.Platform), fmt.Sprint(p.Link.Linked, p.Link.Mixed, p.Link.ProjectID, p.Link.AccountID, p.Link.Host, p.Link.Token, p.Link.DeferEnv, p.Link.DeferJob, p.Link.StateOrg),
		fmt.Sprintf("%+v", p.Deferral),
		fmt.Sprint(p.Profile.Problem, p.Profile.Name, p.Profile.NameFrom, p.Profile.Target, p.Profile.TargetFrom, p.Profile.Adapter, p.Profile.Searched),
	}
	for _, v := range p.SortedVariables() {
		all = append(all, fmt.Sprint(v.Name, p.State(v), p.Source(v), v.Need, len(v.Calls), place(p.RequiredBy(v))))
	}
	for _, c := range p.Calls {
		all = append(all, fmt.Sprint(place(c), c.Name, c.Need, c.Silent))
	}
	for _, f := range diagnostics.Check(p, diagnostics.Options{}) {
		line := fmt.Sprint(f.At.File.Path, f.At.Span, f.Rule.Code, f.Severity, f.Refuses, f.Text())
		for _, fix := range f.Offers() {
			line += "; " + fix.Title
		}
		all = append(all, line)
	}
	return all
}

// place is where a call stands, "" for none.
func place(c *workspace.Call) string {
	if c == nil {
		return ""
	}
	return fmt.Sprint(c.At().File.Path, c.At().Span)
}
