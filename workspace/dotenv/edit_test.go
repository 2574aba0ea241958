package dotenv_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

func apply(t interface{ Fatalf(string, ...any) }, content string, edits ...text.Edit) string {
	out, err := text.Apply([]byte(content), edits)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(out)
}

func TestQuote(t *testing.T) {
	for _, c := range []struct{ value, want string }{
		{"", ""},
		{"a b", "'a b'"},
		{`C:\Users`, `'C:\Users'`},
		{`C:\dir\`, `"C:\\dir\\"`},
		{`two\\`, `'two\\'`},
		{"O'Brien", `"O'Brien"`},
		{`it's "$5"`, `"it's \"\$5\""`},
		{"a\nb", "'a\nb'"},
	} {
		got, err := dotenv.Quote(c.value)
		if err != nil || got != c.want {
			t.Errorf("Quote(%q) = %q, %v, want %q", c.value, got, err, c.want)
		}
		if loaded := loaded(dotenv.Parse([]byte("K="+got)), nil); loaded != "K=|"+c.value+"|" {
			t.Errorf("%q reads back as %q", c.value, loaded)
		}
	}
	for _, bad := range []string{"a\x00", "\xff"} {
		if _, err := dotenv.Quote(bad); err == nil || strings.Contains(err.Error(), bad) {
			t.Errorf("Quote(%q): %v", bad, err)
		}
	}
}

func TestQuoteReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringOf(rapid.SampledFrom([]rune("ab'\"\\$ \n\r#=né\u00a0{}"))).Draw(t, "value")
		quoted, err := dotenv.Quote(value)
		if err != nil {
			t.Fatal(err)
		}
		if got := loaded(dotenv.Parse([]byte("K="+quoted+" # it's\nL=1\n")), nil); got != "K=|"+value+"| L=|1|" {
			t.Fatalf("%q reads back as %q", quoted, got)
		}
	})
}

func TestSet(t *testing.T) {
	for _, c := range []struct{ content, value, want string }{
		{"K=v\nL=1\n", "x y", "K='x y'\nL=1\n"},
		{"export K = v # c\r\n", "w", "export K = 'w' # c\r\n"},
		{"K= # c\n", "w", "K='w' # c\n"},
		{"K=# c\n", "w", "K='w' # c\n"},
		{"K=\n", "w", "K='w'\n"},
		{"K=", "w", "K='w'"},
		{"K=  ", "w", "K='w'  "},
		{"K=v\n", "", "K=\n"},
		{"K='a\nb' # c\n", "w", "K='w' # c\n"},
		{"K=$P\"  # it's \"\nL=1\n", "w", "K='w' # it's \"\nL=1\n"},
		{"K=\t'v' # it's\nL=1\n", "", "K= # it's\nL=1\n"},
		{"K= v # it's\nL=1\n", "", "K= # it's\nL=1\n"},
		{"K=v\\  # ", "w", "K='w' # "},
		{"K=hello world # c\nL=1\n", "w", "K='w' # c\nL=1\n"},
		{"K=  # it's a\nB=2\nD=x # don't\n", "w", "K='w'  # it's a\nB=2\nD=x # don't\n"},
	} {
		f := dotenv.Parse([]byte(c.content))
		edit, err := f.Set(&f.Entries[0], c.value)
		if err != nil {
			t.Errorf("%q: %v", c.content, err)
			continue
		}
		got := apply(t, c.content, edit)
		if got != c.want {
			t.Errorf("%q set: %q, want %q", c.content, got, c.want)
		}
		if all := loaded(dotenv.Parse([]byte(got)), nil); !strings.HasPrefix(all, "K=|"+c.value+"|") {
			t.Errorf("%q loads %q", got, all)
		}
	}
	f := dotenv.Parse([]byte("K: v\n"))
	if _, err := f.Set(&f.Entries[0], "w"); err == nil || strings.Contains(err.Error(), "v\n") {
		t.Errorf("a line without an equal sign: %v", err)
	}
}

func TestLineEdits(t *testing.T) {
	type edit func(f *dotenv.File) []text.Edit
	first := func(do func(*dotenv.File, *dotenv.Entry) text.Edit) edit {
		return func(f *dotenv.File) []text.Edit { return []text.Edit{do(f, &f.Entries[0])} }
	}
	remove := first((*dotenv.File).Remove)
	keep := first((*dotenv.File).RemoveBeforeComment)
	comment := first((*dotenv.File).CommentOut)
	uncomment := func(f *dotenv.File) []text.Edit { return []text.Edit{f.Uncomment(&f.Commented[0])} }
	move := func(f *dotenv.File) []text.Edit { return f.MoveComment(&f.Entries[0]) }
	add := func(f *dotenv.File) []text.Edit {
		edit, cursor := f.Append("NEW")
		if got := apply(t, string(f.Content), edit); !strings.HasSuffix(got[:cursor], "\nNEW=") && got[:cursor] != "NEW=" {
			t.Errorf("cursor %d in %q", cursor, got)
		}
		return []text.Edit{edit}
	}
	for _, c := range []struct {
		name          string
		do            edit
		content, want string
	}{
		{"remove", remove, "K=v # c\nL=1\n", "L=1\n"},
		{"remove the only line", remove, "K=v", ""},
		{"remove two lines", remove, "K='a\nb'\nL=1\n", "L=1\n"},
		{"remove, not what it swallowed", remove, "K=  # it's\nB=2\nD=x # don't\n", "B=2\nD=x # don't\n"},
		{"remove, not the comment", keep, "  K='a\nb'  # c\r\nL=1\r\n", "# c\r\nL=1\r\n"},
		{"remove, not the comment that swallows", keep, "K=  # it's\nB=2\nD=x # don't\n", "# it's\nB=2\nD=x # don't\n"},
		{"remove without a comment", keep, "K=v\nL=1\n", "L=1\n"},
		{"comment out", comment, "  K=v\r\nL=1\r\n", "#   K=v\r\nL=1\r\n"},
		{"comment out two lines", comment, "K='a\nb'\nL=1\n", "# K='a\n# b'\nL=1\n"},
		{"uncomment", uncomment, " # export K=v\nL=1\n", " export K=v\nL=1\n"},
		{"uncomment", uncomment, "##K=v", "K=v"},
		{"move", move, "K=v  # c\r\nL=1\r\n", "# c\r\nK=v\r\nL=1\r\n"},
		{"move from an empty value", move, "K=   # c\n", "# c\nK=\n"},
		{"move what swallows", move, "K=  # it's\nB=2\nD=x # don't\n", "# it's\nK=\nB=2\nD=x # don't\n"},
		{"move nothing", move, "K=v\n", "K=v\n"},
		{"append", add, "K=v\n", "K=v\nNEW=\n"},
		{"append without line break", add, "K=v", "K=v\nNEW=\n"},
		{"append with CRLF", add, "K=v\r\nL=1", "K=v\r\nL=1\r\nNEW=\r\n"},
		{"append to nothing", add, "", "NEW=\n"},
		{"append above the stop", add, "K=v\nbad line\nL=1\n", "K=v\nNEW=\nbad line\nL=1\n"},
	} {
		f := dotenv.Parse([]byte(c.content))
		if got := apply(t, c.content, c.do(f)...); got != c.want {
			t.Errorf("%s: %q gives %q, want %q", c.name, c.content, got, c.want)
		}
	}
}

// Every repair lets dbt read the line as meant, and the lines below it.
func TestRepair(t *testing.T) {
	for _, c := range []struct{ line, want, value string }{
		{"K=hello world", "K='hello world'", "hello world"},
		{"K=hello world # why", "K='hello world' # why", "hello world"},
		{"K=hello world  # it's", "K='hello world' # it's", "hello world"},
		{"export K=<YOUR X>", "export K='<YOUR X>'", "<YOUR X>"},
		{`K={"a": 1}`, `K='{"a": 1}'`, `{"a": 1}`},
		{"K=0 5 * * *", "K='0 5 * * *'", "0 5 * * *"},
		{"K={{ x }}", "K='{{ x }}'", "{{ x }}"},
		{"K=O'Brien", `K="O'Brien"`, "O'Brien"},
		{"K=Foo (it's)", `K="Foo (it's)"`, "Foo (it's)"},
		{"K=v  # it's", "# it's\nK=v", "v"},
		{"K=  # it's", "# it's\nK=", ""},
		{`K="v"    # 5" pipe`, "# 5\" pipe\nK=\"v\"", "v"},
		{`K="v"# c`, `K="v" # c`, "v"},
		{`K=C:\Users\me`, `K='C:\Users\me'`, `C:\Users\me`},
		{`K="C:\Users\me"`, `K='C:\Users\me'`, `C:\Users\me`},
		{`K=C:\Program Files\new`, `K='C:\Program Files\new'`, `C:\Program Files\new`},
		{`K='C:\dir\'`, `K="C:\\dir\\"`, `C:\dir\`},
		{`K=\\srv\share`, `K='\\srv\share'`, `\\srv\share`},
		{`K=CORP\jane`, `K='CORP\jane'`, `CORP\jane`},
		{`K="cost 5$"`, `K='cost 5$'`, `cost 5$`},
		{"K: v", "K=v", "v"},
		{"K: hello world", "K='hello world'", "hello world"},
		{`K: "a b" # c`, `K="a b" # c`, "a b"},
		{"set K=v", "K=v", "v"},
		{"SET K=hello world", "K='hello world'", "hello world"},
		{`set "K=a b"`, "K='a b'", "a b"},
		{"EXPORT K=v", "K=v", "v"},
		{`$env:K = "v"`, `K = "v"`, "v"},
		{`$Env:K="C:\x y"`, `K='C:\x y'`, `C:\x y`},
		{"// c", "# c", ""},
		{";; c", "# c", ""},
		{"-- it's", "# it's", ""},
		{"REM c", "# c", ""},
		{"[default]", "# [default]", ""},
		{"--------", "# --------", ""},
	} {
		for _, ending := range []string{"\n", "\r\n"} {
			content := "A=1" + ending + c.line + ending + "Z=9" + ending
			f := dotenv.Parse([]byte(content))
			edits, title, ok := f.Repair()
			if !ok || title == "" {
				t.Errorf("%q is not repaired: %q %t", c.line, title, ok)
				continue
			}
			got := apply(t, content, edits...)
			if want := "A=1" + ending + strings.ReplaceAll(c.want, "\n", ending) + ending + "Z=9" + ending; got != want {
				t.Errorf("%q is repaired to %q, want %q", content, got, want)
			}
			want := "A=|1| "
			if strings.Contains(c.line, "K") {
				want += "K=|" + c.value + "| "
			}
			after := dotenv.Parse([]byte(got))
			if all := loaded(after, nil); all != want+"Z=|9|" || after.Stop != nil {
				t.Errorf("%q then loads %q", got, all)
			}
		}
	}
}

func TestRepairAtEnd(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{"A=1\nB=2 ", "A=1\nB=2 \n"},
		{"A=1\nB= ", "A=1\nB= \n"},
		{"A=1\nB=a b ", "A=1\nB='a b' \n"},
		{"A=1\nB=C:\\dir\\", "A=1\nB=\"C:\\\\dir\\\\\""},
	} {
		f := dotenv.Parse([]byte(c.content))
		edits, _, ok := f.Repair()
		if got := apply(t, c.content, edits...); !ok || got != c.want {
			t.Errorf("%q: %q, %t", c.content, got, ok)
		}
	}
}

// What a person may have meant in two ways stays as it is.
func TestNoRepair(t *testing.T) {
	for _, line := range []string{
		`K="a" b`, "K='a'; L=1;", `K="abc`, "K='abc", "K=#it's", `K='it\'s'`, `K="a\tb"`, `K="$HOME"`, `K="p@$s1"`,
		"K=$P x y", "K=${NOPE", `K=a\ b c`, `K=a\`, "K", "export K", "=v", "A-B=v", "1A=v", `"K"=v`, "unset K", "source x",
		"if true", "- K=v", "K: |", "K:", "K: [a, b]", "K+=v", "K=caf\xe9", "$env:K = \"a`n\"", `$env:K = "$HOME x"`, "set -a",
		"K=$(cmd x)", "set K", " ",
	} {
		f := dotenv.Parse([]byte("A=1\n" + line))
		if edits, title, ok := f.Repair(); ok && title != "End the last line with a line break" {
			t.Errorf("%q is repaired: %s %+v", line, title, edits)
		}
		if f.Stop == nil {
			t.Errorf("%q does not stop", line)
		}
	}
	if _, _, ok := dotenv.Parse([]byte("A=1\n")).Repair(); ok {
		t.Error("nothing to repair")
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"A=1\nB='x\ny' # c\n", "K=v  # it's\n", "K=$A\"${B}\\n\"\r\n", "\ufeffexport A = b\\ c", "# A=1\nset B=2\n$env:C = \"3\"\n",
		"A=\xff\n", "A=\x00\n", "K=C:\\dir\\", "K: hello world\n// c", "A=1 ", "A\u00a0=\u00a0é$é",
	} {
		f.Add([]byte(seed), "va l'\"ue\\")
	}
	f.Fuzz(func(t *testing.T, content []byte, value string) {
		file := dotenv.Parse(content)
		checkSpans(t, file)
		half := len(content) / 2
		edited := slices.Concat(content[:half], []byte(value), content[half:])
		if diff := differs(update(file, string(edited)), dotenv.Parse(edited)); diff != "" {
			t.Fatal(diff)
		}
		values := file.Values(nil)
		for i := range file.Entries {
			file.Refs(&file.Entries[i])
		}
		file.Swallows()
		file.Reencode()
		if edits, title, ok := file.Repair(); ok {
			after := dotenv.Parse([]byte(apply(t, string(content), edits...)))
			if title == "" || len(after.Entries)-len(after.Stopped()) < len(file.Entries)-len(file.Stopped()) {
				t.Fatalf("repair %q loses entries", title)
			}
		}
		if strings.ContainsRune(value, 0) || !utf8.ValidString(value) || values.Len() == 0 {
			return
		}
		last := values.At(values.Len() - 1)
		edit, err := file.Set(last.Entry, value)
		if err != nil {
			t.Fatal(err)
		}
		after := dotenv.Parse([]byte(apply(t, string(content), edit))).Values(nil)
		if after.Len() < values.Len() || after.At(values.Len()-1).Text.Reveal() != value {
			t.Fatalf("set does not give the value")
		}
	})
}

func checkSpans(t *testing.T, f *dotenv.File) {
	at := 0
	lost := false
	for _, e := range f.Entries {
		ordered := at <= e.Line().Start && e.Line().Start <= e.Key().Start && e.Key().Start < e.Key().End && e.Key().End < e.Value().Start &&
			e.Value().Start <= e.Value().End && e.Value().End <= e.Line().End && e.Line().End <= len(f.Content) &&
			(e.Comment().Empty() || e.Value().End <= e.Comment().Start && e.Comment().End <= e.Line().End)
		if !ordered || f.Name(&e) != string(e.Key().Of(f.Content)) {
			t.Fatalf("spans of an entry: %+v after %d", e, at)
		}
		if lost = lost || e.Lost; lost != e.Lost || e.Lost && f.Stop == nil {
			t.Fatalf("lost entries are not the last ones")
		}
		at = e.Line().End
	}
	if s := f.Stop; s != nil {
		if s.Line.Start > s.At.Start || s.At.Start > s.At.End || s.At.End > len(f.Content) || s.Line.End > len(f.Content) || s.Reason.Message() == "" {
			t.Fatalf("stop %+v", s)
		}
	}
}
