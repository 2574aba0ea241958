//go:build !linux

package lspdrive

import (
	"errors"
	"time"
)

// CPU is measured on Linux only.
func (s *Server) CPU() (time.Duration, error) {
	return 0, errors.New("processor time of another process: only on Linux")
}
