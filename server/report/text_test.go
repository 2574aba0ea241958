package report

import "testing"

func TestAppliedFixes(t *testing.T) {
	for want, s := range map[string]Summary{
		"":                              {Fixable: 2},
		", and `check --fix` applies 2": {Fixable: 3, Safe: 2, Unsafe: 2},
		", and `check --fix` applies 2, with `--unsafe-fixes` 5": {Fixable: 7, Safe: 2, Unsafe: 5},
		", and `check --fix --unsafe-fixes` applies 5":           {Fixable: 7, Unsafe: 5},
	} {
		if got := applied(s); got != want {
			t.Errorf("%+v: %q, want %q", s, got, want)
		}
	}
}
