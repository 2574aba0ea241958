// Package fspath compares clean paths by their text, without looking at the disk.
package fspath

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Ext returns the extension of a path in small letters: dbt reads MODEL.SQL as it
// reads model.sql.
func Ext(path string) string { return strings.ToLower(filepath.Ext(path)) }

// Rel returns a path relative to a folder, with "/", if it is the folder or lies
// in it.
func Rel(folder, path string) (rel string, ok bool) {
	if filepath.Separator != '/' { // cases may differ
		rel, err := filepath.Rel(folder, path)
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return "", false
		}
		return filepath.ToSlash(rel), true
	}
	rest, ok := strings.CutPrefix(path, folder)
	switch {
	case !ok || folder == "":
		return "", false
	case rest == "":
		return ".", true
	case folder[len(folder)-1] == '/':
		return rest, true
	case rest[0] == '/':
		return rest[1:], true
	}
	return "", false
}

// Within reports whether a path is a folder or lies in it.
func Within(folder, path string) bool {
	_, ok := Rel(folder, path)
	return ok
}

// WithinAny reports whether a path is one of some folders or lies in one.
func WithinAny(folders []string, path string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return Within(folder, path) })
}

// Cause returns what the system said, without what was done to which path.
func Cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// WithoutPath takes the path out of an error of the system: it is known already,
// is that of a temporary file, or names the user.
func WithoutPath(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return fmt.Errorf("%s: %w", path.Op, path.Err)
	case errors.As(err, &link):
		return fmt.Errorf("%s: %w", link.Op, link.Err)
	}
	return err
}
