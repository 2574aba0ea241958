package engine

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Outdated looks at the disk and reports whether a search would now find other
// programs than some that were found before: one was replaced or is gone, or the
// search path has another.
func Outdated(installs []Install, env Lookup) bool {
	if slices.ContainsFunc(installs, func(in Install) bool { return in.moved() }) {
		return true
	}
	for _, folder := range filepath.SplitList(value(env, "PATH")) {
		if filepath.IsAbs(folder) && slices.ContainsFunc(programNames(runtime.GOOS), func(name string) bool {
			return isNew(filepath.Join(folder, name), installs)
		}) {
			return true
		}
	}
	return false
}

// moved reports whether another program lies at the path than the one that was
// found there.
func (in *Install) moved() bool {
	resolved, err := filepath.EvalSymlinks(in.Path)
	if err != nil || resolved != in.Real {
		return true
	}
	info, err := os.Stat(resolved)
	return err != nil || info.Size() != in.Size || !info.ModTime().Equal(in.ModTime)
}

// isNew reports whether a program lies at a path that was not found before.
func isNew(path string, installs []Install) bool {
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	info, err := os.Stat(resolved)
	return err == nil && info.Mode().IsRegular() && executable(info) &&
		!slices.ContainsFunc(installs, func(in Install) bool { return pathKey(in.Real) == pathKey(resolved) })
}
