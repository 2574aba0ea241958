package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

const createNoWindow = 0x08000000

// ownGroup lets a program run without a window of its own, and the end of its
// context end it together with its children.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: createNoWindow | syscall.CREATE_NEW_PROCESS_GROUP}
	cmd.Cancel = func() error {
		taskkill := filepath.Join(os.Getenv("SYSTEMROOT"), "System32", "taskkill.exe")
		if err := exec.Command(taskkill, "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run(); err != nil {
			return cmd.Process.Kill()
		}
		return nil
	}
}

// endGroup has nothing to do: Windows keeps no group once its leader is gone.
func endGroup(*exec.Cmd) {}
