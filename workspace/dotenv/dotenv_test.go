package dotenv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

func environment(env map[string]string) dotenv.Lookup {
	return func(name string) (secret.Text, bool) {
		value, ok := env[name]
		return secret.New(value), ok
	}
}

// loaded returns what the engine would set, as "NAME=|value|" lines.
func loaded(f *dotenv.File, env map[string]string) string {
	var out []string
	for _, v := range f.Values(environment(env)).All() {
		if v.Effective() {
			out = append(out, fmt.Sprintf("%s=|%s|", v.Name, v.Text.Reveal()))
		}
	}
	return strings.Join(out, " ")
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"K=v", "K=|v|"},
		{"K = v", "K=|v|"},
		{"  K=v", "K=|v|"},
		{"export K=v", "K=|v|"},
		{"export   K = v", "K=|v|"},
		{`K="a b"`, "K=|a b|"},
		{`K='a b'`, "K=|a b|"},
		{`K=a\ b`, "K=|a b|"},
		{"K=v # c", "K=|v|"},
		{`K="v" # c`, "K=|v|"},
		{`K="x # y"`, "K=|x # y|"},
		{"K=v#c", "K=|v#c|"},
		{"K=https://h/x#gid=0", "K=|https://h/x#gid=0|"},
		{"K=a=b==", "K=|a=b==|"},
		{"K=:x", "K=|:x|"},
		{"K=a|b", "K=|a|b|"},
		{"K=a&b", "K=|a&b|"},
		{"K=p%40ss", "K=|p%40ss|"},
		{"K=<project-id>", "K=|<project-id>|"},
		{"K={{x}}", "K=|{{x}}|"},
		{"K=*****", "K=|*****|"},
		{"K=op://Vault/Item/password", "K=|op://Vault/Item/password|"},
		{`K="-----BEGIN\nabc\n-----END"`, "K=|-----BEGIN\nabc\n-----END|"},
		{`K='{"a": 1}'`, `K=|{"a": 1}|`},
		{`K="{\"a\": 1}"`, `K=|{"a": 1}|`},
		{`K={\"a\":1}`, `K=|{"a":1}|`},
		{`K='C:\Users\me'`, `K=|C:\Users\me|`},
		{"K=C:/Users/me", "K=|C:/Users/me|"},
		{"# don't\nK=v", "K=|v|"},
		{"   # don't\nK=v", "K=|v|"},
		{"K=\"l1\n# c\nl3\"", "K=|l1\n# c\nl3|"},
		{"A=1\r\nB=2\r\n", "A=|1| B=|2|"},
		{"\ufeffA=1\nB=2\n", "A=|1| B=|2|"},

		{"K=", "K=||"},
		{"K= # c", "K=||"},
		{"K=# c", "K=||"},
		{`K=""`, "K=||"},
		{"K=''", "K=||"},
		{`export K="v";`, "K=|v;|"},
		{`K="abc"def`, "K=|abcdef|"},
		{`K="a"'b'c`, "K=|abc|"},
		{"K='''x'''", "K=|x|"},
		{`K=["a","b"]`, "K=|[a,b]|"},
		{"A=it's\nB=2\nC=it's", "A=|its\nB=2\nC=its|"},
		{"K=pa$$word1", "K=|pa|"},
		{"K=a$1b", "K=|a|"},
		{"K=abc$", "K=|abc|"},
		{"K=$BASE_DIR/ca", "K=|_DIR/ca|"},
		{"A=1\nK=\"$A_suffix\"", "A=|1| K=|1_suffix|"},
		{"K=${NOPE:-4}", "K=||"},
		{"K=x${NOPE}y", "K=|xy|"},
		{"K=$LATER\nLATER=1", "K=|| LATER=|1|"},
		{`K="$(cmd)/x"`, "K=|(cmd)/x|"},
		{`K="a $ b"`, "K=|a  b|"},
		{"P=1\nK=$P  # c", "P=|1| K=|1 |"},
		{"P=1\nK=$P\\n", "P=|1| K=|1\\n|"},
		{`K=C:\new\nat`, "K=|C:\new\nat|"},
		{"K=abc\\\nL=1", "K=|abc| L=|1|"},
		{"K=~/.dbt", "K=|~/.dbt|"},
		{"K=%USERPROFILE%", "K=|%USERPROFILE%|"},
		{"K=`a`", "K=|`a`|"},
		{"K=1\nK=2", "K=|1|"},
		{"K=\u00a0v", "K=|v|"},
		{"K=a\u00a0b", "K=|a\u00a0b|"},
		{"A=1\rB=2\r", "A=|1\rB=2|"},
		{"K=  # it's a\nB=2\nD=x # don't\nE=5", "K=|| E=|5|"},
		{"export=v", "export=|v|"},
		{"A.b_1=v", "A.b_1=|v|"},
		{"K=\"a\r\nb\"\r\nL=1\r\n", "K=|a\r\nb| L=|1|"},
		{"P=\"x\"\nK=\"${P}\"", "P=|x| K=|x|"},
		{"K=v   # it's", "K=|v|"},
		{"B=2  ", "B=|2|"},
		{"  \n\n#\nK=v", "K=|v|"},
		{"", ""},
	} {
		f := dotenv.Parse([]byte(c.file))
		if got := loaded(f, nil); got != c.want || f.Stop != nil {
			t.Errorf("%q: %q, stop %v, want %q", c.file, got, f.Stop, c.want)
		}
	}
}

func TestEnvironmentWins(t *testing.T) {
	f := dotenv.Parse([]byte("A=1\nB=$A$C\nC=3\nD=4\nD=5\n"))
	env := map[string]string{"A": "", "C": "shell"}
	if got, want := loaded(f, env), "B=|shell| D=|4|"; got != want {
		t.Errorf("loaded %q, want %q", got, want)
	}
	values := f.Values(environment(env))
	if !values.At(0).Shadowed || !values.At(4).Duplicate || values.At(0).Text.Reveal() != "1" {
		t.Errorf("flags: %+v", values)
	}
}

func TestNULIsFatal(t *testing.T) {
	f := dotenv.Parse([]byte("A=1\nB=x\x00y\nC=3\n"))
	values := f.Values(nil)
	if values.Len() != 2 || !values.At(1).Fatal || f.Stop != nil {
		t.Errorf("values %v, stop %v", values, f.Stop)
	}
	if got := loaded(f, map[string]string{"B": "shell"}); got != "A=|1| C=|3|" {
		t.Errorf("a name of the environment is not set: %q", got)
	}
}

func TestStop(t *testing.T) {
	for _, c := range []struct {
		line   string
		at     string
		reason dotenv.Reason
	}{
		{"K=hello world", "world", dotenv.BlankInValue},
		{"K=<YOUR X>", "X>", dotenv.BlankInValue},
		{"K=Foo (Bar)", "(Bar)", dotenv.BlankInValue},
		{"K=0 5 * * *", "5 * * *", dotenv.BlankInValue},
		{`K={"a": 1}`, "1}", dotenv.BlankInValue},
		{"K={{ x }}", "x }}", dotenv.BlankInValue},
		{"K=op://My Vault/x/y", "Vault/x/y", dotenv.BlankInValue},
		{"K=a\tb", "b", dotenv.BlankInValue},
		{`K="v"# c`, "c", dotenv.TextAfterQuote},
		{`K="a" b`, "b", dotenv.TextAfterQuote},
		{"K='a'; L=1;", "L=1;", dotenv.TextAfterQuote},
		{`K=C:\Users\me`, `\U`, dotenv.UnknownEscape},
		{`K="C:\Users\me"`, `\U`, dotenv.UnknownEscape},
		{`K=\\srv\share`, `\s`, dotenv.UnknownEscape},
		{`K="a\tb"`, `\t`, dotenv.UnknownEscape},
		{`K="a\rb"`, `\r`, dotenv.UnknownEscape},
		{"K=O'Brien", "'", dotenv.QuoteNotClosed},
		{`K="abc`, `"`, dotenv.QuoteNotClosed},
		{"K=#it's", "'", dotenv.QuoteInComment},
		{"K=v  # it's", "'", dotenv.QuoteInComment},
		{"K=  # it's", "'", dotenv.QuoteInComment},
		{`K="v"    # 5" pipe`, `"`, dotenv.QuoteInComment},
		{"K=v\t\t# it's", "'", dotenv.QuoteInComment},
		{`K='C:\dir\'`, `\'`, dotenv.BackslashBeforeQuote},
		{`K='it\'s'`, `\'`, dotenv.BackslashBeforeQuote},
		{`K="$HOME"`, `"`, dotenv.QuoteAfterReference},
		{`K="p@$s1"`, `"`, dotenv.QuoteAfterReference},
		{`K="cost 5$"`, `"`, dotenv.QuoteAfterReference},
		{`K=$P"x"`, `"`, dotenv.QuoteAfterReference},
		{"K=$P'x'", "'", dotenv.QuoteAfterReference},
		{"K=$P x y", "y", dotenv.TextAfterReference},
		{"K=${NOPE", "${", dotenv.BraceNotClosed},
		{"K: v", ":", dotenv.Colon},
		{"K", "K", dotenv.NoEqualSign},
		{"export K", "export K", dotenv.NoEqualSign},
		{"export", "export", dotenv.NoEqualSign},
		{"=v", "=", dotenv.NotAnAssignment},
		{"K+=v", "+", dotenv.NoEqualSign},
		{"K:=v", ":=", dotenv.Colon},
		{"A-B=v", "-", dotenv.BadKey},
		{"1A=v", "1", dotenv.BadKey},
		{".b=v", ".", dotenv.BadKey},
		{"ÉT=v", "É", dotenv.BadKey},
		{`"K"=v`, `"`, dotenv.BadKey},
		{"export 'K'=v", "'", dotenv.BadKey},
		{"set K=v", "set", dotenv.ShellCommand},
		{"SET K=v", "SET", dotenv.ShellCommand},
		{"EXPORT K=v", "EXPORT", dotenv.ShellCommand},
		{`$env:K = "v"`, "$env:K", dotenv.ShellCommand},
		{"unset K", "unset", dotenv.ShellCommand},
		{"source x", "source", dotenv.ShellCommand},
		{"if [ -f x ]; then", "if", dotenv.ShellCommand},
		{"source_up", "source_up", dotenv.ShellCommand},
		{"// c", "//", dotenv.CommentStyle},
		{"; c", ";", dotenv.CommentStyle},
		{"-- c", "--", dotenv.CommentStyle},
		{"REM c", "REM", dotenv.CommentStyle},
		{"[default]", "[default]", dotenv.NotAnAssignment},
		{"---", "---", dotenv.NotAnAssignment},
		{"- K=v", "-", dotenv.NotAnAssignment},
		{"B=2 ", " ", dotenv.BlankAtEnd},
		{"B= ", " ", dotenv.BlankAtEnd},
		{" ", " ", dotenv.BlankAtEnd},
		{`B=2\`, `\`, dotenv.BackslashAtEnd},
		{"# caf\xe9", "\xe9", dotenv.InvalidUTF8},
		{"K=caf\xe9", "\xe9", dotenv.InvalidUTF8},
		{"\x1a", "\x1a", dotenv.NotAnAssignment},
		{"\ufeffK=v", "\ufeff", dotenv.NotAnAssignment},
		{"A\x00=1", "\x00", dotenv.BadKey},
	} {
		content := "FIRST=1\n" + c.line
		f := dotenv.Parse([]byte(content))
		if f.Stop == nil {
			t.Errorf("%q does not stop", c.line)
			continue
		}
		if got := string(f.Stop.At.Of(f.Content)); got != c.at || f.Stop.Reason != c.reason {
			t.Errorf("%q stops at %q (%d: %s), want %q (%d)", c.line, got, f.Stop.Reason, f.Stop.Reason.Message(), c.at, c.reason)
		}
		if f.Stop.Line.Start != 8 || f.Stop.Reason.Message() == "" {
			t.Errorf("%q: line %v, message %q", c.line, f.Stop.Line, f.Stop.Reason.Message())
		}
		if got := loaded(f, nil); got != "FIRST=|1|" {
			t.Errorf("%q loads %q", c.line, got)
		}
	}
}

// IsName says what a line with the name does.
func TestIsName(t *testing.T) {
	for name, want := range map[string]bool{
		"A": true, "_a.1": true, "export": true, "": false, "1A": false, ".A": false, "A-B": false, "A B": false, "É": false, "#A": false, "A]": false,
	} {
		read := loaded(dotenv.Parse([]byte(name+"=v")), nil) == name+"=|v|"
		if got := dotenv.IsName(name); got != want || read != want {
			t.Errorf("%q: %t, read %t, want %t", name, got, read, want)
		}
	}
}

func TestLost(t *testing.T) {
	content := `A=1
B=hello world # why
C='x
y'
# D=4
export E=it's
F: v
set G=7
$env:H = "8"
note: not a name
I=9
`
	f := dotenv.Parse([]byte(content))
	var got []string
	for _, e := range f.Stopped() {
		got = append(got, fmt.Sprintf("%s|%s|%s", f.Name(&e), e.Value().Of(f.Content), e.Comment().Of(f.Content)))
	}
	want := []string{"B|hello world|# why", "C|'x\ny'|", "E|it's|", "F|v|", "G|7|", `H|"8"|`, "I|9|"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if f.Stop.Entry == nil || f.Name(f.Stop.Entry) != "B" {
		t.Errorf("entry of the stop: %v", f.Stop.Entry)
	}
	if len(f.Commented) != 1 || f.Name(&f.Commented[0]) != "D" {
		t.Errorf("commented: %v", f.Commented)
	}
}

func TestCommented(t *testing.T) {
	content := "# A=1\n#B=\n  #  export C = x # why\n## D='d'\n# prose, not=it\n# ==== E ====\nF=1\n"
	f := dotenv.Parse([]byte(content))
	var got []string
	for i := range f.Commented {
		e := &f.Commented[i]
		got = append(got, fmt.Sprintf("%s|%s|%s", f.Name(e), e.Value().Of(f.Content), e.Comment().Of(f.Content)))
	}
	if diff := cmp.Diff([]string{"A|1|", "B||", "C|x|# why", "D|'d'|"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSwallows(t *testing.T) {
	content := "K=  # it's a\nB=2\nD=x # don't\nP='-----BEGIN\nabc==\n-----END'\nA=it's\nC=3\nE=it's\nQ='x\ny'\n"
	f := dotenv.Parse([]byte(content))
	var got []string
	for _, s := range f.Swallows() {
		var names []string
		for _, e := range s.Lines {
			names = append(names, f.Name(&e))
		}
		got = append(got, fmt.Sprintf("%s comment=%t whole=%t %v at %d", f.Name(s.Entry), s.InComment, s.Whole, names, s.Quote.Start))
	}
	want := []string{
		"K comment=true whole=false [B D] at 8",
		"P comment=false whole=true [abc] at 31",
		"A comment=false whole=false [C E] at 63",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOdd(t *testing.T) {
	f := dotenv.Parse([]byte("A=1\nB='x y'\nC=$A\n\nexport D=1\nE=\"x\ny\"\nF=x # c\nG=a b\nH=1\n"))
	var odd []string
	for _, i := range f.Odd() {
		odd = append(odd, f.Name(&f.Entries[i]))
	}
	if diff := cmp.Diff([]string{"C", "D", "E", "G"}, odd); diff != "" {
		t.Error(diff)
	}
}

func TestEntryAt(t *testing.T) {
	content := "A=1\n# c\n\nB='x\ny'\nC=1"
	f := dotenv.Parse([]byte(content))
	for offset := range len(content) + 1 {
		want := map[bool]string{true: "B"}[offset >= 9 && offset < 17]
		switch {
		case offset < 4:
			want = "A"
		case offset >= 17 && offset < len(content):
			want = "C"
		}
		got := ""
		if i, ok := f.EntryAt(offset); ok {
			got = f.Name(&f.Entries[i])
		}
		if got != want {
			t.Errorf("at %d there is %q, not %q", offset, got, want)
		}
	}
}

func TestRefs(t *testing.T) {
	f := dotenv.Parse([]byte("A=$X_y${Z:-4}\nB='$N'\nC=\"$(c) \\$D $é9\"\n"))
	var got []string
	for i := range f.Entries {
		for _, r := range f.Refs(&f.Entries[i]) {
			got = append(got, fmt.Sprintf("%s %q %t", r.Span.Of(f.Content), r.Name, r.Braces))
		}
	}
	want := []string{`$X "X" false`, `${Z:-4} "Z:-4" true`, `$ "" false`, `$é9 "é9" false`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEncoding(t *testing.T) {
	for _, c := range []struct {
		content string
		want    dotenv.Encoding
		again   string
		ok      bool
	}{
		{"A=1\n", dotenv.UTF8, "A=1\n", true},
		{"\ufeffA=1\r\n", dotenv.UTF8BOM, "A=1\n", true},
		{"\xff\xfeA\x00=\x001\x00\r\x00\n\x00", dotenv.UTF16LE, "A=1\n", true},
		{"A\x00=\x001\x00", dotenv.UTF16LE, "A=1", true},
		{"\xfe\xff\x00A\x00=\x00\xe9", dotenv.UTF16BE, "A=é", true},
		{"A=\xe9\n", dotenv.OtherEncoding, "", false},
		{"A=1\rB=2\r", dotenv.UTF8, "A=1\nB=2\n", true},
	} {
		f := dotenv.Parse([]byte(c.content))
		again, ok := f.Reencode()
		if f.Encoding != c.want || string(again) != c.again || ok != c.ok {
			t.Errorf("%q: encoding %d, again %q %t", c.content, f.Encoding, again, ok)
		}
	}
	if !dotenv.Parse([]byte("A=1\rB=2")).CROnly || dotenv.Parse([]byte("A=1\r")).CROnly {
		t.Error("lone CRs")
	}
}
