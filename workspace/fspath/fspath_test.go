package fspath_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
)

func TestRel(t *testing.T) {
	for _, test := range []struct{ folder, path, want string }{
		{"/a", "/a", "."},
		{"/a", "/a/b/c", "b/c"},
		{"/", "/a", "a"},
		{"/a", "/ab", "-"},
		{"/a/b", "/a", "-"},
		{"/a", "/b", "-"},
		{"", "/a", "-"},
	} {
		got, ok := fspath.Rel(filepath.FromSlash(test.folder), filepath.FromSlash(test.path))
		if !ok {
			got = "-"
		}
		if got != test.want || fspath.Within(filepath.FromSlash(test.folder), filepath.FromSlash(test.path)) != ok {
			t.Errorf("%s in %s is %s", test.path, test.folder, got)
		}
	}
	if !fspath.WithinAny([]string{"/x", "/a"}, filepath.FromSlash("/a/b")) || fspath.WithinAny(nil, "/a") {
		t.Error("a folder of several")
	}
}

func TestWithoutPath(t *testing.T) {
	_, open := os.Open(filepath.Join(t.TempDir(), "secret-name"))
	link := os.Rename(filepath.Join(t.TempDir(), "secret-name"), "x")
	for _, err := range []error{open, link} {
		if got := fspath.WithoutPath(err); strings.Contains(got.Error(), "secret-name") || !errors.Is(got, fs.ErrNotExist) {
			t.Errorf("%v became %v", err, got)
		}
	}
	if other := errors.New("x"); !errors.Is(fspath.WithoutPath(other), other) {
		t.Error("another error is changed")
	}
}
