package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/bench/generate"
)

// sizes are the numbers of models of the projects that are measured. One of
// 100,000 takes half a minute to write: BENCH_PROJECT names one that is there.
var sizes = []int{10, 1000, 10_000}

// eachProject runs a benchmark in generated projects.
func eachProject(b *testing.B, run func(b *testing.B, root string)) {
	if root := os.Getenv("BENCH_PROJECT"); root != "" {
		b.Run(filepath.Base(root), func(b *testing.B) { run(b, root) })
		return
	}
	for _, models := range sizes {
		root := b.TempDir()
		if err := generate.Project(root, models, 1); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(models), func(b *testing.B) { run(b, root) })
	}
}

// BenchmarkCold is the first look at a project.
func BenchmarkCold(b *testing.B) {
	eachProject(b, func(b *testing.B, root string) {
		for b.Loop() {
			w := New(testMachine(root))
			w.SetFolders([]string{root})
			if len(w.Snapshot().Projects()) != 1 {
				b.Fatal("no project")
			}
		}
	})
}

// BenchmarkEnvKey is one key in the value of a variable in .env.
func BenchmarkEnvKey(b *testing.B) {
	eachProject(b, func(b *testing.B, root string) {
		w := New(testMachine(root))
		w.SetFolders([]string{root})
		path := filepath.Join(root, ".env")
		content, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		w.Snapshot().Projects()
		b.ReportAllocs()
		for version := int32(0); b.Loop(); version++ {
			w.SetDocument(path, version, fmt.Appendf(nil, "%sDBT_TYPED=%d\n", content, version))
			w.Snapshot().Projects()
		}
	})
}

// BenchmarkSave is one SQL file written.
func BenchmarkSave(b *testing.B) {
	eachProject(b, func(b *testing.B, root string) {
		w := New(testMachine(root))
		w.SetFolders([]string{root})
		path := filepath.Join(root, "models", "area_0000", "model_000000.sql")
		w.Snapshot().Projects()
		b.ReportAllocs()
		for b.Loop() {
			w.FilesChanged([]string{path})
			w.Snapshot().Projects()
		}
	})
}
