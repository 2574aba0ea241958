package workspace

import (
	"bytes"
	"hash/maphash"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/gitfiles"
)

// Bounds of what is looked through for the names of variables. Of a repository
// beyond them it is not known what it mentions.
const (
	maxMentionFiles = 2000
	maxMentionBytes = 32 << 20
	maxMentionFile  = 512 << 10 // a larger file is data, and left out
)

// mentions are the words of a repository's files, but for what dbt reads and for
// environment files. They are read from the disk when they are asked for first.
type mentions struct {
	once sync.Once
	done atomic.Pointer[mentioned]
}

// mentioned is what was found.
type mentioned struct {
	seed    maphash.Seed
	words   map[uint64]bool // hashes: a wrong match hides a hint
	all     bool            // a tool reads .env as a whole, or there was too much to look through
	folders map[string]bool // that were looked through

	files, size int // that were looked through
}

// UsedElsewhere reports whether a file of the repository that dbt does not read may use
// a variable: it holds its name, or hands .env as a whole to another program.
// Where there is too much to look through, anything may be used.
func (p *Project) UsedElsewhere(name string) bool {
	m := p.around.mentions
	m.once.Do(func() { m.done.Store(p.readMentions()) })
	found := m.done.Load()
	return found.all || found.words[maphash.String(found.seed, name)]
}

// reads reports whether the words follow from the file at a path.
func (m *mentions) reads(path string) bool {
	found := m.done.Load()
	return found != nil && found.folders[filepath.Dir(path)] && !IsEnvFile(path)
}

// mentionsChanged reports whether a file changed that the words follow from.
func (b *builder) mentionsChanged() bool {
	for path := range b.paths {
		if b.before.around.mentions.reads(path) && !b.inputs[path] {
			return true
		}
	}
	return false
}

// visibleFolders are the hidden ones that hold what people write.
var visibleFolders = [...]string{".github", ".circleci", ".devcontainer", ".vscode", ".gitlab", ".buildkite"}

// readMentions looks through the folders of the repository, the upper ones first.
func (p *Project) readMentions() *mentioned {
	m := &mentioned{seed: maphash.MakeSeed(), words: map[uint64]bool{}, folders: map[string]bool{}}
	top := p.around.from.top
	rules := &ignoreRules{root: top, load: readFile, patterns: map[string][]gitfiles.Pattern{}}
	if top == "" {
		top, rules = p.Root, nil
	}
	resources := map[string]bool{p.index.layout.install: true}
	for _, dir := range p.index.layout.folders() {
		resources[dir] = true
	}
	delete(resources, p.Root)
	for level := []string{top}; len(level) > 0 && !m.all; level = level[1:] {
		dir := level[0]
		entries, err := os.ReadDir(dir)
		if err != nil || p.isOther(dir, entries) {
			continue
		}
		m.folders[dir] = true
		for _, entry := range entries {
			path := filepath.Join(dir, entry.Name())
			if !entry.IsDir() {
				p.readMentionsOf(m, path, entry)
				continue
			}
			hidden := skipped(entry.Name()) && !slices.Contains(visibleFolders[:], entry.Name())
			if !hidden && !resources[path] && !ignores(rules, path) {
				level = append(level, path)
			}
		}
	}
	return m
}

// readMentionsOf looks through one file, unless dbt reads it or there has been
// too much.
func (p *Project) readMentionsOf(m *mentioned, path string, entry os.DirEntry) {
	if m.all || !entry.Type().IsRegular() || IsEnvFile(path) || p.inputs[path] && IsYAML(path) {
		return
	}
	info, err := entry.Info()
	if err != nil || info.Size() > maxMentionFile {
		return
	}
	m.files, m.size = m.files+1, m.size+int(info.Size())
	if m.files > maxMentionFiles || m.size > maxMentionBytes {
		m.all = true
		return
	}
	if file := readFile(path); file.Exists() {
		m.add(file.Content)
		m.all = p.startsFrom(filepath.Dir(path)) && runsPrograms(entry.Name()) && handsOver(file.Content)
	}
}

// isOther reports whether a folder is that of another project, which has a .env of
// its own.
func (p *Project) isOther(dir string, entries []os.DirEntry) bool {
	_, around := fspath.Rel(dir, p.Root)
	return !around && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == dbt.ProjectFileName })
}

func ignores(rules *ignoreRules, path string) bool {
	if rules == nil {
		return false
	}
	rel, ok := fspath.Rel(rules.root, path)
	return ok && rules.match(rel+"/.") // the pattern of a folder is asked about what lies in it
}

// startsFrom reports whether what lies in a folder may start programs with the
// project's .env: it lies above the project, below it, or where scripts are kept.
func (p *Project) startsFrom(dir string) bool {
	_, above := fspath.Rel(dir, p.WorkingDir)
	_, inside := fspath.Rel(p.Root, dir)
	switch filepath.Base(dir) {
	case "scripts", "bin", "workflows", ".devcontainer", ".circleci", "docker":
		_, above = fspath.Rel(filepath.Dir(dir), p.WorkingDir)
		if filepath.Base(dir) == "workflows" {
			_, above = fspath.Rel(filepath.Dir(filepath.Dir(dir)), p.WorkingDir)
		}
	}
	return above || inside
}

// runsPrograms reports whether a file is neither documentation nor a list of
// patterns.
func runsPrograms(name string) bool {
	ext := filepath.Ext(name)
	return ext != ".md" && ext != ".rst" && !strings.HasSuffix(name, "ignore")
}

// add notes the words of a file.
func (m *mentioned) add(content []byte) {
	if bytes.IndexByte(content, 0) >= 0 {
		return
	}
	start := -1
	for i := 0; i <= len(content); i++ {
		inside := i < len(content) && isWordByte(content[i])
		switch {
		case inside && start < 0:
			start = i
		case !inside && start >= 0:
			m.words[maphash.Bytes(m.seed, content[start:i])] = true
			start = -1
		}
	}
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// handsOver reports whether a file gives .env as a whole to another program.
func handsOver(content []byte) bool {
	for _, sign := range [...]string{"env_file", "env-file", "envFile"} {
		if bytes.Contains(content, []byte(sign)) {
			return true
		}
	}
	return bytes.Contains(content, []byte(".env")) && sourced().Match(content)
}

// sourced finds a shell, a Makefile or the like that reads .env.
var sourced = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)(?:\bsource|\binclude|\bcat|\bgrep\b.*|\bdotenv|\bdotenv_if_exists|(?:^|[\s;&])\.)\s+['"]?[^\s'"]*\.env\b`)
})
