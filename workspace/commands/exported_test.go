package commands_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/commands"
)

var scripts = []string{
	"export A=1\nexport B=2\n",
	"export A=1 B=2\n",
	"export A=1; export B=2 && export C=3\n",
	"export A='x y' B=\"p q\" C=a\\ b\n",
	"export A=\"1; export X=2\"\n",
	"A=1\nB=2\nexport B\n",
	"export A\nA=1\n",
	"A=1 true\nA=1 B=2\n",
	"set -a\nA=1\nset +a\nB=2\n",
	"set -o allexport; A=1; set +o allexport; B=2\n",
	"set -ea\nA=1\n",
	"declare -x A=1\ntypeset -x B=2\ndeclare C=3\nreadonly D=4\n",
	"command export A=1\nbuiltin export B=2\n",
	"if true; then export A=1; fi\n",
	"for x in 1; do export A=$x; done\n",
	"{ export A=1; }\n",
	"x=$(export B=1)\n",
	"# export A=1\nexport B=1 # C=2\n",
	"export A=1 \\\n  B=2\n",
	"export A=\"$(printf 'x y')\" B=`printf '1 2'` C=${C:-3 4}\n",
	"cat > /dev/null <<EOF\nexport A=1\nEOF\nexport B=1\n",
	"export -n A=1\nexport -p\nexport -- B=2\n",
	"export A+=1\n",
	"export 'A=1'\nexport A-B=1\n",
	"echo export A=1\n",
	"export A=1\nunset A\nexport A=2\n",
	"export \"A\"='1'\\\n2\n",
	"export A=x#y B=1\r\n",
	"export A= B=\n",
	"time export A=1\n! export B=1\n",
}

// TestExported asks a real shell which variables it gives on.
func TestExported(t *testing.T) {
	for _, script := range scripts {
		agrees(t, script)
	}
}

// TestExportedGenerated asks it about scripts of random commands.
func TestExportedGenerated(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	for range 300 {
		var script strings.Builder
		for range 1 + random.IntN(8) {
			script.WriteString(pick("export", "export", "export -n", "declare -x", "declare +x", "declare", "unset", "set -a;", "set +a;", "set -o allexport &&", "", "", ""))
			for range 1 + random.IntN(3) {
				script.WriteString(" " + pick("A", "B", "C_1", "d") + pick("", "=", "=1", "='x y'", "=\"p;q\"", "=$(printf 1)", "=a\\ b", "=x#y", "+=1"))
			}
			script.WriteString(pick("\n", "\n", "; ", " || true; ", " # E=1\n"))
		}
		agrees(t, script.String())
	}
}

// agrees compares the names that a script exports with those that a program has
// which the script's shell starts.
func agrees(t *testing.T, script string) {
	t.Helper()
	shell := exec.Command("bash", "--norc", "-c", "exec 3>&1 >/dev/null\n"+script+"\nenv >&3")
	shell.Env = []string{"PATH=" + os.Getenv("PATH")}
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
	var want []string
	for line := range strings.Lines(string(out)) {
		if name, _, ok := strings.Cut(line, "="); ok && !slices.Contains([]string{"PATH", "PWD", "SHLVL", "_", "OLDPWD"}, name) {
			want = append(want, name)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, commands.Exported(script), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s\n%s", script, diff)
	}
}

// FuzzExported holds that what is returned are names.
func FuzzExported(f *testing.F) {
	for _, script := range scripts {
		f.Add(script)
	}
	f.Fuzz(func(t *testing.T, script string) {
		for _, name := range commands.Exported(script) {
			if name == "" || strings.ContainsAny(name, "=+-$ \t\n'\"") {
				t.Errorf("%q", name)
			}
		}
	})
}
