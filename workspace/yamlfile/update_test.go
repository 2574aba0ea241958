package yamlfile

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"
)

// entries are what most of a file is made of. Each gets a key of its own.
var entries = []string{
	": 1\n", ":\n  c: 2\n", ":\n- e\n", ": {g: 1, h: [i]}\n", ": |\n  k\n\n", ": >-\n\n  m\n", ": 'o\n  p'\n", ": \"r\\n\\\n  s\"\n",
	": t\n  v\n", ":\n  target: dev\n  outputs:\n    dev: {type: x, y: \"{{ env_var('Z') }}\"}\n", ":\r\n  c: 2\r\n", ": # w\n",
}

// pieces can each change what the lines around them mean, or the whole file.
var pieces = []string{
	"a", "a: 1\n", ":", ": ", "\n", "\n", "\n\n", "  ", " ", "- ", "-", "|", "|+\n", ">2\n", "'", "\"", "\\", "{", "}", "[", "]", ",", "#", " #", "? ",
	"? x\n: y\n", "\t", "\r\n", "\r", "&m ", "*m", "!t ", "!!int ", "<<: ", "{{ z }}", "{% if %}", "---\n", "...\n", "%YAML 1.2\n", "%TAG ! !\n",
	"\ufeff", "é", "\xff", "\x00", "\u2028", "\u0085", "0x1: ", "1: ",
}

func randomText(r *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		if r.IntN(40) == 0 {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		fmt.Fprintf(&b, "k%d%s", i, entries[r.IntN(len(entries))])
	}
	return b.String()
}

// TestUpdateIsParse edits random files at random places, one edit after the
// other, and holds what Update says against Parse.
func TestUpdateIsParse(t *testing.T) {
	parts := 0
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 1))
		good := randomText(r, r.IntN(20))
		content := good
		file := Parse([]byte(content))
		for range 8 {
			if r.IntN(3) == 0 {
				content = good
			}
			at := r.IntN(len(content) + 1)
			end := min(len(content), at+r.IntN(4)*r.IntN(6))
			insert := ""
			if r.IntN(3) > 0 {
				insert = pieces[r.IntN(len(pieces))]
			}
			content = content[:at] + insert + content[end:]
			if file.base != nil && update(file.base, []byte(content)) != nil {
				parts++
			}
			if file = Update(file, []byte(content)); len(file.Problems) == 0 {
				good = content
			}
			compareFiles(t, file, Parse([]byte(content)))
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
	}
	if parts < 4000 {
		t.Errorf("of 8,000 edits, %d were read by their parts", parts)
	}
}

func FuzzUpdate(f *testing.F) {
	for i, a := range engineAnswers(f) {
		if len(a.Text) < 1000 {
			f.Add([]byte(a.Text), uint16(len(a.Text)/2), uint8(i%3), []byte(pieces[i%len(pieces)]), uint16(i), uint8(2), []byte("a: 1\n"))
		}
	}
	f.Fuzz(func(t *testing.T, content []byte, at uint16, cut uint8, insert []byte, at2 uint16, cut2 uint8, insert2 []byte) {
		file := Parse(content)
		for _, e := range []struct {
			at, cut int
			insert  []byte
		}{{int(at), int(cut), insert}, {int(at2), int(cut2), insert2}} {
			from := e.at % (len(content) + 1)
			to := min(len(content), from+e.cut)
			content = []byte(string(content[:from]) + string(e.insert) + string(content[to:]))
			file = Update(file, content)
			compareFiles(t, file, Parse(content))
		}
	})
}

func compareFiles(t *testing.T, got, want *File) {
	t.Helper()
	if g, w := fmt.Sprint(got.broken, got.Problems), fmt.Sprint(want.broken, want.Problems); g != w {
		t.Errorf("%q: %s\nas a whole: %s", want.Content, g, w)
	}
	compareNodes(t, got, got.Root, want.Root)
	compareNodes(t, got, got.Partial, want.Partial)
}

func compareNodes(t *testing.T, f *File, got, want *Node) {
	t.Helper()
	if got == nil || want == nil {
		if got != want {
			t.Errorf("%q: %v, as a whole %v", f.Content, got, want)
		}
		return
	}
	a, b := *got, *want
	if g, w := fmt.Sprint(a.Kind, a.Style, a.Span, a.tag(), a.begin(), a.body, a.inFlow, len(a.Pairs), len(a.Items)),
		fmt.Sprint(b.Kind, b.Style, b.Span, b.tag(), b.begin(), b.body, b.inFlow, len(b.Pairs), len(b.Items)); g != w || a.Value != b.Value {
		t.Fatalf("%q: %s %q\nas a whole: %s %q", f.Content, g, a.Value, w, b.Value)
	}
	if a.Kind == Scalar {
		for g, w, i := got.SourceMap(), want.SourceMap(), 0; i <= len(a.Value); i++ {
			if g.At(i) != w.At(i) {
				t.Fatalf("%q: byte %d of %q is at %d, as a whole at %d", f.Content, i, a.Value, g.At(i), w.At(i))
			}
		}
	}
	if unsafe.StringData(a.source.text) != unsafe.StringData(f.src) {
		t.Fatalf("%q: a node of another text", f.Content)
	}
	for i := range a.Pairs {
		compareNodes(t, f, a.Pairs[i].Key, b.Pairs[i].Key)
		compareNodes(t, f, a.Pairs[i].Value, b.Pairs[i].Value)
	}
	for i := range a.Items {
		compareNodes(t, f, a.Items[i], b.Items[i])
	}
}
