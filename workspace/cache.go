package workspace

import (
	"cmp"
	"io"
	"os"
	"path/filepath"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// manifestHead is how much of a manifest is read, in bytes: its metadata stands
// in front.
const manifestHead = 64 << 10

// A manifest is what a file at a path says.
type manifest struct {
	path string
	says dbt.DeferralCache
}

// deferralCache looks at the manifest that dbt fetched from dbt platform to
// defer to. How old it is needs a clock, and is not told.
func (b *builder) deferralCache() dbt.DeferralCache {
	if b.Machine.Repository {
		return dbt.DeferralCache{}
	}
	dir := cmp.Or(b.Env.Setting("TARGET_PATH").Value, "target")
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(b.Root, dir)
	}
	path := filepath.Join(dir, "dbt_cloud_defer", "manifest.json")
	b.inputs[path] = true
	if b.manifest = b.before.manifest; !b.typed || b.manifest.path != path {
		b.manifest = manifest{path, readManifest(path)}
	}
	return b.manifest.says
}

func readManifest(path string) dbt.DeferralCache {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return dbt.DeferralCache{}
	}
	file, err := os.Open(path)
	if err != nil {
		return dbt.DeferralCache{}
	}
	defer func() { _ = file.Close() }()
	start, err := io.ReadAll(io.LimitReader(file, manifestHead))
	if err != nil {
		return dbt.DeferralCache{}
	}
	metadata, _ := dbt.ReadManifestMetadata(start) // of another file than dbt writes it says nothing
	return dbt.DeferralCache{Path: path, Project: metadata.Project, Environment: metadata.Environment}
}
