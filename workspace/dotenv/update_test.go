package dotenv_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// pieces are what files are put together from: each can change where dbt stops,
// which lines belong together, or the encoding of the whole.
var pieces = []string{
	"A=1", "B=two words", "\n", "\n", "\n", "\r\n", "C='x", "'", "\"", "D=$A${B}", "# E=5", "#", " # it's", "export F = 6", "set G=7",
	"\\", "\xff", "é", "\x00", "\ufeff", "  ", "H=", "K=\"a\nb\"", "A=again", "=", "\r", "$env:X = \"3\"", "K: v",
}

func randomText(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// TestUpdateIsParse edits random files at random places, one edit after the
// other, and holds what Update says against Parse.
func TestUpdateIsParse(t *testing.T) {
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 1))
		content := randomText(r, r.IntN(40))
		file := dotenv.Parse([]byte(content))
		for range 8 {
			at := r.IntN(len(content) + 1)
			end := min(len(content), at+r.IntN(4)*r.IntN(6))
			content = content[:at] + randomText(r, r.IntN(3)) + content[end:]
			common := text.Shared(file.Content, []byte(content))
			common.Head -= r.IntN(min(common.Head, 3) + 1) // as the range of an edit says it
			common.Tail -= r.IntN(min(common.Tail, 3) + 1)
			file = dotenv.Update(file, []byte(content), common)
			if diff := differs(file, dotenv.Parse([]byte(content))); diff != "" {
				t.Fatalf("seed %d, %q: %s", seed, content, diff)
			}
		}
	}
}

func update(before *dotenv.File, content string) *dotenv.File {
	return dotenv.Update(before, []byte(content), text.Shared(before.Content, []byte(content)))
}

// differs says what two readings of one content do not have in common.
func differs(a, b *dotenv.File) string {
	options := cmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(dotenv.File{}), cmp.AllowUnexported(dotenv.Entry{}), cmp.Comparer(func(a, b secret.Text) bool { return a == b })}
	if diff := cmp.Diff(b, a, options); diff != "" {
		return diff
	}
	if diff := cmp.Diff(len(b.Stopped()), len(a.Stopped())); diff != "" {
		return "lost entries: " + diff
	}
	if diff := cmp.Diff(b.Odd(), a.Odd()); diff != "" {
		return "odd entries: " + diff
	}
	for i := range a.Entries {
		if a.FirstOf(i) != b.FirstOf(i) || !slices.Equal(a.Refs(&a.Entries[i]), b.Refs(&b.Entries[i])) {
			return "the entry of " + a.Name(&a.Entries[i])
		}
	}
	if a.HasDuplicates() != b.HasDuplicates() {
		return "duplicates"
	}
	return cmp.Diff(slices.Collect(valuesOf(b)), slices.Collect(valuesOf(a)), options)
}

func valuesOf(f *dotenv.File) func(func(dotenv.Value) bool) {
	return func(yield func(dotenv.Value) bool) {
		for _, v := range f.Values(nil).All() {
			if !yield(v) {
				return
			}
		}
	}
}

// TestUpdateKeepsNames: the index of names is used on while values are typed.
func TestUpdateKeepsNames(t *testing.T) {
	long := strings.Repeat("A=1\n", 1000)
	before := dotenv.Parse([]byte(long + "B=2\n"))
	after := update(before, long+"B=23\n")
	if !after.SameNames(before) || after.SameNames(dotenv.Parse(after.Content)) {
		t.Error("the names of a file whose value was edited are not those of before")
	}
	if update(before, long+"C=2\n").SameNames(before) {
		t.Error("a new name is taken for the one before")
	}
}
