package workspace

import (
	"cmp"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// A folder is an open folder. Its files are opened relative to it, by system
// calls and nothing else: in a large project that is where the time goes.
type folder struct {
	fd   int
	path string
}

func openFolder(path string) (*folder, error) {
	fd, err := retry(func() (int, error) {
		return syscall.Open(path, syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	})
	return &folder{fd, path}, err
}

func (f *folder) close() { _ = syscall.Close(f.fd) }

// list returns what is in the folder, in no order. buffer is for its use.
func (f *folder) list(buffer []byte) ([]dirEntry, error) {
	var entries []dirEntry
	for {
		n, err := retry(func() (int, error) { return syscall.ReadDirent(f.fd, buffer) })
		if err != nil || n <= 0 {
			return entries, err
		}
		entries = f.parse(entries, buffer[:n])
	}
}

// parse reads records of the kernel: inode, offset, length, type, name.
func (f *folder) parse(entries []dirEntry, records []byte) []dirEntry {
	const lengthAt, typeAt, nameAt = 16, 18, 19
	const usual = 32 // bytes of a record
	entries = slices.Grow(entries, len(records)/usual)
	names := string(records) // one copy for all names
	for at := 0; at+nameAt < len(names); {
		length := int(binary.NativeEndian.Uint16(records[at+lengthAt:]))
		if length <= nameAt || at+length > len(names) {
			break
		}
		name := names[at+nameAt : at+length]
		name = name[:strings.IndexByte(name, 0)]
		if name != "." && name != ".." {
			entries = append(entries, dirEntry{name, f.typeOf(name, records[at+typeAt])})
		}
		at += length
	}
	return entries
}

func (f *folder) typeOf(name string, kernel byte) entryType {
	switch kernel {
	case syscall.DT_DIR:
		return isFolder
	case syscall.DT_REG:
		return isFile
	case syscall.DT_LNK:
		return isLink
	case syscall.DT_UNKNOWN: // a file system that does not say
		if info, err := os.Lstat(filepath.Join(f.path, name)); err == nil {
			return typeOf(info.Mode())
		}
	}
	return isOther
}

// read returns the content of a regular file. It stands in the buffer, which
// grows as needed, up to the next call.
func (f *folder) read(name string, buffer *[]byte) ([]byte, error) {
	const flags = syscall.O_RDONLY | syscall.O_CLOEXEC | syscall.O_NONBLOCK
	fd, err := retry(func() (int, error) { return syscall.Openat(f.fd, name, flags, 0) })
	if err != nil {
		return nil, err
	}
	defer func() { _ = syscall.Close(fd) }()
	for size := 0; ; {
		free := (*buffer)[size:]
		n, err := retry(func() (int, error) { return syscall.Read(fd, free) })
		if err != nil {
			return nil, err
		}
		size += n
		if n < len(free) {
			return (*buffer)[:size], nil
		}
		var info syscall.Stat_t // first: half of a dump need not be read to pass over it
		if err := syscall.Fstat(fd, &info); err != nil || max(info.Size, int64(size)) > maxFile {
			return nil, cmp.Or(err, ErrTooLarge)
		}
		*buffer = append(*buffer, make([]byte, len(*buffer))...)
	}
}

// retry repeats a system call that a signal interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}
