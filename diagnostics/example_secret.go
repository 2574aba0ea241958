package diagnostics

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var exampleSecret = Rule{
	Code:     "example-secret",
	Section:  EnvironmentFiles,
	Rank:     320,
	Severity: Error,
	Scope:    Repository,
	Title:    "The example file, which git commits, holds what looks like a real secret",
	Fix:      "★ empty the value",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.Example == nil || p.Git.Ignored(p.Example.Path) && !p.Git.Tracked(p.Example.Path) {
			return
		}
		file := p.Example.Dotenv()
		for _, entries := range [][]dotenv.Entry{file.Entries, file.Commented} {
			for i := range entries {
				e := &entries[i]
				if e.Value.Len() < shortestSecret {
					continue
				}
				if kind := secretKind(e.Name, withoutQuotes(file.Written(e))); kind != "" {
					report(exposed(p.Example, e, kind))
				}
			}
		}
	},
}

func exposed(example *workspace.File, e *dotenv.Entry, kind string) Finding {
	f := Finding{
		At:      example.At(e.Key),
		Message: fmt.Sprintf("The value of %s looks like %s, for everybody who can read the repository.", e.Name, kind),
		Remedy:  "Empty the value, and replace the secret where it came from: git keeps what was committed.",
	}
	f.Fixes = []Fix{{
		Title: "Empty the value of " + e.Name, Safe: true, Preferred: true,
		Edits: edits(example, text.Edit{Span: e.Value}),
	}}
	return f
}

// plainValue is a value as it is written, without the quotes around it.
func plainValue(raw []byte) string { return withoutQuotes(string(raw)) }

func withoutQuotes(raw string) string {
	s := strings.TrimSpace(raw)
	if n := len(s); n > 1 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		s = s[1 : n-1]
	}
	return s
}

// A tokenShape tells the secrets of one service.
type tokenShape struct {
	kind  string
	marks []mark // one of them is in every such secret, and is searched for in no time
	shape *regexp.Regexp
}

type mark struct {
	text  string
	signs signs
}

func (s *tokenShape) find(value string) []int {
	if slices.ContainsFunc(s.marks, func(m mark) bool { return strings.Contains(value, m.text) }) {
		return s.shape.FindStringIndex(value)
	}
	return nil
}

// possible reports whether a text with these signs may hold one of the marks.
func (s *tokenShape) possible(signs signs) bool {
	for i := range s.marks {
		if signs.have(s.marks[i].signs) {
			return true
		}
	}
	return false
}

// signs are the ASCII characters of a text. They say of most values that there is
// nothing to look for, for a tenth of what the search would cost.
type signs [2]uint64

const (
	digits = "0123456789"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

func signsOf(s string) signs {
	var all signs
	for i := range len(s) {
		if c := s[i]; c < 128 {
			all[c>>6] |= 1 << (c & 63)
		}
	}
	return all
}

// have reports whether all of some signs are there.
func (s *signs) have(some signs) bool { return s[0]&some[0] == some[0] && s[1]&some[1] == some[1] }

// haveAny reports whether one of some signs is there.
func (s *signs) haveAny(some signs) bool { return s[0]&some[0]|s[1]&some[1] != 0 }

// tokenShapes are the secrets that can be told by what they look like, as their
// services document them.
var tokenShapes = sync.OnceValue(func() []tokenShape {
	var shapes []tokenShape
	for _, s := range [...][3]string{
		{"a private key", "PRIVATE KEY-----", `-----BEGIN [A-Z ]*PRIVATE KEY-----`},
		{"an access key of AWS", "AKIA|ASIA", `\b(?:AKIA|ASIA)[A-Z2-7]{16}\b`},
		{"a token of GitHub", "ghp_|gho_|ghu_|ghs_|ghr_|github_pat_", `\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})`},
		{"a token of GitLab", "glpat-", `\bglpat-[A-Za-z0-9_-]{20,}`},
		{"a token of Slack", "xox", `\bxox[abeoprs]-[A-Za-z0-9-]{10,}`},
		{"an address of a Slack webhook", "hooks.slack.com", `hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{20,}`},
		{"a token of dbt platform", "dbtc_|dbtu_", `\bdbt[cu]_[A-Za-z0-9_+/=-]{20,}`},
		{"a token of Databricks", "dapi", `\bdapi[0-9a-f]{32}`},
		{"a key of Google", "AIza", `\bAIza[A-Za-z0-9_-]{35}`},
		{"a token that carries its own signature", "eyJ", `\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}`},
		{"an address with a password", "://", `^[a-z][a-z0-9+.-]*://[^\s:/@]+:[^\s:/@]{8,}@`},
	} {
		var marks []mark
		for text := range strings.SplitSeq(s[1], "|") {
			marks = append(marks, mark{text, signsOf(text)})
		}
		shapes = append(shapes, tokenShape{s[0], marks, regexp.MustCompile(s[2])})
	}
	return shapes
})

// shortestSecret is how many bytes a secret has at least.
const shortestSecret = 8

// secretKind says what kind of secret a value looks like, "" for a value that
// does not or that plainly stands for another.
func secretKind(name, value string) string {
	if len(value) < shortestSecret {
		return ""
	}
	kind, signs := "", signsOf(value)
	for _, s := range tokenShapes() {
		if !s.possible(signs) {
			continue
		}
		if at := s.find(value); at != nil {
			if found := value[at[0]:at[1]]; s.kind == "a private key" || distinct(found) > shortestSecret {
				kind = s.kind
				break
			}
		}
	}
	if kind == "" && namesSecret(name) && isRandom(value) {
		kind = "a secret"
	}
	if kind != "" && isPlaceholder(value) { // hardly any value comes so far
		return ""
	}
	return kind
}

// namesSecret reports whether a variable's name says that its value is secret.
func namesSecret(name string) bool {
	switch strings.ToUpper(name[strings.LastIndexByte(name, '_')+1:]) {
	case "PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "PWD", "TOKEN", "SECRET", "KEY", "CREDENTIALS":
		return true
	}
	return strings.HasPrefix(strings.ToUpper(name), "DBT_ENV_SECRET")
}

// isPlaceholder reports whether a value stands for one that a person fills in.
func isPlaceholder(value string) bool {
	lower := strings.ToLower(value)
	if strings.ContainsAny(lower, "<>*…") || strings.Contains(lower, "${") || strings.Contains(lower, "{{") || strings.HasPrefix(lower, "$") {
		return true
	}
	for _, word := range [...]string{
		"changeme", "change_me", "change-me", "replace", "example", "sample", "dummy", "placeholder", "fake", "secret", "password",
		"your", "xxx", "todo", "insert", "here", "test", "foobar", "123456", "abcdef", "redacted", "none", "path", "...",
	} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return reference(value) != "" || distinct(value) < 5
}

// isRandom reports whether a value looks made by a generator: one word of at
// least sixteen signs, of several kinds, hardly any of them twice.
func isRandom(value string) bool {
	const shortest, least = 16, 3.2 // signs, bits a sign: words of a language have fewer
	signs := signsOf(value)
	if len(value) < shortest || !signs.haveAny(signsOf(digits)) || !signs.haveAny(signsOf(lower+upper)) {
		return false
	}
	if signs.haveAny(signsOf(" \t\n/\\:@")) && !strings.HasSuffix(value, "=") {
		return false
	}
	return entropy(value) >= least
}

// entropy is Shannon's, in bits for each byte.
func entropy(s string) float64 {
	var counts [256]int
	for i := range len(s) {
		counts[s[i]]++
	}
	bits := 0.0
	for _, n := range counts {
		if n > 0 {
			share := float64(n) / float64(len(s))
			bits -= share * math.Log2(share)
		}
	}
	return bits
}

// distinct is how many different bytes a text has.
func distinct(s string) int {
	var seen [256]bool
	n := 0
	for i := range len(s) {
		if !seen[s[i]] {
			seen[s[i]] = true
			n++
		}
	}
	return n
}
