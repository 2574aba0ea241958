package workspace

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/parallel"
)

// skippedFolders are never looked into for projects: installed packages, what
// dbt writes, and what other tools put there.
var skippedFolders = [...]string{
	"dbt_packages", "dbt_modules", "dbt_internal_packages", "target", "logs",
	"node_modules", "site-packages", "venv", "env", "__pycache__",
}

// maxFolders bounds how many folders are looked into for projects: a person who
// names the top of a disk means something nearer. The upper folders come first.
const maxFolders = 100_000

// virtualEnvFile is what tells a virtual environment of Python.
const virtualEnvFile = "pyvenv.cfg"

// dirEntry is one name in a folder.
type dirEntry struct {
	name string
	kind entryType
}

type entryType uint8

const (
	isOther entryType = iota // pipes, devices, sockets
	isFile
	isFolder
	isLink
)

func typeOf(mode fs.FileMode) entryType {
	switch {
	case mode.IsRegular():
		return isFile
	case mode.IsDir():
		return isFolder
	case mode&fs.ModeSymlink != 0:
		return isLink
	}
	return isOther
}

// Tree is what was read of folders: looking for projects and looking for their
// files needs the same lists. It holds for a moment only.
type Tree struct {
	mu       sync.Mutex
	folders  map[string][]dirEntry
	projects map[string]*File // the files of projects, by path
	buffers  sync.Pool        // of *[]byte
	limit    int              // of folders in which projects are looked for
	cut      bool             // there were more
}

// NewTree returns a tree of which nothing was read yet.
func NewTree() *Tree {
	return &Tree{folders: map[string][]dirEntry{}, projects: map[string]*File{}, limit: maxFolders}
}

// Cut reports whether there were too many folders, so that some were not looked
// into for projects; and how many were at least.
func (t *Tree) Cut() (folders int, cut bool) { return t.limit, t.cut }

// Folders returns how many folders were read so far.
func (t *Tree) Folders() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.folders)
}

// list returns what is in a folder, in no order; nothing for one that cannot be read.
func (t *Tree) list(dir string) []dirEntry {
	t.mu.Lock()
	entries, ok := t.folders[dir]
	t.mu.Unlock()
	if ok {
		return entries
	}
	if f, err := openFolder(dir); err == nil {
		buffer := t.buffer()
		entries, _ = f.list(*buffer)
		t.buffers.Put(buffer)
		f.close()
	}
	t.mu.Lock()
	t.folders[dir] = entries
	t.mu.Unlock()
	return entries
}

// buffer returns room for a file or a list; whoever takes it puts it back.
func (t *Tree) buffer() *[]byte {
	if b, ok := t.buffers.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, readSize)
	return &b
}

// Projects returns the folders at and below the given ones that hold a
// dbt_project.yml, sorted. Links are not followed, hidden folders are passed over,
// and where there are too many the lowest are left out.
func (t *Tree) Projects(folders ...string) []string {
	level := make([]string, len(folders))
	for i, folder := range folders {
		level[i] = filepath.Clean(folder)
	}
	var roots []string
	for depth, looked := 0, 0; len(level) > 0; depth++ {
		if looked += len(level); looked > t.limit {
			t.cut = true
			break
		}
		parallel.Each(len(level), 1, func(i int) { t.list(level[i]) })
		var next []string
		for _, dir := range level {
			entries := t.list(dir)
			if depth > 0 && has(entries, virtualEnvFile) {
				continue
			}
			skip := ""
			if has(entries, dbt.ProjectFileName) {
				roots = append(roots, dir)
				skip = t.packagesFolder(dir)
			}
			for _, e := range entries {
				if e.kind != isFolder || skipped(e.name) {
					continue
				}
				if path := filepath.Join(dir, e.name); path != skip {
					next = append(next, path)
				}
			}
		}
		level = next
	}
	slices.Sort(roots)
	return slices.Compact(roots)
}

// skipped reports whether a folder is passed over for its name.
func skipped(name string) bool {
	return strings.HasPrefix(name, ".") || slices.Contains(skippedFolders[:], name)
}

// fileExtensions are of names that nobody gives to a folder.
var fileExtensions = [...]string{
	".sql", ".yml", ".yaml", ".csv", ".py", ".md", ".env", ".json", ".jsonl", ".toml", ".lock", ".txt", ".log",
	".sh", ".js", ".ts", ".html", ".css", ".ipynb", ".png", ".svg", ".parquet", ".duckdb", ".db", ".zip", ".gz",
}

// mayBeFolder reports whether a path may be one of a folder, by its name.
func mayBeFolder(path string) bool { return !slices.Contains(fileExtensions[:], fspath.Ext(path)) }

// has reports whether a folder holds a name that is not a folder's.
func has(entries []dirEntry, name string) bool {
	return slices.ContainsFunc(entries, func(e dirEntry) bool { return e.name == name && e.kind != isFolder })
}

// packagesFolder returns the folder into which a project installs packages.
func (t *Tree) packagesFolder(root string) string {
	file := t.projectFile(filepath.Join(root, dbt.ProjectFileName))
	if !file.Exists() {
		return ""
	}
	return filepath.Join(root, dbt.ProjectFile{YAML: file.YAML()}.PackagesInstallPath())
}

// projectFile returns the file of a project, which is read once.
func (t *Tree) projectFile(path string) *File {
	t.mu.Lock()
	defer t.mu.Unlock()
	file, ok := t.projects[path]
	if !ok {
		file = readFile(path)
		t.projects[path] = file
	}
	return file
}

// addTo adds the files of projects to those that were read from the disk.
func (t *Tree) addTo(disk map[string]*File) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for path, file := range t.projects {
		if disk[path] == nil {
			disk[path] = file
		}
	}
}

// ProjectAbove returns the folder of the project that a path lies in, as dbt
// finds it: upwards.
func ProjectAbove(path string) (string, bool) {
	for dir := filepath.Clean(path); ; {
		if info, err := os.Stat(filepath.Join(dir, dbt.ProjectFileName)); err == nil && info.Mode().IsRegular() {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}
