package fix

import (
	"io/fs"
	"os"
)

// imitate does nothing: a file takes its rights from its folder.
func imitate(*os.File, fs.FileInfo) error { return nil }
