package diagnostics

import (
	"fmt"
	"iter"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/parallel"
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
			for _, s := range secretsIn(file, entries) {
				report(exposed(p.Example, &entries[s.entry], s.kind))
			}
		}
	},
}

// A foundSecret is an entry whose value looks like a secret.
type foundSecret struct {
	entry int
	kind  string
}

// secretsIn finds the values that look like secrets. A long file is divided up:
// that each value is looked at takes a good part of its check.
func secretsIn(file *dotenv.File, entries []dotenv.Entry) []foundSecret {
	var mu sync.Mutex
	var found []foundSecret
	parallel.Each(len(entries), 4096, func(i int) {
		e := &entries[i]
		if e.Value().Len() < shortestSecret {
			return
		}
		if kind := secretKind(file.Name(e), withoutQuotes(file.Written(e))); kind != "" {
			mu.Lock()
			defer mu.Unlock()
			found = append(found, foundSecret{i, kind})
		}
	})
	slices.SortFunc(found, func(a, b foundSecret) int { return a.entry - b.entry })
	return found
}

func exposed(example *workspace.File, e *dotenv.Entry, kind string) Finding {
	name := example.Dotenv().Name(e)
	f := Finding{
		At:      example.At(e.Key()),
		Message: fmt.Sprintf("The value of %s looks like %s, for everybody who can read the repository.", name, kind),
		Remedy:  "Empty the value, and replace the secret where it came from: git keeps what was committed.",
	}
	f.Fixes = []Fix{{
		Title: "Empty the value of " + name, Safe: true, Preferred: true,
		Edits: edits(example, text.Edit{Span: e.Value()}),
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
	marks []string // one of them is in every such secret; of three bytes at least
	shape *regexp.Regexp
}

// tokens are the shapes of secrets, and a table that says of most values in one
// pass that there is nothing to look for.
type tokens struct {
	shapes []tokenShape
	pairs  [1 << 10]uint64 // which two bytes stand at the beginning of a mark, or next to it; a bit for each
}

// in gives what in a value has one of the shapes, with the kind of secret that it
// may be.
func (t *tokens) in(value string) iter.Seq2[string, string] {
	return func(yield func(kind, found string) bool) {
		marked := t.marked(value)
		for i := 0; marked != 0; i, marked = i+1, marked>>1 {
			if marked&1 == 0 {
				continue
			}
			s := &t.shapes[i]
			if at := s.shape.FindStringIndex(value); at != nil && !yield(s.kind, value[at[0]:at[1]]) {
				return
			}
		}
	}
}

// marked returns of which shapes a mark stands in a value, a bit for each. Every
// other pair of bytes is enough to see one.
func (t *tokens) marked(value string) (shapes uint32) {
	for i := 0; i+1 < len(value); i += 2 {
		if pair := pairOf(value[i], value[i+1]); t.pairs[pair>>6]&(1<<(pair&63)) != 0 {
			shapes |= t.marksAt(value[i:]) | t.marksAt(value[max(i-1, 0):])
		}
	}
	return shapes
}

func pairOf(a, b byte) uint16 { return uint16(a)<<8 | uint16(b) }

func (t *tokens) marksAt(s string) (shapes uint32) {
	for i := range t.shapes {
		for _, mark := range t.shapes[i].marks {
			if mark[0] == s[0] && strings.HasPrefix(s, mark) {
				shapes |= 1 << i
			}
		}
	}
	return shapes
}

// tokenShapes are the secrets that can be told by what they look like, as their
// services document them.
var tokenShapes = sync.OnceValue(func() *tokens {
	t := &tokens{}
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
		marks := strings.Split(s[1], "|")
		for _, mark := range marks {
			for i := range 2 {
				pair := pairOf(mark[i], mark[i+1])
				t.pairs[pair>>6] |= 1 << (pair & 63)
			}
		}
		t.shapes = append(t.shapes, tokenShape{s[0], marks, regexp.MustCompile(s[2])})
	}
	return t
})

// shortestSecret is how many bytes a secret has at least.
const shortestSecret = 8

// secretKind says what kind of secret a value looks like, "" for a value that
// does not or that plainly stands for another.
func secretKind(name, value string) string {
	if len(value) < shortestSecret {
		return ""
	}
	kind := ""
	for shape, found := range tokenShapes().in(value) {
		if shape == "a private key" || distinct(found) > shortestSecret {
			kind = shape
			break
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
	return len(name) >= len(secretPrefix) && strings.EqualFold(name[:len(secretPrefix)], secretPrefix)
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
	if len(value) < shortest || !strings.ContainsAny(value, "0123456789") || strings.IndexFunc(value, isLetter) < 0 {
		return false
	}
	if strings.ContainsAny(value, " \t\n/\\:@") && !strings.HasSuffix(value, "=") {
		return false
	}
	return entropy(value) >= least
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

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
