//go:build unix

package fix

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// imitate gives a file the owner, the group and the mode of another one. Where
// the group cannot be given, its rights become those of everybody, so that no
// other group gets them.
func imitate(f *os.File, info fs.FileInfo) error {
	mode := info.Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)
	if want, ok := info.Sys().(*syscall.Stat_t); ok {
		if f.Chown(int(want.Uid), int(want.Gid)) != nil && f.Chown(-1, int(want.Gid)) != nil {
			mode = mode&0o707 | mode&0o007<<3
		}
	}
	return f.Chmod(mode)
}

// hold marks a folder as in use until the file is closed or the program ends.
// It returns nil where the file system cannot do that.
func hold(folder string) *os.File {
	f, err := os.Open(folder)
	if err != nil {
		return nil
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		_ = f.Close()
		return nil
	}
	return f
}

// held reports whether a program that runs holds a folder; known is false where
// that cannot be told.
func held(folder string) (held, known bool) {
	f, err := os.Open(folder)
	if err != nil {
		return false, false
	}
	defer func() { _ = f.Close() }()
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	return err != nil, err == nil || errors.Is(err, syscall.EWOULDBLOCK)
}
