package workspace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// maxFile is the size, in bytes, above which a file is not read. dbt's own
// files are a thousand times smaller; a dump put in their place must not take
// the editor's memory.
const maxFile = 64 << 20

// ErrTooLarge is the state of a file above the size that is read.
var ErrTooLarge = fmt.Errorf("larger than %d MiB", maxFile>>20)

// ErrIrregular is the state of a path that is a folder, a pipe or a device.
var ErrIrregular = errors.New("not a regular file")

// File is one file as a Snapshot has it: from the disk, or from an editor that
// holds it open. It never changes; a new content is a new File.
type File struct {
	Path    string // absolute
	Content []byte
	Err     error // why there is no content: fs.ErrNotExist, ErrIrregular, ErrTooLarge, or the system's error
	Open    bool  // the content is an editor's, saved or not
	Version int32 // the editor's version of the document, when Open

	stamp stamp // of what was read from the disk

	lines  reading[text.Lines]
	dotenv reading[dotenv.File]
	yaml   reading[yamlfile.File]
	noted  reading[remarks]
	common atomic.Pointer[sharing]
}

// A reading is a content read as one kind of file, at most once.
type reading[T any] struct {
	once   sync.Once
	result atomic.Pointer[T]
	before atomic.Pointer[T] // what it is an edit of, until it is read; nil if that is not known
}

func (r *reading[T]) get(f *File, parse func([]byte) *T, update func(*T, *File) *T) *T {
	if result := r.result.Load(); result != nil { // what follows would allocate
		return result
	}
	r.once.Do(func() {
		if before := r.before.Load(); before != nil {
			r.result.Store(update(before, f))
			r.before.Store(nil)
			return
		}
		r.result.Store(parse(f.Content))
	})
	return r.result.Load()
}

// edits makes a reading one of an edit: of another's content or, if that was
// never read, of what that is an edit of.
func (r *reading[T]) edits(other *reading[T]) {
	before := other.before.Load() // first: it goes when the result comes
	if result := other.result.Load(); result != nil {
		before = result
	}
	r.before.Store(before)
}

// sharing is what a content has in common with one that it was made of.
type sharing struct {
	of weak.Pointer[byte] // the first of that one, which need not live on
	text.Common
}

// shared returns what the content of f has in common with another one. All
// readings of an edited file ask for it, nearly always of the same content.
func (f *File) shared(other []byte) text.Common {
	if len(other) == 0 {
		return text.Common{}
	}
	of, known := weak.Make(&other[0]), f.common.Load()
	if known == nil || known.of != of {
		known = &sharing{of, text.Shared(other, f.Content)}
		f.common.Store(known)
	}
	return known.Common
}

// shares notes what the content of f has in common with another one.
func (f *File) shares(other []byte, common text.Common) {
	if len(other) > 0 {
		f.common.Store(&sharing{weak.Make(&other[0]), common})
	}
}

// NewFile returns a file with a content, which must not change afterwards.
func NewFile(path string, content []byte) *File { return newFile(path, content, nil) }

func newFile(path string, content []byte, err error) *File {
	return &File{Path: path, Content: content, Err: err}
}

// editedFile returns the document that an edit made of another, nil if there was
// none. What was read of that one is used again.
func editedFile(before *File, path string, version int32, content []byte) *File {
	f := newFile(path, content, nil)
	f.Open, f.Version = true, version
	if before != nil {
		f.lines.edits(&before.lines)
		f.noted.edits(&before.noted)
		f.dotenv.edits(&before.dotenv)
		f.yaml.edits(&before.yaml)
	}
	return f
}

// readFile reads a file from the disk. Only regular files are opened, since
// opening a pipe would wait for its writer.
func readFile(path string) *File {
	info, err := os.Stat(path)
	if err != nil {
		return newFile(path, nil, err)
	}
	content, err := readContent(path, info)
	f := newFile(path, content, err)
	f.stamp = stampFrom(info)
	return f
}

// readRegular returns the content of a regular file.
func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return readContent(path, info)
}

func readContent(path string, info os.FileInfo) ([]byte, error) {
	switch {
	case !info.Mode().IsRegular():
		return nil, ErrIrregular
	case info.Size() > maxFile:
		return nil, ErrTooLarge
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var content bytes.Buffer
	content.Grow(int(info.Size()) + bytes.MinRead)
	if _, err = content.ReadFrom(io.LimitReader(f, maxFile+1)); err != nil {
		return nil, err
	}
	if content.Len() > maxFile { // it grew between the two calls
		return nil, ErrTooLarge
	}
	return content.Bytes(), nil
}

// Exists reports whether f has a content.
func (f *File) Exists() bool { return f != nil && f.Err == nil }

// Absent reports whether nothing is at the path of f.
func (f *File) Absent() bool { return f == nil || errors.Is(f.Err, fs.ErrNotExist) }

// Name returns the last element of the path.
func (f *File) Name() string { return filepath.Base(f.Path) }

// Lines returns the line index of the content.
func (f *File) Lines() *text.Lines {
	return f.lines.get(f, text.NewLines, func(before *text.Lines, f *File) *text.Lines {
		return before.Edited(f.Content, f.shared(before.Content()))
	})
}

// Dotenv returns the content read as an environment file.
func (f *File) Dotenv() *dotenv.File {
	return f.dotenv.get(f, dotenv.Parse, func(before *dotenv.File, f *File) *dotenv.File {
		return dotenv.Update(before, f.Content, f.shared(before.Content))
	})
}

// YAML returns the content read as YAML.
func (f *File) YAML() *yamlfile.File {
	return f.yaml.get(f, yamlfile.Parse, func(before *yamlfile.File, f *File) *yamlfile.File {
		return yamlfile.Update(before, f.Content)
	})
}

// IsYAML reports whether a path is named like a YAML file.
func IsYAML(path string) bool {
	ext := fspath.Ext(path)
	return ext == ".yml" || ext == ".yaml"
}

// At returns the location of a span of f.
func (f *File) At(span text.Span) Location { return Location{f, span} }

// Start returns the location of the first byte of f.
func (f *File) Start() Location { return Location{f, text.Span{}} }

// Location is a place in a file.
type Location struct {
	File *File
	Span text.Span
}

// Position returns the line and byte column, from 1, at which l begins.
func (l Location) Position() text.Position { return l.File.Lines().Position(l.Span.Start) }

// Line returns the line, from 1, on which l begins.
func (l Location) Line() int { return l.Position().Line }

// Text returns the bytes at l.
func (l Location) Text() string { return string(l.Span.Of(l.File.Content)) }

// IsEnvFile reports whether a path is named like an environment file: .env,
// .env.*, *.env and the usual names of example files.
func IsEnvFile(path string) bool {
	name := filepath.Base(path)
	return name == dbt.EnvFileName || name == "env" || strings.HasPrefix(name, ".ENV") || strings.HasPrefix(name, ".env.") || strings.HasSuffix(name, ".env") ||
		strings.HasPrefix(name, "env.") || slices.Contains(exampleNames[:], name)
}
