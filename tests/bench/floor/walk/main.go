// Floor walk reads every SQL and YAML file below a folder, searches it for
// env_var, and prints how many files and matches it saw: the least that a check
// of a project has to do.
package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: walk FOLDER")
		os.Exit(2)
	}
	root, files, matches := os.Args[1], 0, 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if name := entry.Name(); !strings.HasSuffix(name, ".sql") && !strings.HasSuffix(name, ".yml") {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		matches += bytes.Count(content, []byte("env_var"))
		return nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(files, "files,", matches, "matches")
}
