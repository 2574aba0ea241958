package setup

import (
	"errors"
	"io/fs"
	"os"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
)

// largest is the size, in bytes, above which a file is not merged with.
const largest = 1 << 20

// ReadDisk reads a file from the disk, for Request.Read.
func ReadDisk(path string) *workspace.File {
	content, err := readRegular(path)
	if err != nil {
		return &workspace.File{Path: path, Err: err}
	}
	return workspace.NewFile(path, content)
}

func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		if link, gone := os.Lstat(path); gone == nil && link.Mode()&fs.ModeSymlink != 0 {
			return nil, errors.New("it is a link that leads nowhere")
		}
		return nil, err
	case !info.Mode().IsRegular():
		return nil, workspace.ErrIrregular
	case info.Size() > largest:
		return nil, workspace.ErrTooLarge
	}
	return os.ReadFile(path)
}
