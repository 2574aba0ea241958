//go:build unix

package fix

import (
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
