//go:build linux

// Floor scan reads every SQL and YAML file below a folder by system calls, on
// all processors, and counts env_var in them: the least that a check of a
// project has to do.
package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: scan FOLDER")
		os.Exit(2)
	}
	s := &scan{todo: make(chan string, 1<<16)}
	s.open.Add(1)
	s.todo <- os.Args[1]
	var workers sync.WaitGroup
	for range runtime.NumCPU() {
		workers.Go(s.work)
	}
	s.open.Wait()
	close(s.todo)
	workers.Wait()
	fmt.Println(s.files.Load(), "files,", s.matches.Load(), "matches")
}

type scan struct {
	todo           chan string
	open           sync.WaitGroup // folders that are not done
	files, matches atomic.Int64
}

func (s *scan) work() {
	buffer, names := make([]byte, 1<<20), make([]byte, 64<<10)
	for folder := range s.todo {
		if err := s.read(folder, buffer, names); err != nil {
			fmt.Fprintln(os.Stderr, folder, err)
			os.Exit(1)
		}
		s.open.Done()
	}
}

func (s *scan) read(folder string, buffer, names []byte) error {
	at, err := syscall.Open(folder, syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Close(at) }()
	for {
		n, err := syscall.ReadDirent(at, names)
		if err != nil || n <= 0 {
			return err
		}
		for rest := names[:n]; len(rest) > 0; {
			const lengthAt, typeAt, nameAt = 16, 18, 19
			length := int(rest[lengthAt]) | int(rest[lengthAt+1])<<8
			end := nameAt + bytes.IndexByte(rest[nameAt:], 0)
			name, kind := string(rest[nameAt:end]), rest[typeAt]
			rest = rest[length:]
			if err := s.entry(at, folder, name, kind, buffer); err != nil {
				return err
			}
		}
	}
}

func (s *scan) entry(at int, folder, name string, kind byte, buffer []byte) error {
	switch {
	case kind == syscall.DT_DIR && name != "." && name != "..":
		s.open.Add(1)
		s.todo <- folder + "/" + name
	case kind == syscall.DT_REG && (strings.HasSuffix(name, ".sql") || strings.HasSuffix(name, ".yml")):
		fd, err := syscall.Openat(at, name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		n, err := syscall.Read(fd, buffer)
		if err != nil {
			return err
		}
		if err := syscall.Close(fd); err != nil {
			return err
		}
		s.files.Add(1)
		s.matches.Add(int64(bytes.Count(buffer[:n], []byte("env_var"))))
	}
	return nil
}
