package engine

import (
	"bufio"
	"bytes"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Search is what the search for all dbts of a machine starts from.
type Search struct {
	Env     Lookup
	Exclude func(realPath string) bool // as for Find; may be nil
	Folders []Folder

	// Everywhere lets the usual places of installers and Python tools be looked
	// at also where the search path has a dbt: for a person who wants to see all.
	Everywhere bool
}

// Folder is a folder of projects, with what an editor says of it.
type Folder struct {
	Path        string
	Program     Setting // dbt.fusionPath, or the older dbt.dbtPath
	Interpreter Setting // python.defaultInterpreterPath
	BadReleases Setting // dbt.badReleasesManifestPath

	// ReadSettings lets the settings files of editors count, those of the user
	// and that of the folder, where Program or Interpreter is not given. What
	// only a file of the folder names is marked as Excluded, also where an editor
	// says it.
	ReadSettings bool
}

// Setting is a setting that names a program.
type Setting struct {
	Name  string // dbt.fusionPath
	Value string // "" where it is not set
}

// Found is what a search gives.
type Found struct {
	Installs  []Install // those of the search path in its order, then the others
	Absent    []Absent
	Extension string   // version of dbt's extension for VS Code on this machine, "" without one
	KnownBad  []string // the releases that files of BadReleases mark, for Releases.WithKnownBad
}

// Absent is a setting that names no program.
type Absent struct {
	User User
	Path string // as far as it could be worked out
}

// All returns the dbts of this machine, as the terminal, editors and scripts
// would find them: those of the search path, those that settings name, those of
// the virtual environments in and around the folders, and those that installers
// and Python tools put at their usual places. Nothing is started. A search path
// that finds nothing leaves no install without OffPath.
func (s Search) All() Found {
	h := &hunt{Search: s, at: map[string]int{}, seen: map[string]bool{}}
	for _, in := range Find(s.Env, s.Exclude) {
		h.add(in, User{})
	}
	if len(h.found.Installs) > 0 {
		h.found.Installs[0].use(User{Reader: Terminal, From: "PATH"})
	}
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if prefix := value(s.Env, variable); filepath.IsAbs(prefix) {
			h.environment(prefix, User{Reader: Python, From: variable}, "")
		}
	}
	h.found.Extension = extensionVersion(homeFolder(s.Env))
	settings := &settingsFiles{env: s.Env}
	for _, folder := range s.Folders {
		h.program(folder, settings)
		h.interpreter(folder, settings)
		h.environmentsAround(folder.Path)
		h.badReleases(folder, settings)
	}
	if onPath := len(h.found.Installs) > 0 && !h.found.Installs[0].OffPath; s.Everywhere || !onPath {
		for _, p := range usualPlaces(s.Env, runtime.GOOS) {
			for _, bin := range p.folders() {
				h.programIn(bin, User{}, "")
			}
		}
	}
	if h.found.Extension != "" {
		h.managedCopy()
	}
	return h.found
}

// hunt collects the installs of a search, each real path once.
type hunt struct {
	Search
	found Found
	at    map[string]int  // of an install in found, by its real path
	seen  map[string]bool // folders whose virtual environments are in found
}

// add puts an install into the list, or what is new of it onto the one that is
// there.
func (h *hunt) add(in Install, u User) {
	key := pathKey(in.Real)
	i, known := h.at[key]
	if !known {
		i = len(h.found.Installs)
		h.at[key] = i
		h.found.Installs = append(h.found.Installs, in)
	}
	there := &h.found.Installs[i]
	there.use(u)
	if known && in.Folder == "" && there.Folder != "" { // a second way that the folder has no part in
		there.Folder, there.Excluded = "", in.Excluded
	}
}

// inspect returns the program at a path that the search path does not give. One
// that only a folder gives is not to be started.
func (h *hunt) inspect(path, folder string) (Install, bool) {
	in, ok := inspect(path, h.Env, h.Exclude, true)
	if !ok {
		return in, false
	}
	in.Folder = folder
	in.Excluded = in.Excluded || folder != ""
	return in, true
}

// programIn adds the dbt of a folder of programs, and reports whether there is
// one.
func (h *hunt) programIn(bin string, u User, folder string) bool {
	for _, name := range programNames(runtime.GOOS) {
		path := filepath.Join(bin, name)
		if !exists(path) {
			continue
		}
		if in, ok := h.inspect(path, folder); ok {
			h.add(in, u)
			return true
		}
	}
	return false
}

// environment adds the dbt of a Python environment.
func (h *hunt) environment(prefix string, u User, folder string) bool {
	return h.programIn(filepath.Join(prefix, binFolder(runtime.GOOS)), u, folder)
}

// setting returns the path that a setting names, "" for none, and the folder
// whose files alone say so, "" where others do: the one that was given or, where
// files count, the first of the keys.
func (h *hunt) setting(folder Folder, files *settingsFiles, given Setting, keys ...string) (setting Setting, path, from string) {
	setting, at := given, folder.Path
	switch {
	case !folder.ReadSettings:
	case setting.Value == "":
		if setting, from = files.first(h.folderAndAbove(folder.Path), keys...); from != "" {
			at = from
		}
	default:
		from = files.source(folder.Path, setting)
	}
	path = expand(setting.Value, at, h.Env)
	if path != "" && fspath.Within(at, path) {
		from = at
	}
	return setting, path, from
}

// program adds the dbt that a setting of dbt's extension names.
func (h *hunt) program(folder Folder, files *settingsFiles) {
	setting, path, from := h.setting(folder, files, folder.Program, "dbt.fusionPath", "dbt.dbtPath")
	if path == "" {
		return
	}
	u := User{Extension, setting.Name, folder.Path}
	if in, ok := h.inspect(path, from); ok {
		if from == "" && folder.Program.Value == "" {
			u.Folder = "" // the user's own settings
		}
		h.add(in, u)
		return
	}
	h.found.Absent = append(h.found.Absent, Absent{u, path})
}

// interpreter adds the dbt beside the Python that a setting names: the path of
// a program, or of an environment's folder.
func (h *hunt) interpreter(folder Folder, files *settingsFiles) {
	setting, path, from := h.setting(folder, files, folder.Interpreter, "python.defaultInterpreterPath", "python.pythonPath")
	if path == "" {
		return
	}
	u := User{Python, setting.Name, folder.Path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		h.environment(path, u, from)
		return
	}
	h.programIn(filepath.Dir(path), u, from)
}

// badReleases reads the file of known-bad releases that a setting of dbt's
// extension names.
func (h *hunt) badReleases(folder Folder, files *settingsFiles) {
	if _, path, _ := h.setting(folder, files, folder.BadReleases, "dbt.badReleasesManifestPath"); path != "" {
		h.found.KnownBad = append(h.found.KnownBad, parseKnownBad(readBounded(path))...)
	}
}

// environmentsAround adds the dbts of the virtual environments in a folder, and
// in those above it where they are of one work tree.
func (h *hunt) environmentsAround(folder string) {
	for _, at := range h.folderAndAbove(folder) {
		if h.seen[at] {
			continue
		}
		h.seen[at] = true
		for _, name := range virtualEnvironments(at) {
			h.environment(filepath.Join(at, name), User{Python, name, at}, at)
		}
	}
}

// folderAndAbove returns a folder and those above it up to the top of its work
// tree; only the folder itself outside one. The home folder is no work tree of
// projects.
func (h *hunt) folderAndAbove(folder string) []string {
	home := filepath.FromSlash(homeFolder(h.Env))
	var around []string
	for at := folder; at != home; at = filepath.Dir(at) {
		around = append(around, at)
		if exists(filepath.Join(at, ".git")) {
			return around
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return []string{folder}
}

// virtualEnvironments returns the folders directly below one that are a virtual
// environment (PEP 405) or one of conda.
func virtualEnvironments(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var names []string
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if (entry.IsDir() || entry.Type()&os.ModeSymlink != 0) && (exists(filepath.Join(path, "pyvenv.cfg")) || exists(filepath.Join(path, "conda-meta"))) {
			names = append(names, entry.Name())
		}
	}
	return names
}

// managedCopy marks the dbt v2 that dbt's extension uses where no setting names
// one: the copy that it downloads and keeps new itself lies where dbt's
// installer puts one.
func (h *hunt) managedCopy() {
	for _, in := range h.found.Installs {
		for _, u := range in.Users {
			if u.Reader == Extension && u.Folder == "" {
				return
			}
		}
	}
	h.programIn(filepath.Join(filepath.FromSlash(homeFolder(h.Env)), ".local", "bin"), User{}, "")
	for i := range h.found.Installs {
		in := &h.found.Installs[i]
		if in.Channel == ChannelStandalone && (in.Kind.IsV2() || in.Kind == KindUnknown) {
			in.use(User{Reader: Extension, From: "its own copy"})
		}
	}
}

// extensionVersion returns the version of dbt's extension in the folders in
// which VS Code and its descendants keep extensions.
func extensionVersion(home string) string {
	if home == "" {
		return ""
	}
	newest, best := Version{}, ""
	for _, editor := range []string{".vscode", ".vscode-server", ".vscode-insiders", ".cursor", ".cursor-server", ".windsurf", ".vscode-oss"} {
		entries, _ := os.ReadDir(filepath.Join(filepath.FromSlash(home), editor, "extensions"))
		for _, entry := range entries {
			text, ours := strings.CutPrefix(entry.Name(), "dbtlabsinc.dbt-")
			if !ours {
				continue
			}
			text, _, _ = strings.Cut(text, "-") // the platform that it is for
			if v, err := ParseVersion(text); err == nil && v.Compare(newest) > 0 {
				newest, best = v, text
			}
		}
	}
	return best
}

// expand works out the path of a setting as editors do: the folder, the home
// folder and variables stand for themselves, and a relative path is one of the
// folder. A name without a folder is looked up on the search path, which is
// done already: it gives "".
func expand(setting, folder string, env Lookup) string {
	if setting == "" {
		return ""
	}
	home := filepath.FromSlash(homeFolder(env))
	path := strings.NewReplacer("${workspaceFolder}", folder, "${workspaceRoot}", folder, "${userHome}", home).Replace(setting)
	path = withVariables(path, env)
	if rest, ok := strings.CutPrefix(path, "~"); ok && home != "" && strings.HasPrefix(forwardSlashes(rest), "/") {
		path = home + rest
	}
	switch {
	case filepath.IsAbs(path):
		return filepath.Clean(path)
	case !strings.Contains(forwardSlashes(path), "/") || strings.Contains(path, "${"):
		return ""
	}
	return filepath.Join(folder, path)
}

// withVariables puts variables of the process into a path: ${env:NAME}. What they
// hold is not looked at again, so that one that names itself comes to an end.
func withVariables(path string, env Lookup) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(path, "${env:")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return out.String() + path
		}
		out.WriteString(before + value(env, name))
		path = after
	}
}

func binFolder(goos string) string {
	if goos == "windows" {
		return "Scripts"
	}
	return "bin"
}

// place is a pattern of folders below a root: elements with "*" stand for
// several.
type place struct {
	root, pattern string // with "/"
}

// folders returns the folders that may be meant. Those that the last elements
// without "*" name may not exist.
func (p place) folders() []string {
	all := []string{filepath.FromSlash(p.root)}
	for element := range strings.SplitSeq(p.pattern, "/") {
		before, after, many := strings.Cut(element, "*")
		var next []string
		for _, folder := range all {
			if !many {
				next = append(next, filepath.Join(folder, element))
				continue
			}
			entries, _ := os.ReadDir(folder)
			for _, entry := range entries {
				if name := entry.Name(); strings.HasPrefix(name, before) && strings.HasSuffix(name, after) {
					next = append(next, filepath.Join(folder, name))
				}
			}
		}
		all = next
	}
	return all
}

// usualPlaces returns the folders of programs in which installers and Python
// tools put a dbt.
func usualPlaces(env Lookup, goos string) []place {
	p := &places{env: env, bin: binFolder(goos)}
	home := homeFolder(env)
	p.add(home, ".local/bin")
	if goos == "windows" {
		for _, root := range []string{below(variable(env, "LOCALAPPDATA"), "Microsoft/WinGet"), below(variable(env, "ProgramFiles"), "WinGet")} {
			p.add(root, "Links", "Packages/dbtLabs.dbt*")
		}
		for _, root := range []string{variable(env, "SCOOP"), below(home, "scoop"), variable(env, "SCOOP_GLOBAL"), below(variable(env, "ProgramData"), "scoop")} {
			p.add(root, "shims", "apps/dbt*/current")
		}
		p.add(variable(env, "ChocolateyInstall"), "bin")
	} else {
		for _, prefix := range []string{variable(env, "HOMEBREW_PREFIX"), "/opt/homebrew", "/home/linuxbrew/.linuxbrew", "/usr/local"} {
			p.add(prefix, "bin", "opt/dbt*/bin")
		}
	}
	data := variable(env, "XDG_DATA_HOME")
	for _, root := range []string{variable(env, "PIPX_HOME"), below(data, "pipx"), below(home, ".local/share/pipx"), below(home, ".local/pipx"), below(home, "pipx")} {
		p.environments(root, "venvs/*")
	}
	for _, root := range []string{variable(env, "UV_TOOL_DIR"), below(data, "uv/tools"), below(home, ".local/share/uv/tools"), below(variable(env, "APPDATA"), "uv/tools")} {
		p.environments(root, "*")
	}
	p.environments(home, ".rye/tools/*")
	for _, root := range []string{variable(env, "PYENV_ROOT"), below(home, ".pyenv"), below(home, ".pyenv/pyenv-win")} {
		p.environments(root, "versions/*")
	}
	for _, root := range []string{variable(env, "ASDF_DATA_DIR"), below(home, ".asdf"), variable(env, "MISE_DATA_DIR"), below(home, ".local/share/mise")} {
		p.environments(root, "installs/*/*")
	}
	p.conda(home)
	for _, root := range []string{
		variable(env, "WORKON_HOME"), below(home, ".virtualenvs"), below(home, ".local/share/virtualenvs"),
		below(home, ".cache/pypoetry/virtualenvs"), below(home, "Library/Caches/pypoetry/virtualenvs"),
		below(variable(env, "LOCALAPPDATA"), "pypoetry/Cache/virtualenvs"),
	} {
		p.environments(root, "*")
	}
	return p.all
}

type places struct {
	env Lookup
	bin string
	all []place
}

// add takes folders of programs below a root, "" for none.
func (p *places) add(root string, patterns ...string) {
	for _, pattern := range patterns {
		if root != "" {
			p.all = append(p.all, place{root, pattern})
		}
	}
}

// environments takes Python environments below a root.
func (p *places) environments(root, pattern string) { p.add(root, pattern+"/"+p.bin) }

// conda takes the environments that conda lists, and those below its usual
// roots.
func (p *places) conda(home string) {
	roots := []string{
		variable(p.env, "MAMBA_ROOT_PREFIX"), variable(p.env, "CONDA_ROOT"),
		below(home, "miniconda3"), below(home, "anaconda3"), below(home, "miniforge3"), below(home, "mambaforge"), below(home, "micromamba"),
	}
	if p.bin == binFolder("unix") {
		roots = append(roots, "/opt/conda", "/opt/miniconda3", "/opt/anaconda3", "/opt/homebrew/Caskroom/miniconda/base")
	}
	for _, root := range roots {
		p.add(root, p.bin)
		p.environments(root, "envs/*")
	}
	for _, root := range filepath.SplitList(value(p.env, "CONDA_ENVS_PATH")) {
		p.environments(forwardSlashes(root), "*")
	}
	if home == "" {
		return
	}
	lines := bufio.NewScanner(bytes.NewReader(readBounded(filepath.Join(filepath.FromSlash(home), ".conda", "environments.txt"))))
	for lines.Scan() {
		if prefix := strings.TrimSpace(lines.Text()); filepath.IsAbs(prefix) {
			p.add(forwardSlashes(prefix), p.bin)
		}
	}
}

// below joins two parts of a path with "/"; "" stays "".
func below(root, path string) string {
	if root == "" {
		return ""
	}
	return root + "/" + path
}
