package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/docs/pages"
)

// broken is where the example of a rule is: in the folder of its code.
const broken = "examples/broken"

// exampleOf returns the example project of a rule, which its page shows; none
// where somebody made one by hand, or where files of a project cannot show it.
func exampleOf(root, text string) (map[string]string, error) {
	page, err := pages.Parse(text)
	if err != nil {
		return nil, err
	}
	folder := path.Join(broken, page.Code)
	if page.Bad.OnMachine() || madeByHand(filepath.Join(root, folder)) {
		return nil, nil
	}
	files := map[string]string{path.Join(folder, "README.md"): mark(page.Code)}
	for name, content := range page.Bad.Project() {
		files[path.Join(folder, name)] = content
	}
	return files, nil
}

// mark is the README.md of a generated example.
func mark(code string) string {
	return fmt.Sprintf("# %s\n\nThe example of the [page of the rule](../../../docs/rules/%s.md), written by `go generate ./...`.\n", code, code)
}

// madeByHand reports whether a folder exists that is not a generated example.
func madeByHand(folder string) bool {
	readme, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err == nil && string(readme) == mark(filepath.Base(folder)) {
		return false
	}
	_, err = os.Stat(folder)
	return err == nil
}

// leftOver returns the files in generated examples that are not among those
// to be generated: the page does not show them any more, or the rule is gone.
func leftOver(root string, files map[string]string) ([]string, error) {
	folders, err := os.ReadDir(filepath.Join(root, broken))
	if err != nil {
		return nil, err
	}
	var left []string
	for _, folder := range folders {
		full := filepath.Join(root, broken, folder.Name())
		if madeByHand(full) {
			continue
		}
		err := filepath.WalkDir(full, func(file string, entry fs.DirEntry, err error) error {
			name := path.Join(broken, folder.Name(), filepath.ToSlash(strings.TrimPrefix(file, full)))
			if _, kept := files[name]; err == nil && !kept && entry.Type().IsRegular() {
				left = append(left, name)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return left, nil
}
