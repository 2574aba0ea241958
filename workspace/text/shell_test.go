package text

import "testing"

func TestShellWord(t *testing.T) {
	for _, c := range []struct{ text, unix, windows string }{
		{"a/b.c", "a/b.c", "a/b.c"},
		{"", "''", `""`},
		{"a b", "'a b'", `"a b"`},
		{"$(touch x)/.env", "'$(touch x)/.env'", "'$(touch x)/.env'"},
		{"`touch x`", "'`touch x`'", "'`touch x`'"},
		{"~a", "'~a'", `"~a"`},
		{"it's", `'it'\''s'`, `"it's"`},
		{"$it's", `'$it'\''s'`, "'$it''s'"},
		{`C:\dbt.exe`, `'C:\dbt.exe'`, `C:\dbt.exe`},
	} {
		if got := ShellWord(c.text, "linux"); got != c.unix {
			t.Errorf("%s is %s", c.text, got)
		}
		if got := ShellWord(c.text, "windows"); got != c.windows {
			t.Errorf("%s is %s on Windows", c.text, got)
		}
	}
}
