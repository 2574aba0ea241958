// Package oracle_test holds our model of dbt v2 against the real engine.
package oracle_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var (
	generated = flag.Int("oracle.n", 250, "number of generated .env files to ask the engine about")
	seed      = flag.Uint64("oracle.seed", 1, "seed of the generated .env files")
)

// exceptions are the files, by name, for which the engine that we can run does
// not do what the newest release does.
func exceptions() []string { return nil }

// shellVariables are in the process environment of every file asked about.
func shellVariables() map[string]string {
	return map[string]string{"SHELL_SET": "from the shell", "SHELL_EMPTY": ""}
}

type envFile struct {
	name, content string
}

// TestDotenvAgrees reads each file with our parser and with the engine, and
// compares which variables exist and with which values.
func TestDotenvAgrees(t *testing.T) {
	engine := dbttest.Find(t)
	files := append(envFiles(), generatedFiles(*seed, *generated)...)
	scenarios := make([]dbttest.Scenario, len(files))
	names := make([][]string, len(files))
	want := make([]prediction, len(files))
	for i, file := range files {
		s := dbttest.Scenario{
			Name:  file.name,
			Files: map[string]string{".env": file.content},
			Env:   shellVariables(),
		}
		want[i] = predict(file.content, s.Environment())
		names[i] = askable(file.content, want[i].values)
		scenarios[i] = dbttest.Variables(s, names[i])
	}
	whole, disagree := 0, 0
	for i, got := range engine.Batch(t, scenarios) {
		if slices.Contains(exceptions(), files[i].name) {
			continue
		}
		if want[i].whole {
			whole++
		}
		if diff := want[i].compare(got, names[i]); diff != "" {
			disagree++
			t.Errorf("%s: %q\n%s", files[i].name, files[i].content, diff)
		}
	}
	t.Logf("%d files, %d of them read to the end, %d disagreements", len(files), whole, disagree)
}

// TestDotenvBraces reads values with braces, which env_var() would render, as a
// secret in profiles.yml, which it leaves as it is.
func TestDotenvBraces(t *testing.T) {
	schema := `schema: "is {{ env_var('DBT_ENV_SECRET_K') }}."`
	var scenarios []dbttest.Scenario
	var want []string
	for _, line := range []string{"K={{x}}", "K='a {% b'", `K="{# c #}"`, "K={%x", `K={{\ x\ }}`, "K='}} {{ '", "K='#}{{'"} {
		content := "DBT_ENV_SECRET_" + line + "\n"
		want = append(want, "is "+predict(content, map[string]string{}).values["DBT_ENV_SECRET_K"]+".")
		scenarios = append(scenarios, dbttest.Probe(dbttest.Scenario{Name: line, Files: map[string]string{
			".env": content, "profiles.yml": strings.Replace(dbttest.Profiles, "schema: main", schema, 1),
		}}, "target.schema"))
	}
	for i, got := range dbttest.Find(t).Batch(t, scenarios) {
		answer, ok := got.Probed()
		if !ok || answer[0] != want[i] {
			t.Errorf("%s: %v, want %q\n%s%s", scenarios[i].Name, answer, want[i], got.Stdout, got.Stderr)
		}
	}
}

// prediction is what our parser says of a file.
type prediction struct {
	values map[string]string
	dies   bool // a NUL in a value
	whole  bool // read to the end
}

func predict(content string, environment map[string]string) prediction {
	f := dotenv.Parse([]byte(content))
	p := prediction{values: maps.Clone(environment), whole: f.Stop == nil}
	environment = maps.Clone(environment)
	environment["HOME"] = "{home}"
	for _, v := range f.Values(lookup(environment)).All() {
		p.dies = p.dies || v.Fatal
		if v.Effective() {
			p.values[v.Name] = v.Text.Reveal()
		}
	}
	return p
}

func lookup(environment map[string]string) dotenv.Lookup {
	return func(name string) (secret.Text, bool) {
		value, ok := environment[name]
		return secret.New(value), ok
	}
}

func (p prediction) compare(got dbttest.Observation, names []string) string {
	if p.dies {
		if got.Exit != 101 {
			return fmt.Sprintf("the engine ends with %d, we say that it dies", got.Exit)
		}
		return ""
	}
	values, ok := got.Variables()
	if !ok {
		return fmt.Sprintf("no answer, exit %d:\n%s\n%s", got.Exit, got.Stdout, got.Stderr)
	}
	want := make(map[string]string)
	for _, name := range names {
		if value, set := p.values[name]; set {
			want[name] = value
		}
	}
	return cmp.Diff(values, want)
}

// askable returns every word of a file that could be a variable's name, without
// those that env_var() refuses or whose value it would render as Jinja.
func askable(content string, values map[string]string) []string {
	names := regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_.]*`).FindAllString(content, 1000)
	names = append(names, slices.Collect(maps.Keys(shellVariables()))...)
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		return name == "HOME" || strings.HasPrefix(name, "_DBT") || strings.HasPrefix(name, "DBT_") ||
			regexp.MustCompile(`\{[{%#]`).MatchString(values[name])
	})
}

// envFiles are files with one thing of interest each: as a line among others,
// as the last line without a line break, and with CRLF.
func envFiles() []envFile {
	var files []envFile
	for _, line := range envLines() {
		around := "FIRST=1\nP=p\n" + line + "\nEND=1\n"
		files = append(files,
			envFile{fmt.Sprintf("among others %q", line), around},
			envFile{fmt.Sprintf("last %q", line), "FIRST=1\nP=p\n" + line},
			envFile{fmt.Sprintf("CRLF %q", line), strings.ReplaceAll(around, "\n", "\r\n")},
		)
		if repaired, ok := repair(around); ok {
			files = append(files, envFile{fmt.Sprintf("repaired %q", line), repaired})
		}
	}
	for _, content := range []string{
		"", "\n", "\ufeffA=1\nB=2\n", "\ufeff", "A=1\rB=2\r", "\xff\xfeA\x00=\x001\x00\n\x00", "A\x00=\x001\x00\n\x00", "\xef\xbbA=1\n",
		"SHELL_SET=file\nSHELL_EMPTY=file\nK=$SHELLX${SHELL_SET}${SHELL_EMPTY}\n", "K=1\nK=2\nL=$K\n", "K=\nK=2\n", "K=$L\nL=1\nM=$L\n",
		"SHELL_SET=x\x00y\nB=2\n", "K=1\nK=x\x00y\nB=2\n", "A=1\nK=x\x00y\nB=2\n", "# \x00\nB=2\n", "A\x00=1\nB=2\n", "K=v # \x00\nB=2\n",
		"K='a\nb", "K=v # c \xff\nB=2\n", "# \xff\nB=2\n", "K='a\n\xff\nb'\nB=2\n", "B=2\nK='a\n\xff",
	} {
		files = append(files, envFile{fmt.Sprintf("file %q", content), content})
	}
	return append(files, envFile{"quoted", quotedFile(rand.New(rand.NewPCG(1, 1)), 200)})
}

// repair applies what the editor offers for the line that dbt cannot read.
func repair(content string) (string, bool) {
	edits, _, ok := dotenv.Parse([]byte(content)).Repair()
	if !ok {
		return "", false
	}
	repaired, err := text.Apply([]byte(content), edits)
	return string(repaired), err == nil
}

// quotedFile sets n variables to arbitrary values, quoted as the editor does.
func quotedFile(r *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		var value strings.Builder
		for range r.IntN(12) {
			value.WriteString([]string{"a", " ", "'", `"`, `\`, "$", "#", "\n", "\r\n", "=", "é", "${P}", "$P", "\t", "}"}[r.IntN(15)])
		}
		quoted, err := dotenv.Quote(value.String())
		if err != nil {
			continue
		}
		fmt.Fprintf(&b, "Q%d=%s\n", i, quoted)
	}
	return b.String()
}

// envLines are the lines that people write, those that load and those that stop.
func envLines() []string {
	return []string{
		"K=v", "K = v", "  K=v", "\tK=v", "export K=v", "export   K = v", "export\tK=v", "exportK=v", "export=v", "export = v", "export export=v",
		`K="a b"`, "K='a b'", `K=a\ b`, "K=v # c", `K="v" # c`, `K="x # y"`, "K=v#c", "K=https://h/x#gid=0", "K=a=b==", "K=:x",
		"K=a|b", "K=a&b", "K=p%40ss", "K=<project-id>", "K=*****", "K=op://Vault/Item/password", `K="-----BEGIN\nabc\n-----END"`,
		`K='{"a": 1}'`, `K="{\"a\": 1}"`, `K={\"a\":1}`, `K='C:\Users\me'`, "K=C:/Users/me", "# don't", "   # don't", "\t# K=v",
		"K=\"l1\n# c\nl3\"", "K='l1\nL=2\nl3'", "K=", "K= ", "K=  ", "K= # c", "K=# c", `K=""`, "K=''", `export K="v";`,
		`K="abc"def`, `K="a"'b'c`, "K='''x'''", `K=["a","b"]`, "A=it's\nB=2\nC=it's", "K=pa$$word1", "K=a$1b", "K=abc$", "K=$BASE_DIR/ca",
		`K="$P_suffix"`, "K=${NOPE:-4}", "K=x${NOPE}y", "K=$LATER\nLATER=1", `K="$(cmd)/x"`, `K="a $ b"`, "K=$P  # c", `K=$P\n`,
		`K=C:\new\nat`, `K=abc\`, "K=~/.dbt", "K=%USERPROFILE%", "K=`a`", "K=\u00a0v", "K=a\u00a0b", "K=v\u00a0", "\u00a0K=v", "K\u00a0=v",
		"K=  # it's a\nB=2\nD=x # don't\nE=5", "K=hello world", "K=<YOUR X>", "K=Foo (Bar)", "K=0 5 * * *", `K={"a": 1}`, "K={{ x }}",
		"K=op://My Vault/x/y", "K=a@x.com, b@x.com", "K=a\tb", "K=a\vb", "K=v\t# c", "K=v\t\t# it's", `K="v"# c`, `K="a" b`, "K='a'; L=1;",
		`K=C:\Users\me`, `K="C:\Users\me"`, `K=\\srv\share`, `K="a\tb"`, `K="a\rb"`, "K=O'Brien", `K="abc`, "K=#it's", "K=v  # it's", "K=  # it's",
		"K=v # it's", "K=v   # it's", `K="v"    # 5" pipe`, `K='C:\dir\'`, `K='it\'s'`, `K='a\\'`, `K="$HOME"`, `K="${HOME}"`, `K="p@$s1"`,
		`K="cost 5$"`, `K=$P"x"`, "K=$P'x'", "K=$P x y", "K=$P x", "K=${NOPE", "K=${P}${P}$P", "K=$P$", "K=$$P", "K=$P{", "K=${P }", "K=$é", "K=$Pé",
		"K: v", "K", "K ", "export K", "export", "=v", "K+=v", "K:=v", "A-B=v", "1A=v", ".b=v", "A.b=v", "_=v", "_a=v", "ÉT=v", `"K"=v`, "export 'K'=v",
		"set K=v", "SET K=v", "EXPORT K=v", `$env:K = "v"`, "unset K", "source x", "if [ -f x ]; then", "source_up", "// c", "; c", "-- c", "REM c",
		"[default]", "---", "- K=v", "K=1\nK=2", "K=v  ", "K=v ", "K=v   ", " ", "  ", "K=2\\", `K='v'\`, `K="a\`, "K=caf\xe9", "# caf\xe9", "\x1a", "\ufeffK=v",
		"K=\"a\r\nb\"", "K=v\r", "K=a\rb", "K=\"$\"", "K=\\$P", "K=\\\"a", "K='a'\\''b'", "K=a''b", "K=\"a\\\nb\"", "K=v\u0085", "K=v\u2028", "K=日本", "K=\U0001f600",
		"K='x' #it's", "K=\"x\"\t#", "K=#", "K==", "K= =", "K=\\ ", "K=\\  x", "K=\\#", "K=a\\#b", "K=a #b\"c", "K=a  #b\"c", "K=\"a\" #\"b",
	}
}

// generatedFiles are random mixtures of what means something to either stage.
func generatedFiles(seed uint64, n int) []envFile {
	files := make([]envFile, n)
	for i := range files {
		files[i].name = fmt.Sprintf("generated %d of seed %d", i, seed)
		files[i].content = generate(rand.New(rand.NewPCG(seed, uint64(i))))
	}
	return files
}

func generate(r *rand.Rand) string {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	var b strings.Builder
	if r.IntN(20) == 0 {
		b.WriteString("\ufeff")
	}
	ending := pick("\n", "\n", "\n", "\r\n")
	for line := range 2 + r.IntN(8) {
		switch r.IntN(12) {
		case 0:
			b.WriteString(pick("# comment", "#it's", "  # \"", "", " ", "\t", "  ", "#K=v", "\u00a0#x", "\u00a0"))
		default:
			b.WriteString(pick("", "", "", "", "export ", " ", "\t", "export\t"))
			b.WriteString(pick("A", "B", "C", "P", "SHELL_SET", "a.b", "_x", "export") + pick("", "", "", fmt.Sprint(line)))
			b.WriteString(pick("=", "=", "=", "=", "=", " = ", "= ", " =", "=  "))
			value(r, pick, &b)
		}
		b.WriteString(pick(ending, ending, ending, ending, ending, ending, ending, "\n", "\r\n", "\r"))
	}
	if r.IntN(3) > 0 {
		return b.String() + "END=1" + pick("\n", "", ending)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func value(r *rand.Rand, pick func(...string) string, b *strings.Builder) {
	piece := func() string {
		return pick("v", "w", "1", "é", "x y", "it's", `\n`, `\\`, `\"`, `\'`, `\$`, `\ `, `\`, "$", "$P", "${P}", "$A1", "${", "}", "#", " #", "\"", "'", " ", "\t", "=", "\u00a0", "\r", "$SHELL_SET", "${SHELL_EMPTY}", "\n")
	}
	plain := func() string {
		return pick("v", "w", "1", "é", "#", "=", "$P", "${P}", "$A1 ", "{", "\u00a0", `\\`, `\$`, "$P_x", "a.b", "/")
	}
	switch r.IntN(8) {
	case 0, 1:
		b.WriteString("\"")
		for range r.IntN(5) {
			b.WriteString(pick(plain(), plain(), " ", "'", "\n", `\"`, "#"))
		}
		b.WriteString("\"")
	case 2, 3:
		b.WriteString("'")
		for range r.IntN(5) {
			b.WriteString(pick(plain(), " ", "\"", "\n", `\`, "#"))
		}
		b.WriteString("'")
	case 4, 5, 6:
		for range r.IntN(4) {
			b.WriteString(plain())
		}
	default:
		for range r.IntN(5) {
			b.WriteString(piece())
		}
	}
	b.WriteString(pick("", "", "", "", " ", "  ", " # c", "  # c", " # it's", "  # it's", "# c", "\t# \"", "\t\t#c"))
}
