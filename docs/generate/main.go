// Command generate renews the generated documentation of this repository, the
// rules in the extension's manifest and the examples that nobody made by hand.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	const root = ".." // go generate runs in the folder of docs.go
	files, err := generate(root)
	if err == nil {
		err = write(root, files)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(root string, files map[string]string) error {
	for path, content := range files {
		full := filepath.Join(root, filepath.FromSlash(path))
		if old, err := os.ReadFile(full); err == nil && string(old) == content {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			return err
		}
		fmt.Println(path)
	}
	left, err := leftOver(root, files)
	if err != nil {
		return err
	}
	for _, path := range left {
		full := filepath.Join(root, filepath.FromSlash(path))
		if err := os.Remove(full); err != nil {
			return err
		}
		removeEmpty(filepath.Dir(full))
	}
	return nil
}

// removeEmpty removes a folder that holds nothing any more, and those above it.
func removeEmpty(folder string) {
	for os.Remove(folder) == nil {
		folder = filepath.Dir(folder)
	}
}
