package workspace

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// around is what stands around a project: files that dbt does not read, and git.
// It hardly ever changes, and is looked at again only when one of the files
// changed that it follows from.
type around struct {
	from   surroundings
	inputs map[string]bool // paths of files and of folders

	strays, cloudCopies, tools []*File
	isPackage                  bool    // by the folders around
	misnamed, misplaced        []*File // in the place of .env
	otherProfiles, gitIgnore   *File
	git                        *Git
	mentions                   *mentions
	suppliers                  *suppliers
	deferFlags                 func() []DeferFlag // of the tools
	scriptFolders              []string           // whose scripts are tools, but not their other files
}

// surroundings are what the places to look at follow from.
type surroundings struct {
	machine                           *Machine
	workingDir, profiles, top, gitDir string
	example                           string
	explicit, cloud, noEnv            bool
	gitIndex                          stamp
}

// A stamp tells two states of a file apart.
type stamp struct {
	size int64
	time time.Time
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stampFrom(info)
}

func stampFrom(info os.FileInfo) stamp { return stamp{info.Size(), info.ModTime()} }

// lookAround fills in what stands around the project.
func (b *builder) lookAround() {
	p, before := b.Project, b.before.around
	from := surroundings{
		machine: p.Machine, workingDir: p.WorkingDir, top: b.top,
		explicit: p.Profile.Explicit, cloud: p.CloudFile.Exists(), noEnv: p.EnvFile.Absent(),
	}
	if p.ProfilesFile != nil {
		from.profiles = p.ProfilesFile.Path
	}
	if p.Example != nil {
		from.example = p.Example.Path
	}
	if b.typed {
		from.gitDir, from.gitIndex = before.from.gitDir, before.from.gitIndex
	} else {
		from.findIndex(before)
	}
	if before != nil && before.from == from && !b.changed(before.inputs) && (b.typed || !before.newScript(b.paths)) {
		p.around = before
		if !b.typed && b.mentionsChanged() {
			renewed := *before
			renewed.mentions = &mentions{}
			p.around = &renewed
		}
	} else {
		p.around = b.look(from)
	}
	a := p.around
	p.Strays, p.CloudCopies, p.OtherProfiles, p.Tools = a.strays, a.cloudCopies, a.otherProfiles, a.tools
	p.Git, p.GitIgnore = a.git, a.gitIgnore
	p.EnvMisnamed, p.EnvMisplaced = a.misnamed, a.misplaced
}

// findIndex finds git's index, and the state that it is in.
func (from *surroundings) findIndex(before *around) {
	if before != nil && before.from.top == from.top {
		from.gitDir = before.from.gitDir
	} else if from.top != "" {
		from.gitDir = filepath.Dir(indexPath(from.top))
	}
	if from.top != "" {
		from.gitIndex = stampOf(from.index())
	}
}

// index is the path of git's index.
func (from *surroundings) index() string { return filepath.Join(from.gitDir, "index") }

// look reads what stands around the project.
func (b *builder) look(from surroundings) *around {
	p, own := b.Project, b.inputs
	a := &around{from: from, inputs: map[string]bool{}, mentions: &mentions{}}
	if from.top != "" {
		a.inputs[from.index()] = true
	}
	b.inputs = a.inputs
	defer func() { b.inputs = own }()
	p.around = a
	a.strays, a.cloudCopies, a.otherProfiles, a.tools = b.strays(), b.cloudCopies(), b.otherProfiles(), b.tools()
	a.scriptFolders, a.deferFlags = b.toolRoots(), sync.OnceValue(func() []DeferFlag { return deferFlags(a.tools) })
	a.suppliers = b.findSuppliers()
	a.misnamed, a.misplaced = b.envCopies()
	a.isPackage = b.looksLikePackage()
	p.Strays = a.strays // git is asked about them
	p.Git = readGit(from.top, p.gitPaths(), b.load)
	a.git, a.gitIgnore = p.Git, b.gitIgnore()
	return a
}

// follows reports whether the project follows from the file at a path, or from
// one below it, besides those below its resource folders.
func (p *Project) follows(path string) bool {
	return p.inputs[path] || p.around.reads(path) || p.above()[path]
}

// ancestors returns the folders around all paths.
func ancestors(paths ...map[string]bool) map[string]bool {
	all := map[string]bool{}
	for _, some := range paths {
		for path := range some {
			for dir := filepath.Dir(path); dir != path && !all[dir]; path, dir = dir, filepath.Dir(dir) {
				all[dir] = true
			}
		}
	}
	return all
}

// reads reports whether a path is one of the files, or lies in one of the
// folders, that were looked at.
func (a *around) reads(path string) bool {
	return a.inputs[path] || a.inputs[filepath.Dir(path)] || a.mentions.reads(path) || a.isScript(path)
}

// isScript reports whether the file at a path is a tool by its name.
func (a *around) isScript(path string) bool {
	return isScript(path) && slices.Contains(a.scriptFolders, filepath.Dir(path))
}

// newScript reports whether one of some paths may be a tool that was not there.
func (a *around) newScript(paths map[string]bool) bool {
	for path := range paths {
		if a.isScript(path) {
			return true
		}
	}
	return false
}

// holds reports whether a path is one of the inputs, lies in one that is a
// folder, or is a folder that one lies below.
func holds(inputs map[string]bool, path string) bool {
	if inputs[path] || inputs[filepath.Dir(path)] {
		return true
	}
	folder := path + string(filepath.Separator)
	for input := range inputs {
		if strings.HasPrefix(input, folder) {
			return true
		}
	}
	return false
}
