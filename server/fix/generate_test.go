package fix_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var (
	cases    = flag.Int("fix.cases", 5000, "how many generated projects are fixed; a tenth of it with -short")
	caseSeed = flag.Uint64("fix.seed", 0, "run only the project of this seed, and print it")
)

// TestGenerated fixes generated projects with every mixture of broken files.
// What was readable before keeps its value.
func TestGenerated(t *testing.T) {
	root := emptyProject(t)
	n := *cases
	if testing.Short() {
		n /= 10
	}
	if *caseSeed != 0 {
		g := generate(*caseSeed)
		for name, content := range g.files {
			t.Logf("-- %s --\n%q", name, content)
		}
		t.Logf("shell: %v", slices.Collect(maps.Keys(g.shell)))
		changed := g.fix(t, root)
		for _, c := range changed {
			t.Logf("-- fixed %s: %v --\n%q", c.Path, c.Done, c.After.Content)
		}
		return
	}
	const parts = 8
	for part := range parts {
		t.Run(fmt.Sprint("part ", part), func(t *testing.T) {
			t.Parallel()
			changed := 0
			for seed := part + 1; seed <= n; seed += parts {
				changed += min(len(generate(uint64(seed)).fix(t, root)), 1)
			}
			if changed < n/parts/2 {
				t.Errorf("only %d of %d projects had something to fix", changed, n/parts)
			}
		})
	}
}

// emptyProject makes the folders that cannot be assumed.
func emptyProject(t testing.TB) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{".git", "models"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "dbt_project.yml"), []byte("name: shop\nprofile: shop\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

// generated is a project, and the environment that dbt is started in.
type generated struct {
	seed  uint64
	files map[string]string
	shell map[string]secret.Text
}

func (g *generated) fix(t *testing.T, root string) []*fix.Change {
	machine := &workspace.Machine{Environ: maps.Clone(g.shell)}
	w := workspace.New(machine)
	w.SetFolders([]string{root})
	for name, content := range g.files {
		w.Assume(filepath.Join(root, name), []byte(content), nil)
	}
	o := fix.Options{Find: check, Within: func(string) bool { return true }}
	changes := fix.Make(w, o).Changes()
	for _, c := range changes {
		for _, problem := range g.compare(c) {
			t.Errorf("seed %d: %s: %s", g.seed, filepath.Base(c.Path), problem)
		}
	}
	if g.seed%4 == 0 {
		g.endsUnsafe(t, w, o)
	}
	for _, f := range check(w.Snapshot()) {
		if fix.Pick(&f, false) != nil {
			t.Errorf("seed %d: after the fixes there is still %s", g.seed, f.Rule.Code)
		}
	}
	return changes
}

// endsUnsafe applies the unsafe fixes until nothing is left to do.
func (g *generated) endsUnsafe(t *testing.T, w *workspace.Workspace, o fix.Options) {
	o.Unsafe = true
	var last []*fix.Change
	for range 4 { // in the worst mixtures a comment comes to stand within a quoted text, and is added once more
		if last = fix.Make(w, o).Changes(); len(last) == 0 {
			return
		}
	}
	t.Errorf("seed %d: unsafe fixes of %s do not come to an end: %v", g.seed, filepath.Base(last[0].Path), last[0].Done[0])
}

func check(s *workspace.Snapshot) []diagnostics.Finding {
	var all []diagnostics.Finding
	for _, p := range s.Projects() {
		all = append(all, diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Machine})...)
	}
	return all
}

// compare returns what a change must not have done.
func (g *generated) compare(c *fix.Change) []string {
	switch {
	case workspace.IsEnvFile(c.Path):
		return g.compareValues(c)
	case strings.HasSuffix(c.Path, ".yml"):
		return compareYAML(c)
	}
	if !strings.HasPrefix(string(c.After.Content), string(c.Before.Content)) {
		return []string{"more than added to"}
	}
	return nil
}

// compareValues holds every value that dbt read before against the one it reads
// now. Only one whose end is what a fix promises may be gone.
func (g *generated) compareValues(c *fix.Change) (problems []string) {
	for _, env := range []dotenv.Lookup{nil, func(name string) (secret.Text, bool) { v, ok := g.shell[name]; return v, ok }} {
		before, after := effective(c.Before, env), effective(c.After, env)
		for name, value := range before {
			now, ok := after[name]
			switch {
			case now == "" && givenUp(c, name, value):
			case !ok:
				problems = append(problems, name+" is not read any more")
			case now == value:
			case c.Before.Dotenv().CROnly && strings.HasPrefix(value, now+"\r"): // dbt took the lines below for a part of it
			default:
				problems = append(problems, name+" has another value")
			}
		}
	}
	return problems
}

// givenUp reports whether a fix says that it takes a value away: an empty one, an
// option without effect, or a secret in an example.
func givenUp(c *fix.Change, name, value string) bool {
	promises := []fix.Done{{Rule: "env-noop", Title: "Remove " + name}, {Rule: "example-secret", Title: "Empty the value of " + name}}
	if value == "" {
		promises = append(promises, fix.Done{Rule: "env-empty", Title: "Comment " + name + " out, so that its default is used"},
			fix.Done{Rule: "env-setting-invalid", Title: "Comment " + name + " out"})
	}
	return slices.ContainsFunc(c.Done, func(d fix.Done) bool { return slices.Contains(promises, d) })
}

func effective(file *workspace.File, env dotenv.Lookup) map[string]string {
	values := map[string]string{}
	for _, v := range file.Dotenv().Values(env).All() {
		if v.Effective() || v.Shadowed && !v.Duplicate {
			values[v.Name] = v.Text.Reveal()
		}
	}
	return values
}

// compareYAML holds the values of a YAML file against those before. A mapping
// that was Jinja without quotes is a text now.
func compareYAML(c *fix.Change) (problems []string) {
	strip := strings.NewReplacer(" ", "", "\t", "", `"`, "", "'", "", `\`, "")
	if strip.Replace(string(c.Before.Content)) != strip.Replace(string(c.After.Content)) {
		problems = append(problems, "other bytes than blanks and quotes changed")
	}
	if c.Before.YAML().Broken() {
		return problems
	}
	if c.After.YAML().Broken() {
		return append(problems, "it is broken now")
	}
	before, after := leaves(c.Before.YAML()), leaves(c.After.YAML())
	for path, value := range before {
		if now, ok := after[path]; ok && now == value {
			continue
		}
		if !quoted(path, after) {
			problems = append(problems, path+" has another value")
		}
	}
	return problems
}

// quoted reports whether a path, or one above it, is Jinja by now.
func quoted(path string, after map[string]string) bool {
	for at := path; at != ""; at = at[:max(strings.LastIndexByte(at, '/'), 0)] {
		if value, ok := after[at]; ok {
			return strings.Contains(value, "{{")
		}
	}
	return false
}

func leaves(file *yamlfile.File) map[string]string {
	all := map[string]string{}
	file.Walk(func(path []string, n *yamlfile.Node) bool {
		value, _ := n.Text()
		all["/"+strings.Join(path, "/")] = value
		return true
	})
	return all
}

// generate makes a project. The same seed gives the same one.
func generate(seed uint64) *generated {
	r := &random{rand.New(rand.NewPCG(seed, 1))}
	g := &generated{seed: seed, files: map[string]string{
		"dbt_project.yml": "name: shop\nprofile: shop\n",
		"profiles.yml":    r.profiles(),
		".env":            r.env(),
	}, shell: map[string]secret.Text{"HOME": secret.New("/h")}}
	if r.IntN(2) == 0 {
		g.files[".env.example"] = r.env()
	}
	if r.IntN(2) == 0 {
		g.files[".gitignore"] = r.pick("target/\n", "target/", ".env\n!.env\n", "", "*.log\r\n")
	}
	if r.IntN(2) == 0 {
		g.files["models/a.sql"] = "select " + r.call() + "\n"
	}
	if r.IntN(3) == 0 {
		g.files["models/a.yml"] = r.properties()
	}
	if r.IntN(4) == 0 {
		g.files["dependencies.yml"] = r.pick("projects:\n\t- name: up\n", "projects: [{name: up}]\n", "packages: []\n")
	}
	for range r.IntN(3) {
		g.shell[r.name()] = secret.New(r.pick("shell", ""))
	}
	return g
}

type random struct{ *rand.Rand }

func (r *random) pick(words ...string) string { return words[r.IntN(len(words))] }

func (r *random) name() string { return r.pick("DBT_A", "DBT_B", "DBT_C", "DBT_D", "DBT_E", "x") }

func (r *random) value() string {
	return r.pick("v", "", "a b", "it's", `say "x"`, `C:\dir\new`, `\\host\share`, "$DBT_A", "${DBT_B}x", "$DBT_A b", "p@ss#w", "a#b", "#x", "1",
		`'q'`, `"q"`, `"a $DBT_C"`, `"a ${DBT_C} b"`, `'a b' c`, `"a"b`, `"\n"`, `"\x"`, `a\ b`, `\`, "$", "$(cmd)", "${", "ü", "a=b", "a: b", "{{ x }}", "'", `"`, "a'b'c")
}

func (r *random) comment() string {
	return r.pick("", "", "", " # c", " # it's", `  # "x"`, "# c", "#")
}

// env makes an environment file.
func (r *random) env() string {
	var out strings.Builder
	end := r.pick("\n", "\n", "\n", "\r\n")
	for range 1 + r.IntN(9) {
		name := r.name()
		line := r.pick("N=V#", "N=V#", "N=V#", "N=V#", "N: V#", "N = V", "export N=V#", "set N=V", `set "N=V"`, `$env:N = "V"`, "$env:N = V", "N=", "N=  # c", "N",
			"# N=V", "# c", "// c", "; c", "-- c", "REM c", "[default]", "---", "", " N=V ", "- N=V", "=V", "\tN=V\t", "N\t=\tV", "unset N", "source x", "N='a", "b'", `N="a`, `b"`, "A-B=V")
		line = strings.Replace(line, "N", name, 1)
		line = strings.Replace(line, "V", r.value(), 1)
		line = strings.Replace(line, "#", r.comment()+"", strings.Count(line[max(len(line)-1, 0):], "#"))
		out.WriteString(line + end)
	}
	content := out.String()
	switch r.IntN(24) {
	case 0:
		content = "\ufeff" + content
	case 1:
		content = strings.ReplaceAll(strings.ReplaceAll(content, "\r", ""), "\n", "\r")
	case 2:
		content = utf16(content)
	case 3:
		content += "DBT_E=\xff\n"
	case 4, 5, 6:
		content = strings.TrimRight(content, "\r\n") + r.pick("", " ", "  ", `\`)
	}
	return content
}

func utf16(s string) string {
	out := []byte{0xff, 0xfe}
	for _, c := range s {
		out = append(out, byte(c), byte(c>>8))
	}
	return string(out)
}

func (r *random) call() string {
	name := r.name()
	return r.pick(
		fmt.Sprintf("{{ env_var('%s') }}", name),
		fmt.Sprintf("{{ env_var('%s', 'd') }}", name),
		fmt.Sprintf("{{ env_var('%s', '') }}", name),
		fmt.Sprintf("{{ env_var('%s', 'd') | as_number }}", name),
		fmt.Sprintf("{{ env_var(\"%s\") }}", name),
		fmt.Sprintf("pre-{{ env_var('%s') }}-post", name),
	)
}

// scalar makes a YAML value, with Jinja in it or not.
func (r *random) scalar() string {
	switch r.IntN(6) {
	case 0:
		return r.call()
	case 1:
		return `"` + strings.ReplaceAll(r.call(), `"`, `\"`) + `"`
	case 2:
		return "'" + strings.ReplaceAll(r.call(), "'", "''") + "'"
	}
	return r.pick("main", "'main'", "1", "true", "{a: b}", "[a, b]", "a #b", "a # b", "x: y", "{{ target.name }}", "{{x}}", "&a v", "*a", "|\n          t\n", "")
}

func (r *random) profiles() string {
	var out strings.Builder
	out.WriteString("shop:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n")
	for _, key := range []string{"path", "schema", "threads", "database", "settings"} {
		if r.IntN(3) > 0 {
			fmt.Fprintf(&out, "%s%s: %s%s\n", r.pick("      ", "      ", "      ", "      ", "\t", "      \t"), key, r.scalar(), r.pick("", "", " # c", "\t", "\t# c"))
		}
	}
	content := out.String()
	if r.IntN(6) == 0 {
		content = strings.ReplaceAll(content, "\n", "\r\n")
	}
	return content
}

func (r *random) properties() string {
	return "version: 2\nmodels:\n  - name: a\n    description: " + r.scalar() + "\n" + r.pick("    ", "\t") + "config:\n      enabled: " + r.scalar() + "\n"
}
