package yamlfile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// largeProfiles is a profiles.yml of n targets, 310 KB for 1000.
func largeProfiles(n int) []byte {
	var b strings.Builder
	b.WriteString("# all our warehouses\nshop:\n  target: t0\n  outputs:\n")
	for i := range n {
		fmt.Fprintf(&b, "    t%d:\n      type: snowflake\n      account: \"{{ env_var('DBT_ACCOUNT_%d') }}\"\n", i, i)
		fmt.Fprintf(&b, "      user: '{{ env_var(\"DBT_USER_%d\", \"me\") }}'\n      password: \"{{ env_var('DBT_ENV_SECRET_PASSWORD_%d') }}\" # from the vault\n", i, i)
		b.WriteString("      role: transformer\n      database: analytics\n      warehouse: transforming\n      schema: dbt\n      threads: 8\n")
	}
	return []byte(b.String())
}

// BenchmarkParse prints, as "x-of-yaml.v3", the time of Parse as a share of
// what yaml.v3 alone needs for its nodes.
func BenchmarkParse(b *testing.B) {
	for name, targets := range map[string]int{"1KB": 3, "310KB": 950} {
		b.Run(name, func(b *testing.B) {
			content := largeProfiles(targets)
			b.SetBytes(int64(len(content)))
			var ours, theirs time.Duration
			for b.Loop() {
				began := time.Now()
				if f := Parse(content); len(f.Problems) > 0 {
					b.Fatal(f.Problems)
				}
				ours += time.Since(began)
				b.StopTimer()
				began = time.Now()
				var n yaml.Node
				if err := yaml.Unmarshal(content, &n); err != nil {
					b.Fatal(err)
				}
				theirs += time.Since(began)
				b.StartTimer()
			}
			b.ReportMetric(ours.Seconds()/theirs.Seconds(), "x-of-yaml.v3")
			b.ReportAllocs()
		})
	}
}

func BenchmarkTypeOf(b *testing.B) {
	for b.Loop() {
		for _, s := range []string{"analytics", "p@ss: w0rd", "12345", "a b c"} {
			TypeOf(s)
		}
	}
}

func BenchmarkSource(b *testing.B) {
	f := Parse([]byte("a: |\n" + strings.Repeat("  select {{ env_var('A') }}\n", 1000)))
	n := f.Root.Get("a")
	for b.Loop() {
		m := n.SourceMap()
		for i := 0; i < len(n.Value); i += 100 {
			m.At(i)
		}
	}
}

// BenchmarkUpdate is a key in the middle of a long file of many profiles.
func BenchmarkUpdate(b *testing.B) {
	var text strings.Builder
	for i := range 320 {
		text.WriteString(strings.ReplaceAll(string(largeProfiles(3)), "shop:", fmt.Sprintf("shop%d:", i)))
	}
	content := text.String()
	before, at := Parse([]byte(content)), strings.Index(content[len(content)/2:], "analytics")+len(content)/2
	after := []byte(content[:at] + "x" + content[at:])
	b.SetBytes(int64(len(after)))
	b.ReportAllocs()
	for b.Loop() {
		if f := Update(before, after); f.base != f {
			b.Fatal(f.Problems)
		}
	}
}
