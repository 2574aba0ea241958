package oracle

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// A claim is a finding that says that dbt refuses.
type claim struct {
	code, text string
	file       string // relative to the project's root
	line       int    // from 1
}

// A prediction is what the rules say of a scenario.
type prediction struct {
	claims  []claim
	missing []string // names that are set nowhere or lost, and needed by parse
	lighter []string // names that are missing, and that parse can do without
}

// running is the engine that the scenarios are put to.
func running() *workspace.Engine {
	return &workspace.Engine{Found: true, Installs: []engine.Install{{Kind: engine.KindV2OSS, Version: "2.0.0-alpha.4"}}}
}

func predict(t *testing.T, s scenario) prediction { return predictFor(t, s, running()) }

func predictFor(t *testing.T, s scenario, installed *workspace.Engine) prediction {
	t.Helper()
	top, err := os.MkdirTemp("", "scenario-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(top) //nolint:errcheck // nothing depends on it
	if top, err = filepath.EvalSymlinks(top); err != nil {
		t.Fatal(err)
	}
	root, home := filepath.Join(top, "root"), filepath.Join(top, "home")
	fill := strings.NewReplacer("{root}", root, "{home}", home).Replace
	writeAll(t, root, s.Files, fill)
	writeAll(t, home, s.Home, fill)
	for link, to := range s.Links {
		if err := os.Symlink(fill(to), filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	machine := &workspace.Machine{Home: home, Environ: map[string]secret.Text{"HOME": secret.New(home)}}
	for name, value := range s.Environment() {
		machine.Environ[name] = secret.New(fill(value))
	}
	folder := filepath.Join(root, s.project)
	work, err := filepath.Rel(folder, filepath.Join(root, s.Cwd))
	if err != nil {
		t.Fatal(err)
	}
	w := workspace.New(machine)
	w.SetEngine(installed)
	w.SetFolders([]string{root})
	w.SetSettings(func(string) workspace.Settings { return workspace.Settings{WorkingDir: work} })
	var p prediction
	for _, project := range w.Snapshot().Projects() {
		if project.Root == folder {
			p.read(project)
		}
	}
	return p
}

func (p *prediction) read(project *workspace.Project) {
	for _, f := range diagnostics.Check(project, diagnostics.Options{Scope: diagnostics.Machine}) {
		if f.Refuses {
			line := 1 + strings.Count(string(f.At.File.Content[:f.At.Span.Start]), "\n")
			p.claims = append(p.claims, claim{f.Rule.Code, f.Text(), project.Rel(f.At.File.Path), line})
		}
	}
	for _, v := range project.SortedVariables() {
		if project.State(v) != workspace.Missing && project.State(v) != workspace.Lost || v.System() {
			continue
		}
		switch {
		case v.Need == workspace.NeedParse:
			p.missing = append(p.missing, v.Name)
		case v.Need > workspace.NeedNone:
			p.lighter = append(p.lighter, v.Name)
		}
	}
}

func writeAll(t *testing.T, base string, files map[string]string, fill func(string) string) {
	t.Helper()
	if err := os.MkdirAll(base, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		path := filepath.Join(base, name)
		folder := filepath.Dir(path)
		if strings.HasSuffix(name, "/") {
			folder = path
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if folder == path {
			continue
		}
		if err := os.WriteFile(path, []byte(fill(content)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A disagreement is one way in which the rules and the engine differ.
type disagreement struct {
	kind   string // alike for alike causes
	detail string
}

// judge returns what a prediction and an observation differ in, nil for nothing.
func judge(p prediction, seen dbttest.Observation) *disagreement {
	cause := causeOf(seen)
	switch {
	case seen.Timeout:
		return &disagreement{"the engine does not end", told(seen)}
	case seen.Exit == 0 && len(p.claims) > 0:
		return &disagreement{"false alarm: " + p.claims[0].code, p.String()}
	case seen.Exit != 0 && cause.excused(p) != "":
		return nil
	case seen.Exit != 0 && len(p.claims) == 0:
		return &disagreement{"missed: " + cause.name, told(seen)}
	case cause.silent():
		return nil
	case seen.Exit != 0 && cause.codes == nil:
		return &disagreement{"unknown cause", p.String() + told(seen)}
	case seen.Exit != 0 && !slices.ContainsFunc(p.claims, cause.explains):
		return &disagreement{"other cause: " + cause.name + " instead of " + p.claims[0].code, p.String() + told(seen)}
	}
	if seen.Exit != 0 && cause.placed() && !slices.ContainsFunc(p.claims, cause.at) {
		return &disagreement{"another place: " + cause.name, p.String() + told(seen)}
	}
	claimed := func(code string) bool {
		return slices.ContainsFunc(p.claims, func(c claim) bool { return c.code == code })
	}
	secret := claimed("env-secret-scope")
	if claimed("env-jinja-value") && len(seen.Missing) == 1 {
		return nil // a value asks for the name, of which nothing may be shown
	}
	if slices.ContainsFunc(p.claims, secretOfProject) {
		return nil // the profile that it may name is not looked at
	}
	for _, name := range seen.Missing {
		if secret && strings.HasPrefix(name, "DBT_ENV_SECRET") {
			continue // dbt would refuse it as well if it were set
		}
		if !slices.Contains(p.missing, name) && (slices.Contains(seen.Fatal(), name) || !slices.Contains(p.lighter, name)) {
			return &disagreement{"another name", fmt.Sprintf("the engine misses %s; we expect %v, and with less need %v\n%s", name, p.missing, p.lighter, told(seen))}
		}
	}
	return nil
}

func (p prediction) String() string {
	var b strings.Builder
	for _, c := range p.claims {
		fmt.Fprintf(&b, "%s:%d: %s: %s\n", c.file, c.line, c.code, c.text)
	}
	return b.String()
}

// told is what the engine prints, without its banner.
func told(seen dbttest.Observation) string {
	lines := strings.Split(strings.TrimSpace(seen.Stdout+seen.Stderr), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "" })
	return fmt.Sprintf("exit %d\n%s\n", seen.Exit, strings.Join(lines[:min(len(lines), 25)], "\n"))
}

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }

// Figures count what the rules and the engine say of many scenarios.
type figures struct {
	asked, refused, within, shown, claimed, right, missed int
	excused                                               map[string]int
}

func (f *figures) add(p prediction, seen dbttest.Observation, found *disagreement) {
	f.asked++
	if seen.Exit != 0 {
		f.refused++
		if why := causeOf(seen).excused(p); why != "" {
			if f.excused == nil {
				f.excused = map[string]int{}
			}
			f.excused[why]++
		} else {
			f.within++
			if len(p.claims) > 0 && (found == nil || found.kind != "unknown cause" && !strings.HasPrefix(found.kind, "other cause")) {
				f.shown++
			}
		}
		if len(seen.Missing) > 0 {
			f.missed++
		}
	}
	f.claimed += len(p.claims)
	if seen.Exit != 0 {
		f.right += len(p.claims)
	}
}

func (f *figures) String() string {
	percent := func(part, whole int) float64 {
		if whole == 0 {
			return 100
		}
		return 100 * float64(part) / float64(whole)
	}
	s := fmt.Sprintf("the engine refuses %d, %d of them for a missing name; recall %.2f %% of %d refusals, precision %.2f %% of %d claims",
		f.refused, f.missed, percent(f.shown, f.within), f.within, percent(f.right, f.claimed), f.claimed)
	for why, n := range f.excused {
		s += fmt.Sprintf("; %d left out: %s", n, why)
	}
	return s
}

// lopsided fails when the scenarios show nothing, because nearly all are
// refused, or none.
func (f *figures) lopsided(t *testing.T) {
	t.Helper()
	if f.refused < f.asked/4 || f.refused > f.asked*3/4 {
		t.Errorf("the generator is lopsided: the engine refused %d of %d", f.refused, f.asked)
	}
}

// A cause is why the engine refused.
type cause struct {
	name  string   // alike for alike causes
	codes []string // of the rules that speak of it
	diag  dbttest.Diag
	said  string
}

// silent reports whether the engine refused without a word: with
// DBT_PARENT_SPAN_ID it prints how many errors there are, and none of them.
func (c cause) silent() bool {
	return regexp.MustCompile(`with \d+ errors?`).MatchString(c.said) && !strings.Contains(c.said, "[error]") && c.diag.Text == ""
}

// explains reports whether a claim is about the cause, or about one that hides
// all others: a file that cannot be read, an adapter that cannot be used, a
// profile whose name is a secret and not looked at.
func (c cause) explains(made claim) bool {
	hides := made.code == "yaml-syntax" || secretOfProject(made) || made.code == "jinja-unquoted" && c.name == "an option" || made.code == "adapter-experimental" && strings.Contains(c.said, "profiles.yml")
	return hides || slices.Contains(c.codes, made.code)
}

// secretOfProject reports whether a claim is about a secret in dbt_project.yml.
func secretOfProject(made claim) bool {
	return made.code == "env-secret-scope" && made.file == "dbt_project.yml"
}

// placed reports whether the engine names the file that is at fault, and says
// so of the one that the rules mean. A missing name it reports at any of its calls.
func (c cause) placed() bool {
	return c.diag.File != "" && c.diag.Line > 0 && strings.HasPrefix(c.diag.Code, "dbt10") && !slices.Contains(c.codes, "profile-missing") && !slices.Contains(c.codes, "mesh-ignored") &&
		!strings.Contains(c.diag.Text, "untagged enum")
}

// at reports whether a claim stands in a file of the name that the engine gives.
func (c cause) at(made claim) bool {
	return c.explains(made) && (filepath.Base(c.diag.File) == filepath.Base(made.file) || strings.HasPrefix(made.code, "env-"))
}

// causeOf reads the first error of the engine.
func causeOf(seen dbttest.Observation) cause {
	if seen.Exit == 0 {
		return cause{}
	}
	said := seen.Stdout + seen.Stderr
	c := cause{name: "unknown", said: said}
	for _, d := range seen.Diags {
		if d.Level == "error" {
			c.diag, said = d, d.Text
			break
		}
	}
	for _, row := range causes() {
		if row.says.MatchString(said) {
			c.name, c.codes = shape(said), row.codes
			return c
		}
	}
	if c.diag.Text != "" {
		c.name = shape(said)
	}
	if seen.Exit == 2 && c.diag.Code == "" {
		c.name, c.codes = "an option", []string{"env-setting-invalid"}
	}
	return c
}

// shape is a message without what differs from one project to the next.
func shape(said string) string {
	said, _, _ = strings.Cut(said, "\n")
	return strings.TrimSpace(regexp.MustCompile("'[^']*'|`[^`]*`|\"[^\"]*\"|[0-9]+|[^ ]*/[^ ]*").ReplaceAllString(said, "_"))
}

type causeRow struct {
	says  *regexp.Regexp
	codes []string
}

// causes are the words of the engine, and the rules that say the same.
func causes() []causeRow {
	row := func(says string, codes ...string) causeRow { return causeRow{regexp.MustCompile(says), codes} }
	return []causeRow{
		row(`prefix is reserved`, "env-engine-unknown"),
		row(`Failed to open telemetry|Failed to create parquet`, "env-setting-invalid"), // an empty DBT_OTEL_FILE_NAME
		row(`YAML error: .* while (scanning|parsing)`, "yaml-syntax", "jinja-unquoted", "yaml-duplicate-key"),
		row(`Required var '`, "var-missing", "env-jinja-value"),
		row(`Secret environment variable`, "env-secret-scope"),
		row(`starting with _DBT`, "env-name-invalid"),
		row(`to env_var\(\) has incompatible type`, "env-name-invalid"),
		row(`nvironment variable 'DBT_ENV_SECRET\w*' not found`, "env-missing", "env-lost", "env-secret-scope"),
		row(`nvironment variable '[^']*' not found`, "env-missing", "env-lost", "env-jinja-value"),
		row(`(?s)Profile '.*' not found in profiles.yml`, "profile-missing", "env-empty", "env-setting-invalid", "jinja-unquoted"),
		row(`(?s)target '.*' not found in profile`, "target-missing", "env-empty", "env-setting-invalid", "profile-structure"),
		row(`(?i)no profiles.yml found`, "profiles-not-found", "file-misnamed", "env-setting-invalid"),
		row(`No profile specified`, "profile-unset"),
		row(`no 'outputs' key|rendered target output is not a mapping|Unexpected 'config' key|Is a directory`, "profile-structure"),
		row(`missing 'type' field`, "profile-structure", "env-empty", "env-retype"),
		row(`is required\.`, "profile-field-required", "env-empty", "env-retype"),
		row(`unknown variant`, "adapter-unknown", "env-empty", "profile-field-type", "env-retype"),
		row(`adapter is not yet supported`, "adapter-experimental"),
		row(`duplicate field`, "profile-structure", "yaml-duplicate-key"),
		row(`Failed to parse profiles.yml: \w+(\[\d+\])?(\.\w+)?: (invalid type: unit value|missing field|data did not match)`, "profile-field-type", "env-retype", "env-empty", "jinja-unquoted"),
		row(`Failed to parse profiles.yml`, "profile-field-type", "env-retype", "jinja-unquoted"),
		row(`Invalid number of threads`, "profile-field-type", "env-retype"),
		row(`Both packages.yml and dependencies.yml`, "mesh-both"),
		row(`Ref '.*' not found`, "mesh-unknown-project", "mesh-ignored"),
		row(`Duplicate key|duplicate entry`, "yaml-duplicate-key"),
		row(`unexpected key`, "yaml-unknown-key", "link-key", "dependencies-schema", "file-misplaced", "project-schema", "env-empty"),
		row(`Query comment must be|cannot be defined in both|cannot be specified in dbt_project.yml`, "project-schema"),
		row(`overflowed its stack`, "env-empty", "dependencies-schema", "env-jinja-value"),
		row(`NUL byte`, "env-encoding"),
		row(`valid UTF-8`, "yaml-syntax"),
		row(`not a dbt project dir`, "file-misnamed"),
		row(`undefined value|is unknown|unknown method|invalid operation|syntax error|unexpected end|overflowed`, "env-jinja-value"),
		row(`YAML error|untagged enum|invalid type|Invalid \w+ definition`, "yaml-syntax", "yaml-duplicate-key", "jinja-unquoted", "project-schema", "dependencies-schema", "file-misplaced", "link-key", "env-missing", "env-lost", "yaml-unknown-key"),
	}
}

// outside are refusals that no rule is about, with what they are about instead.
func outside() []causeRow {
	row := func(says, about string) causeRow { return causeRow{regexp.MustCompile(says), []string{about}} }
	return []causeRow{
		row(`Package does not contain a dbt_project.yml`, "where a package lies"),
		row(`is unknown|unknown method|undefined value|unknown filter|unknown function|syntax error|too many arguments|containment check|cannot be sliced|tried to use|recursion limit exceeded|cannot calculate length`, "Jinja in general"),
		row(`catalogs.yml|Key 'catalogs'|catalog_type|write_integrations|BUILT_IN catalogs`, "the shape of catalogs.yml"),
		row(`Error parsing selectors.yml: YAML error: (selectors: )?(missing field|invalid type)`, "the shape of selectors.yml"),
		row(`unknown variant .*expected one of .ERROR|[\w.]+\.\+\w+: (invalid type|data did not)`, "a configuration that dbt does not know"),
		row(`YAML error: (description|schema|url): invalid type`, "a property that is no text after Jinja"),
		row(`tags: data did not match`, "a property that is no text after Jinja"),
		row(`duplicate resource definitions|two resources with the database relation`, "two resources of one name"),
		row(`Searched for '[^',]*, `, "a ref within the project"),
		row(`\[error\] \[UnusedResourceConfigPath`, "a warning that DBT_WARN_ERROR makes an error"),
		row("`--dirty` requires a parse cache", "whether dbt has kept what it parsed before, which DBT_DIRTY needs"),
		row(`The 'clickhouse' adapter is not yet`, "since August 2026 dbt takes clickhouse"),
		row(`Secret environment variable '\w*\$\$\$`, "since 2.0.0 dbt takes two secrets in one value"),
	}
}

// named reports whether dbt knows a file by its name: it is no properties file.
func named(file string) bool {
	switch path.Base(file) {
	case "dbt_project.yml", "profiles.yml", "packages.yml", "dependencies.yml", "dbt_cloud.yml", "selectors.yml", ".":
		return true
	}
	return false
}

// excused names the reason why a refusal counts for nothing: it is not what the
// rules are about, or a rule for it is not there. "" if it counts.
func (c cause) excused(p prediction) string {
	if len(p.claims) == 0 && strings.Contains(c.diag.Text, "Searched for 'up.") {
		return "the full build fetches the models of a declared project"
	}
	if strings.Contains(c.diag.Text, "unexpected key") && !named(c.diag.File) {
		return "an unknown key of a properties file"
	}
	if strings.Contains(c.diag.Text, "expected struct Project") {
		return "" // a setting that dbt does not know, not a value of one
	}
	ours := slices.ContainsFunc(p.claims, func(made claim) bool { return made.code == "env-jinja-value" })
	for _, row := range outside() {
		if ours && row.codes[0] == "Jinja in general" {
			continue
		}
		if row.says.MatchString(c.diag.Text + c.said) {
			return row.codes[0]
		}
	}
	if len(c.codes) > 0 && !slices.ContainsFunc(c.codes, func(code string) bool { return diagnostics.ByCode(code) != nil }) {
		return "no rule " + c.codes[0] + " yet"
	}
	if diagnostics.ByCode("env-retype") == nil && slices.Contains(c.codes, "env-retype") && strings.Contains(c.diag.Text, "line 1 column 1") {
		return "no rule env-retype yet"
	}
	return ""
}
