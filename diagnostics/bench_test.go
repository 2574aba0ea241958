package diagnostics_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/generate"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// BenchmarkRules is the time of all rules after a key in .env. It prints the
// share of each rule that takes more than a fiftieth, and marks those over their
// share: a tenth. Where all rules together take next to nothing, somebody takes
// more than a tenth of that, so that what is too little to notice is granted:
// 10 µs, a hundredth of the millisecond that a key may take altogether, and 1 µs
// for each finding made.
func BenchmarkRules(b *testing.B) {
	for _, size := range []struct{ models, lines int }{{10, 0}, {1000, 0}, {1000, 1000}, {10_000, 0}} {
		b.Run(fmt.Sprintf("models=%d,lines=%d", size.models, size.lines), func(b *testing.B) {
			root := b.TempDir()
			if err := generate.Project(root, size.models, 1); err != nil {
				b.Fatal(err)
			}
			path := filepath.Join(root, ".env")
			content, err := os.ReadFile(path)
			if err != nil {
				b.Fatal(err)
			}
			var lines strings.Builder
			for i := range size.lines {
				fmt.Fprintf(&lines, "DBT_LINE_%d='value number %d of a long file'\n", i, i)
			}
			content = append(content, lines.String()...)
			measureRules(b, root, path, content)
		})
	}
}

func measureRules(b *testing.B, root, path string, content []byte) {
	w := workspace.New(&workspace.Machine{Home: filepath.Join(root, "home"), Environ: map[string]secret.Text{}})
	w.SetFolders([]string{root})
	rules := diagnostics.Rules()
	taken, found := make([]time.Duration, len(rules)), make([]int, len(rules))
	for version := int32(0); b.Loop(); version++ {
		b.StopTimer()
		w.SetDocument(path, version, fmt.Appendf(nil, "%sDBT_TYPED=%d\n", content, version))
		project := w.Snapshot().Projects()[0]
		b.StartTimer()
		for i, rule := range rules {
			start := time.Now()
			rule.Check(project, func(diagnostics.Finding) { found[i]++ })
			taken[i] += time.Since(start)
		}
	}
	all := time.Duration(0)
	order := make([]int, len(rules))
	for i := range rules {
		all, order[i] = all+taken[i], i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(taken[j], taken[i]) })
	for _, i := range order {
		share, each, findings := float64(taken[i])/float64(all), taken[i]/time.Duration(b.N), found[i]/b.N
		granted := 10*time.Microsecond + time.Duration(findings)*time.Microsecond
		mark := ""
		if share > 0.1 && each > granted {
			mark = ": over its share"
		}
		if share >= 0.02 {
			b.Logf("%5.1f %% %8s %s, findings: %d%s", 100*share, each.Round(100*time.Nanosecond), rules[i].Code, findings, mark)
		}
	}
}
