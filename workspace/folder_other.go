//go:build !linux

package workspace

import (
	"cmp"
	"io"
	"os"
	"path/filepath"
)

// A folder is an open folder.
type folder struct {
	*os.File
}

func openFolder(path string) (*folder, error) {
	file, err := os.Open(path)
	return &folder{file}, err
}

func (f *folder) close() { _ = f.Close() }

// list returns what is in the folder, in no order.
func (f *folder) list([]byte) ([]dirEntry, error) {
	found, err := f.ReadDir(-1)
	entries := make([]dirEntry, len(found))
	for i, e := range found {
		entries[i] = dirEntry{e.Name(), typeOf(e.Type())}
	}
	return entries, err
}

// read returns the content of a regular file. It stands in the buffer, which
// grows as needed, up to the next call.
func (f *folder) read(name string, buffer *[]byte) ([]byte, error) {
	file, err := os.Open(filepath.Join(f.Name(), name))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	for size := 0; ; {
		n, err := io.ReadFull(file, (*buffer)[size:])
		size += n
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return (*buffer)[:size], nil
		case err != nil:
			return nil, err
		}
		info, err := file.Stat() // first: half of a dump need not be read to pass over it
		if err != nil || max(info.Size(), int64(size)) > maxFile {
			return nil, cmp.Or(err, ErrTooLarge)
		}
		*buffer = append(*buffer, make([]byte, len(*buffer))...)
	}
}
