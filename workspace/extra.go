package workspace

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// Installed returns the names of the packages that are installed.
func (p *Project) Installed() []string {
	var names []string
	for _, pkg := range p.index.packages {
		names = append(names, pkg.name)
	}
	return names
}

// hasTwoArgumentRef reports whether a text may hold ref('a', 'b'): a quick look
// that leaves out almost all files, not a judgement. call is the word "ref(".
func hasTwoArgumentRef(call word, content []byte) bool {
	for {
		at := call.index(content)
		if at < 0 {
			return false
		}
		content = content[at+len(call.text):]
		arguments, _, closed := bytes.Cut(content[:min(len(content), 512)], []byte(")"))
		if !closed || bytes.IndexByte(arguments, ',') >= 0 {
			return true
		}
	}
}

// VarsFile is vars.yml, present or not.
func (p *Project) VarsFile() *File { return p.vars }

// ProfilesBackupName is the file that dbt init leaves behind when it replaces a
// profile.
const ProfilesBackupName = dbt.ProfilesFileName + ".bkp"

// strayNames are the files of a project's folder that dbt does not read, though
// somebody may think so.
var strayNames = [...]string{"profiles.yaml", "dependencies.yaml", "packages.yaml", ProfilesBackupName, dbt.CloudFileName}

// toolNames are the files of a repository that call dbt, or install it.
var toolNames = [...]string{
	"Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", ".justfile", "Taskfile.yml", "Taskfile.yaml", "Taskfile.dist.yml", "taskfile.yml", "Dockerfile",
	"requirements.txt", "requirements-dev.txt", "dev-requirements.txt", "pyproject.toml", "Pipfile", "setup.sh", "install.sh",
	".devcontainer/devcontainer.json", ".devcontainer/Dockerfile", ".devcontainer.json",
	".gitlab-ci.yml", "azure-pipelines.yml", "azure-pipelines.yaml", "bitbucket-pipelines.yml", ".pre-commit-config.yaml",
	".vscode/tasks.json", ".vscode/launch.json", "package.json", "Jenkinsfile", "docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml",
	"lefthook.yml", ".drone.yml", ".woodpecker.yml", "cloudbuild.yaml", "cloudbuild.yml", "buildspec.yml",
}

// toolFolders hold more of them.
var toolFolders = [...]string{
	".github/workflows", "scripts", "bin", ".circleci", "ci", ".ci", ".gitlab", ".gitlab/ci", ".azure-pipelines", "azure-pipelines", ".buildkite",
	".woodpecker", ".husky", ".githooks",
}

// maxTools bounds how many files of one folder are read, and maxTool how large
// one may be, in bytes.
const (
	maxTools = 40
	maxTool  = 1 << 20
)

// strays returns the files beside the ones that dbt reads, those that exist.
func (b *builder) strays() []*File {
	var paths []string
	for _, dir := range b.toolRoots() {
		for _, name := range strayNames {
			paths = append(paths, filepath.Join(dir, name))
		}
	}
	if b.ProfilesFile != nil {
		paths = append(paths, filepath.Join(filepath.Dir(b.ProfilesFile.Path), ProfilesBackupName))
	}
	return b.existing(paths)
}

// cloudCopies returns the files of ~/.dbt that a browser or a person named
// almost like dbt_cloud.yml.
func (b *builder) cloudCopies() []*File {
	if b.Machine.Home == "" || b.CloudFile.Exists() {
		return nil
	}
	names := []string{"dbt_cloud.yaml", "dbt_cloud.yml.txt", "dbt-cloud.yml"}
	for n := 1; n <= 5; n++ {
		names = append(names, fmt.Sprintf("dbt_cloud (%d).yml", n), fmt.Sprintf("dbt_cloud(%d).yml", n))
	}
	var paths []string
	for _, name := range names {
		paths = append(paths, filepath.Join(b.Machine.Home, dbt.HomeFolder, name))
	}
	return b.existing(paths)
}

// otherProfiles returns the ~/.dbt/profiles.yml that the one of the working
// folder hides, nil without it.
func (b *builder) otherProfiles() *File {
	searched := b.Profile.Searched
	if len(searched) == 0 || b.Profile.File == nil || b.Profile.Explicit || b.Machine.Home == "" || b.Machine.Repository {
		return nil
	}
	path := filepath.Join(b.Machine.Home, dbt.HomeFolder, dbt.ProfilesFileName)
	if b.Profile.File.Path == path {
		return nil
	}
	if file := b.load(path); file.Exists() {
		return file
	}
	return nil
}

// tools returns the files of the repository that call dbt or install it.
func (b *builder) tools() []*File {
	var paths []string
	for _, dir := range b.toolRoots() {
		for _, name := range toolNames {
			paths = append(paths, filepath.Join(dir, filepath.FromSlash(name)))
		}
		paths = append(paths, b.namedContainers(dir)...)
		for _, folder := range toolFolders {
			paths = append(paths, b.folder(filepath.Join(dir, filepath.FromSlash(folder)))...)
		}
		paths = append(paths, scriptsIn(dir)...)
	}
	return slices.DeleteFunc(b.existing(paths), func(f *File) bool { return len(f.Content) > maxTool })
}

// toolRoots are the project's folder and the top of its repository.
func (p *Project) toolRoots() []string {
	roots := []string{p.Root}
	if top := p.around.from.top; top != "" && top != p.Root {
		roots = append(roots, top)
	}
	return roots
}

// listed returns what is in a folder, of very much the first.
func listed(dir string) []os.DirEntry {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	return entries[:min(len(entries), maxTools)]
}

// folder lists the files of a folder; a change of it brings another look.
func (b *builder) folder(dir string) []string {
	b.inputs[dir] = true
	var paths []string
	for _, entry := range listed(dir) {
		if !runsCommands(entry.Name()) {
			continue
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() && info.Size() <= maxTool {
			paths = append(paths, filepath.Join(dir, entry.Name()))
		}
	}
	return paths
}

// namedContainers lists the configurations of the dev containers of a folder that
// have a name; a change of them brings another look.
func (b *builder) namedContainers(dir string) []string {
	b.inputs[filepath.Join(dir, containerFolder)] = true
	return NamedContainers(dir)
}

const containerFolder = ".devcontainer"

// NamedContainers lists where the dev containers of a folder that have a name may
// have their configurations: .devcontainer/<name>/devcontainer.json. Of very many
// it lists the first.
func NamedContainers(dir string) []string {
	dir = filepath.Join(dir, containerFolder)
	var paths []string
	for _, entry := range listed(dir) {
		if entry.IsDir() {
			paths = append(paths, filepath.Join(dir, entry.Name(), "devcontainer.json"))
		}
	}
	return paths
}

// scriptsIn lists the scripts of a folder that holds much else.
func scriptsIn(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var paths []string
	for _, entry := range entries {
		if isScript(entry.Name()) && entry.Type().IsRegular() && len(paths) < maxTools {
			paths = append(paths, filepath.Join(dir, entry.Name()))
		}
	}
	return paths
}

// isScript reports whether a file is a list of commands, by its name.
func isScript(name string) bool {
	switch filepath.Ext(name) {
	case ".sh", ".bash", ".zsh", ".ps1", ".bat", ".cmd", ".mk", ".just":
		return true
	}
	return false
}

// runsCommands reports whether a file of a folder of tools is a list of commands
// by its name, not a program.
func runsCommands(name string) bool {
	switch filepath.Ext(name) {
	case "", ".sh", ".bash", ".zsh", ".ps1", ".bat", ".cmd", ".mk", ".yml", ".yaml":
		return true
	}
	return false
}

func (b *builder) existing(paths []string) []*File {
	var files []*File
	for _, path := range paths {
		if file := b.load(path); file.Exists() && !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	return files
}

// misplacedName reports whether a file below a resource folder has the name of
// one that dbt wants elsewhere.
func misplacedName(name string) bool {
	switch name {
	case dbt.ProfilesFileName, "profiles.yaml", dbt.PackagesFileName, dbt.DependenciesFileName, dbt.CloudFileName, dbt.SelectorsFileName, dbt.ProjectFileName:
		return true
	}
	return false
}

// Mentions reports whether a file that was looked at holds the name of a
// project, in a test or a macro for instance, where refs are not followed.
func (p *Project) Mentions(name string) bool {
	for _, src := range p.index.sources {
		if bytes.Contains(src.file.Content, []byte(name)) {
			return true
		}
	}
	return false
}

// testProjects are the folders of a package with a project that tries it out.
var testProjects = [...]string{"integration_tests", "integration_test_project"}

// IsPackage reports whether a project is, by its looks, only ever installed by
// others: it names no profile, and holds a project that tries it out, or is the
// macros of an adapter.
func (p *Project) IsPackage() bool {
	return p.Profile.Problem == dbt.ProfileUnset && p.around.isPackage
}

// looksLikePackage looks for a project that tries this one out, and at the place
// where adapters have their macros: dbt/include/NAME.
func (b *builder) looksLikePackage() bool {
	include := filepath.Dir(b.Root)
	if filepath.Base(include) == "include" && filepath.Base(filepath.Dir(include)) == "dbt" {
		return true
	}
	return slices.ContainsFunc(testProjects[:], func(folder string) bool {
		return b.load(filepath.Join(b.Root, folder, dbt.ProjectFileName)).Exists()
	})
}
