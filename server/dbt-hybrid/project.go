package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"go.uber.org/zap"
)

// projectFlags choose what dbt is assumed to be told.
type projectFlags struct {
	target, profile         string
	profilesDir, projectDir string
	workingDir              string
	offline, noProbe        bool
}

func (f *projectFlags) options() []option {
	return []option{
		one(&f.target, takesText, "target", "T", "As dbt's own flag."),
		one(&f.profile, takesText, "profile", "P", "As dbt's own flag."),
		one(&f.profilesDir, takesFolder, "profiles-dir", "D", "As dbt's own flag."),
		one(&f.projectDir, takesFolder, "project-dir", "D", "As dbt's own flag."),
		one(&f.workingDir, takesFolder, "working-dir", "D", "The folder dbt is run in, if not the project's."),
		yes(&f.offline, "offline", "No network at all."),
		yes(&f.noProbe, "no-probe", "Start no other program; versions come from the files beside them."),
	}
}

func (f *projectFlags) settings() workspace.Settings {
	return workspace.Settings{Target: f.target, Profile: f.profile, ProfilesDir: f.profilesDir, WorkingDir: f.workingDir}
}

// open makes a workspace of paths. A path within a project stands for it.
func (f *projectFlags) open(paths []string, machine *workspace.Machine) (*workspace.Workspace, error) {
	if f.workingDir != "" {
		if _, err := os.ReadDir(f.workingDir); err != nil {
			return nil, unreadable(f.workingDir, err)
		}
	}
	var roots []string
	tree := workspace.NewTree()
	for _, path := range f.asked(paths) {
		var found []string
		var err error
		onTerminal().during(func() { found, err = projectsAt(tree, path) }, func() string {
			return fmt.Sprintf("Looking for dbt projects in %s: %d folders so far", path, tree.Folders())
		})
		if err != nil {
			return nil, err
		}
		roots = append(roots, found...)
	}
	slices.Sort(roots)
	w := workspace.New(machine)
	w.SetFolders(slices.Compact(roots))
	w.SetTree(tree)
	settings := f.settings()
	w.SetSettings(func(string) workspace.Settings { return settings })
	return w, nil
}

// working does what takes long where there are many projects.
func working(w *workspace.Workspace, work func()) {
	onTerminal().during(work, func() string {
		s := w.Snapshot()
		switch read, all := s.Read(), len(s.Folders()); {
		case all <= 1:
			return "Reading the dbt project"
		case read < all:
			return fmt.Sprintf("Reading %d dbt projects, %d so far", all, read)
		default:
			return fmt.Sprintf("Checking %d dbt projects", all)
		}
	})
}

// asked are the paths that a command is about.
func (f *projectFlags) asked(paths []string) []string {
	if f.projectDir != "" {
		return append(slices.Clone(paths), f.projectDir)
	}
	if len(paths) == 0 {
		return []string{"."}
	}
	return paths
}

// maxProjects bounds how many projects a folder may hold: with more of them a
// person has named the top of a disk, and would wait for minutes.
const maxProjects = 1000

// projectsAt returns the projects below a folder, or else the one around it.
func projectsAt(tree *workspace.Tree, path string) ([]string, error) {
	absolute := realPath(path)
	info, err := os.Stat(absolute)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if info.IsDir() {
		if _, err := os.ReadDir(absolute); err != nil {
			return nil, unreadable(path, err)
		}
		roots := tree.Projects(absolute)
		if folders, cut := tree.Cut(); cut {
			return nil, fmt.Errorf("%s holds more than %d folders, too many to look for dbt projects in: name a folder that is nearer to yours", path, folders)
		}
		if len(roots) > maxProjects {
			return nil, fmt.Errorf("%s holds %d dbt projects, too many to read at once: name folders that hold no more than %d each", path, len(roots), maxProjects)
		}
		if len(roots) > 0 {
			return roots, nil
		}
	}
	if root, ok := workspace.ProjectAbove(absolute); ok {
		return []string{root}, nil
	}
	return nil, fmt.Errorf("no dbt project in %s: there is no dbt_project.yml in it, below it or above it", path)
}

// unreadable says of a path, as it was asked for, why it cannot be looked into.
func unreadable(path string, err error) error {
	return fmt.Errorf("%s: %w", path, fspath.Cause(err))
}

// realPath returns a path as a whole one, and without links where it exists.
func realPath(path string) string {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(absolute); err == nil {
		return real
	}
	return absolute
}

// thisMachine reads what dbt would see of the process it is started from.
func thisMachine() *workspace.Machine {
	environ := map[string]secret.Text{}
	for _, entry := range os.Environ() {
		if name, value, ok := strings.Cut(entry, "="); ok && name != "" {
			environ[name] = secret.New(value)
		}
	}
	return &workspace.Machine{Environ: environ, Home: homeFolder()}
}

// homeFolder is that of the environment or else, as for dbt, of the system's
// list of users; "" without either.
func homeFolder() string {
	if home, err := os.UserHomeDir(); err == nil {
		return home
	}
	if person, err := user.Current(); err == nil {
		return person.HomeDir
	}
	return ""
}

// findEngine looks for the dbts that somebody starts, and for the newest
// release. A program below one of the paths that were asked about, or below a
// project, is never started.
func (f *projectFlags) findEngine(machine *workspace.Machine, roots, paths []string, log *zap.Logger) *workspace.Engine {
	return f.findEngines(machine, roots, paths, false, log)
}

// findEngines is findEngine that finds those that nobody starts as well, if
// everywhere is set.
func (f *projectFlags) findEngines(machine *workspace.Machine, roots, paths []string, everywhere bool, log *zap.Logger) *workspace.Engine {
	lookup := machine.Lookup
	asked := slices.Clone(roots)
	for _, path := range f.asked(paths) {
		asked = append(asked, realPath(path))
	}
	search := engine.Search{Env: lookup, Everywhere: everywhere, Exclude: func(path string) bool { return fspath.WithinAny(asked, path) }}
	for _, root := range roots {
		search.Folders = append(search.Folders, engine.Folder{Path: root, ReadSettings: true})
	}
	all := search.All()
	found := &workspace.Engine{
		Found: true, Installs: all.Installs, Absent: all.Absent, Extension: all.Extension, Releases: engine.Builtin(),
	}
	if !f.noProbe {
		prober := &engine.Prober{Env: lookup}
		found.Installs = prober.ProbeAll(context.Background(), found.Installs)
	}
	if !f.offline {
		client := &engine.Client{URL: engine.ListURL(lookup), CacheDir: engine.CacheDir()}
		releases, err := client.Latest(context.Background())
		if err != nil {
			log.Info("release list", zap.Error(err))
		}
		found.Releases = releases
	}
	found.Releases = found.Releases.WithKnownBad(all.KnownBad)
	return found
}
