package dotenv_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
)

// ordinaryFile has the shapes of real files: quotes, comments, references.
func ordinaryFile(lines int) []byte {
	var b strings.Builder
	for i := range lines {
		switch i % 8 {
		case 0:
			fmt.Fprintf(&b, "# section %d\n", i)
		case 1:
			fmt.Fprintf(&b, "DBT_ENV_SECRET_PASSWORD_%d='some p@ssword %d'\n", i, i)
		case 2:
			fmt.Fprintf(&b, "DBT_URL_%d=https://host.example/%d?x=1 # why\n", i, i)
		case 3:
			fmt.Fprintf(&b, "export DBT_USER_%d=\"${DBT_SCHEMA_4}_%d\"\n", i, i)
		default:
			fmt.Fprintf(&b, "DBT_SCHEMA_%d=analytics_%d\n", i, i)
		}
	}
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	for _, lines := range []int{10, 1000, 100_000} {
		content := ordinaryFile(lines)
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				dotenv.Parse(content)
			}
		})
	}
}

func BenchmarkValues(b *testing.B) {
	f := dotenv.Parse(ordinaryFile(100_000))
	b.ReportAllocs()
	for b.Loop() {
		f.Values(nil)
	}
}

// adversarial are shapes that make careless readers quadratic.
func adversarial(size int) map[string]string {
	repeat := func(line string) string { return strings.Repeat(line, size/len(line)) }
	return map[string]string{
		"open quotes":      repeat("K=\"it's\\\n"),
		"quotes by turns":  repeat("A='\nB=\"\nC='\"\n"),
		"stop, then quote": "bad line\n" + repeat("K=a b \"\n"),
		"one line":         "K=" + repeat("x"),
		"one quoted line":  "K='" + repeat("x ") + "'\n",
		"one bad line":     "K=a b" + repeat(" \\"),
		"blank lines":      repeat("\n"),
		"blanks":           repeat(" "),
		"signs":            repeat("# #\n"),
		"equal signs":      repeat("=\n"),
		"invalid":          repeat("\xff\n"),
		"invalid in quote": "K='\n" + repeat("\xff='\n"),
		"references":       "K=" + repeat("$A${B}"),
		"braces":           "K=" + repeat("${"),
		"swallowed":        "K='\n" + repeat("A=1\n") + "'\n",
		"NULs":             repeat("A\x00=\n"),
		"backslashes":      "K='" + repeat("\\") + "\nL=1\n",
		"carriage returns": repeat("A=1\r"),
	}
}

// Ten times the text takes about ten times as long, whatever its shape. The
// limit is wide, because other work may run beside the test; a quadratic reader
// needs many seconds for half a megabyte.
func TestLinear(t *testing.T) {
	work := func(content string) time.Duration {
		best := time.Hour
		for range 2 {
			start := time.Now()
			f := dotenv.Parse([]byte(content))
			f.Values(nil)
			f.Swallows()
			f.Repair()
			for i := range f.Entries {
				f.Refs(&f.Entries[i])
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	small, large := adversarial(50_000), adversarial(500_000)
	for name, content := range large {
		if took := work(content); took > 50*work(small[name])+time.Second {
			t.Errorf("%s: %v for %d bytes", name, took, len(content))
		}
	}
}

func BenchmarkAdversarial(b *testing.B) {
	for name, content := range adversarial(10_000_000) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				dotenv.Parse([]byte(content))
			}
		})
	}
}
