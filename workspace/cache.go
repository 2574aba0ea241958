package workspace

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// manifestHead is how much of a manifest is read, in bytes: its metadata stands
// in front.
const manifestHead = 64 << 10

// infoSize is how much of the file beside it is read, in bytes: it holds a number.
const infoSize = 64

// The folders below the target path that hold a manifest of dbt platform: of the
// command line, and of the dbt extension (dbt-loader/src/download_manifest.rs).
const (
	cacheFolder       = "dbt_cloud_defer"
	editorCacheFolder = ".lsp/dbt_cloud_defer"
	cacheManifest     = "manifest.json"
	cacheInfo         = "manifest.info"
)

// TargetPath is the folder that dbt writes to.
func (p *Project) TargetPath() string {
	dir := cmp.Or(p.Env.Setting("TARGET_PATH").Value, "target")
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(p.Root, dir)
	}
	return dir
}

// deferralCaches looks at the manifests that dbt fetched from dbt platform to
// defer to: of the command line, of the dbt extension. How old they are needs a
// clock, and is not told.
func (b *builder) deferralCaches() []dbt.DeferralCache {
	if b.Machine.Repository {
		return nil
	}
	target, caches := b.TargetPath(), b.before.caches
	if !b.typed || len(caches) == 0 || filepath.Dir(filepath.Dir(caches[0].Path)) != target {
		caches = readDeferralCaches(target)
	}
	for i := range caches {
		b.inputs[caches[i].Path], b.inputs[caches[i].Info] = true, true
	}
	return caches
}

func readDeferralCaches(target string) []dbt.DeferralCache {
	var caches []dbt.DeferralCache
	for _, folder := range [...]string{cacheFolder, editorCacheFolder} {
		dir := filepath.Join(target, filepath.FromSlash(folder))
		caches = append(caches, readDeferralCache(filepath.Join(dir, cacheManifest), filepath.Join(dir, cacheInfo), folder == editorCacheFolder))
	}
	return caches
}

func readDeferralCache(path, info string, editor bool) dbt.DeferralCache {
	c := dbt.DeferralCache{Path: path, Info: info, Editor: editor}
	if note, err := readStart(info, infoSize); err == nil {
		c.HasInfo = true
		c.Fetched, _ = dbt.FetchTime(note) // the zero time when it does not say
	}
	start, err := readStart(path, manifestHead)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return c
	case errors.Is(err, ErrIrregular):
		c.State = dbt.CacheNoFile
		return c
	case err != nil:
		c.State = dbt.CacheUnreadable
		return c
	}
	c.State = dbt.CacheSilent
	if m, ok := dbt.ReadManifestMetadata(start); ok && m != (dbt.ManifestMetadata{}) {
		c.State, c.Project, c.Environment, c.Version, c.Generated = dbt.CacheFine, m.Project, m.Environment, m.Version, m.Generated
	}
	return c
}

// readStart reads the first bytes of a regular file.
func readStart(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, ErrIrregular
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, limit))
}

// DeferralCaches returns the places where dbt keeps a manifest of dbt platform,
// whether there is one or not: of the command line, of the dbt extension.
func (p *Project) DeferralCaches() []dbt.DeferralCache { return p.caches }

// commandCache is what a command in a terminal would use.
func (p *Project) commandCache() dbt.DeferralCache {
	if len(p.caches) == 0 {
		return dbt.DeferralCache{}
	}
	return p.caches[0]
}
