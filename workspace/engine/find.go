package engine

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Find returns the dbts of the search path in its order: the first is what a
// terminal or a script starts. Several entries of one real path are one.
// Entries that are not absolute never count. Versions come from the metadata
// beside the files; nothing is started. An install for whose real path exclude
// returns true is in the list, marked as Excluded. exclude may be nil.
func Find(env Lookup, exclude func(realPath string) bool) []Install {
	var found []Install
	seen := make(map[string]bool)
	for _, folder := range filepath.SplitList(value(env, "PATH")) {
		if !filepath.IsAbs(folder) {
			continue
		}
		for _, name := range programNames(runtime.GOOS) {
			in, ok := Inspect(filepath.Join(folder, name), env, exclude)
			if !ok {
				continue
			}
			if key := pathKey(in.Real); !seen[key] {
				seen[key] = true
				found = append(found, in)
			}
			break
		}
	}
	return found
}

// Inspect returns what Find would say of the program at one absolute path, and
// whether there is one.
func Inspect(path string, env Lookup, exclude func(realPath string) bool) (Install, bool) {
	return inspect(path, env, exclude, false)
}

func inspect(path string, env Lookup, exclude func(realPath string) bool, offPath bool) (Install, bool) {
	if !filepath.IsAbs(path) {
		return Install{}, false
	}
	path = filepath.Clean(path)
	info, err := os.Stat(path) // most places have no program: links are followed where one is
	if err != nil || !info.Mode().IsRegular() || !executable(info) {
		return Install{}, false
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return Install{}, false
	}
	in := Install{
		Path: path, Real: resolved, Kind: KindUnknown,
		Size: info.Size(), ModTime: info.ModTime(),
		Excluded: exclude != nil && exclude(resolved), OffPath: offPath,
	}
	describe(&in, env)
	return in, true
}

// describe fills in what the files around an install say of it.
func describe(in *Install, env Lookup) {
	script := isScript(in.Real)
	dist, owned := distributionOf(in.Real, in.Size, script)
	if !owned && in.Path != in.Real { // an installer that links scripts into its cache
		dist, owned = distributionOf(in.Path, in.Size, script)
	}
	if owned {
		in.Package, in.Version = dist.name, normalized(dist.version)
		in.Kind = kindOfPackage(dist.name, dist.version)
	} else if keg, ok := kegOf(in.Real); ok {
		in.Package, in.Version = keg.formula, normalized(keg.version)
		in.Kind = keg.kind()
	}
	in.Channel = channelOf(in.Path, in.Real, script, dist, env)
	in.Update = updateCommand(*in)
}

func programNames(goos string) []string {
	if goos == "windows" {
		return []string{"dbt.exe", "dbt"}
	}
	return []string{"dbt"}
}

func executable(info os.FileInfo) bool {
	return runtime.GOOS == "windows" || info.Mode().Perm()&0o111 != 0
}

// isScript reports whether a file begins with "#!". What cannot be read is not.
func isScript(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	var start [2]byte
	n, _ := f.Read(start[:])
	return string(start[:n]) == "#!"
}

// pathKey returns a path as the file system tells paths apart.
func pathKey(path string) string {
	if runtime.GOOS == "windows" {
		return strings.ToLower(path)
	}
	return path
}

// value returns a variable of the environment that holds no secret: a path.
func value(env Lookup, name string) string {
	if env == nil {
		return ""
	}
	text, _ := env(name)
	return text.Reveal()
}
