package words_test

import (
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/server/words"
)

func TestPlural(t *testing.T) {
	for n, want := range map[int]string{0: "0 files", 1: "1 file", 2: "2 files"} {
		if got := words.Plural(n, "file"); got != want {
			t.Errorf("%d are %q", n, got)
		}
	}
}

func TestList(t *testing.T) {
	for want, names := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}} {
		if got := words.List(names); got != want {
			t.Errorf("%v are %q", names, got)
		}
	}
}

func TestKnown(t *testing.T) {
	if words.Known("") != nil || *words.Known("x") != "x" {
		t.Error("what is not known is nil, and nothing else")
	}
}
