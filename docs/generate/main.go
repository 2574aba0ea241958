// Command generate renews the generated documentation of this repository and
// the rules in the extension's manifest.
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
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			return err
		}
		fmt.Println(path)
	}
	return nil
}
