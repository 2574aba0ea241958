package workspace

import (
	"cmp"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// Project is one dbt project as dbt would load it: what is in its files, and
// what follows from them. It never changes.
type Project struct {
	Root       string   // the folder of dbt_project.yml, absolute
	WorkingDir string   // the folder that dbt is assumed to run in
	Settings   Settings // what was given, and Config where nothing was
	Config     *Config
	Machine    *Machine
	Engine     *Engine

	File         *File // dbt_project.yml
	EnvFile      *File // .env of WorkingDir, present or not
	Example      *File // .env.example or a file of its kind; nil without one
	Packages     *File // packages.yml, present or not
	Dependencies *File // dependencies.yml, present or not
	Selectors    *File
	CloudFile    *File   // ~/.dbt/dbt_cloud.yml; nil without a home folder
	ProfilesFile *File   // the profiles.yml that dbt chooses; nil without one
	Properties   []*File // the YAML files below the resource paths that are kept

	Name      string // `name:` of dbt_project.yml, "" where it has none
	Env       *Environment
	Profile   *dbt.Profile
	Cloud     *dbt.CloudFile
	Link      *dbt.Link
	Deferral  dbt.Deferral
	Mesh      dbt.Packages
	Platform  bool             // uses dbt platform: rules on links and deferral speak only then
	Calls     []*Call          // all live calls, in the order in which dbt reads the files
	Options   []string         // the variables that are set and that dbt takes for options of its own, or once took; sorted
	Refs      []Ref            // the two-argument refs to what may be another project
	Absent    []AbsentVariable // calls of var() at which dbt stops
	Git       *Git
	GitIgnore *File // the .gitignore nearest to .env; nil without one
	joined

	Strays        []*File // files beside those that dbt reads, which somebody may take for them
	EnvMisnamed   []*File // files of the folder that dbt runs in whose name is almost .env, where that is missing
	EnvMisplaced  []*File // the .env of folders around it, where that is missing
	CloudCopies   []*File // files of ~/.dbt named almost like dbt_cloud.yml, where that is missing
	OtherProfiles *File   // the ~/.dbt/profiles.yml that another one hides; nil without it
	Tools         []*File // the repository's files that call dbt or install it
	PackageFiles  []*File // dbt_project.yml and the lists of packages of packages within the repository, and what cannot be read of others

	PackagesYAML, DependenciesYAML *dbt.PackagesFile // nil where there is no such file

	given      Settings // by flags or an editor
	roster     *roster
	index      *index
	conditions []condition     // of each variable
	inputs     map[string]bool // the paths that all of this follows from
	around     *around
	above      func() map[string]bool // the folders around what the project follows from
	problems   func() []dbt.ProjectProblem
	units      map[*File][]*unit

	ofPackage map[string]*File // dbt_project.yml by the name of the package

	connections connections

	ledger   *ledger
	kept     *kept
	target   *target
	rendered *renderings

	readsEnvFile bool
	asked        *asked
	caches       []dbt.DeferralCache // of what dbt deferred to last
	publications []*Artifact         // of the declared projects
	looked       time.Time
	vars         *File // vars.yml, present or not
	lock         *File // package-lock.yml, present or not
}

// Files returns how many files below the resource paths were looked at.
func (p *Project) Files() int { return p.index.files }

// Rel returns a path relative to the project's root, with "/"; a path outside
// it is returned as it is.
func (p *Project) Rel(path string) string {
	if rel, ok := fspath.Rel(p.Root, path); ok {
		return rel
	}
	return path
}

// Toward returns a path as it is reached from the project's root, with "/", also
// one outside it.
func (p *Project) Toward(path string) string {
	rel, err := filepath.Rel(p.Root, path)
	if err != nil {
		return path
	}
	return filepath.ToSlash(rel)
}

// exampleNames are the usual names of an example file, the commonest first.
var exampleNames = [...]string{
	".env.example", ".env.sample", ".env.template", ".env.tpl", ".env.dbt.example", ".env.dist",
	"env.example", "example.env", "env.sample", "sample.env",
}

// builder makes one Project.
type builder struct {
	*Project
	before *Project                // its predecessor, or an empty one
	paths  map[string]bool         // that changed since the predecessor
	typed  bool                    // all that has changed since was typed: the disk need not be looked at
	top    string                  // the work tree that the project lies in, "" outside one
	load   func(path string) *File // reads a file and notes that the project depends on it
	good   func(*File) *File       // of a document that is half typed, the newest content that dbt could read
	// changed reports whether one of the files or folders may have changed since
	// the predecessor.
	changed func(inputs map[string]bool) bool
	scan    func(layout) *index
}

func (b *builder) build() *Project {
	p := b.Project
	p.File = b.load(filepath.Join(p.Root, dbt.ProjectFileName))
	p.EnvFile = b.load(filepath.Join(p.WorkingDir, dbt.EnvFileName))
	readAhead(p.EnvFile)
	p.Example = b.example()
	readAhead(p.Example)
	p.Packages = b.load(filepath.Join(p.Root, dbt.PackagesFileName))
	p.Dependencies = b.load(filepath.Join(p.Root, dbt.DependenciesFileName))
	p.Selectors = b.load(filepath.Join(p.Root, dbt.SelectorsFileName))
	p.vars = b.load(filepath.Join(p.Root, dbt.VarsFileName))
	p.lock = b.load(filepath.Join(p.Root, "package-lock.yml"))
	if p.Machine.Home != "" {
		p.CloudFile = b.load(filepath.Join(p.Machine.Home, dbt.HomeFolder, dbt.CloudFileName))
	}
	p.readsEnvFile = readsEnvFile(p.Engine)
	env := p.environment(b.before)
	p.Env = env.noted(b.before.asked)
	project := dbt.ProjectFile{YAML: b.good(p.File).YAML(), Context: p.secretContext()}
	p.Name, _ = project.Name()
	p.Profile = b.profile()
	b.platform()
	units := b.fileUnits()
	p.index = b.scan(layout{
		root: p.Root, paths: project.Paths(),
		install: filepath.Join(p.Root, project.PackagesInstallPath()),
		locals:  b.localPackages(),
		words:   strings.Join(append(p.declared(), variableNames(units)...), " "),
	})
	units = append(units, b.installedUnits()...)
	p.properties()
	p.target = p.targetOf(b.before.target)
	p.rendered = p.renderConnection(b.before.rendered)
	p.evaluate(b.before.ledger, units, p.index.sources)
	p.kept = p.keep(b.before)
	p.asked, p.Env = p.Env.asked, env
	p.collect(b.before)
	b.lookAround()
	p.above = sync.OnceValue(func() map[string]bool { return ancestors(p.inputs, p.around.inputs) })
	if p.problems = b.before.problems; p.problems == nil || b.before.File != p.File || b.before.vars != p.vars {
		p.problems = sync.OnceValue(p.readProblems)
	}
	return p
}

// readAhead begins to read a long environment file, of which others wait to be
// loaded or to be read as well. A short one is read sooner than somebody else begins.
func readAhead(file *File) {
	const long = 1 << 16
	if !file.Exists() || len(file.Content) < long {
		return
	}
	go func() {
		file.Dotenv().Prefixed(EnginePrefix)
		file.Noted()
	}()
}

// platform finds out what joins the project to dbt platform and to other projects.
func (b *builder) platform() {
	p := b.Project
	p.PackagesYAML, p.DependenciesYAML = b.packagesFile(p.Packages), b.packagesFile(p.Dependencies)
	p.Mesh = dbt.MergePackages(p.PackagesYAML, p.DependenciesYAML)
	p.Cloud = &dbt.CloudFile{State: dbt.CloudNoHome}
	if p.CloudFile != nil {
		p.Cloud = &dbt.CloudFile{Path: p.CloudFile.Path, State: dbt.CloudAbsent}
		switch why := p.CloudFile.Unreadable(); {
		case why != "":
			p.Cloud.State, p.Cloud.Problems = dbt.CloudInvalid, []dbt.CloudProblem{{Message: why}}
		case !p.CloudFile.Absent():
			p.Cloud = dbt.ReadCloudFile(p.CloudFile.Path, p.CloudFile.YAML())
		}
	}
	query := dbt.LinkQuery{
		Project: b.good(p.File).YAML(), ProjectPath: p.File.Path, Cloud: p.Cloud,
		Env: p.Env.Lookup, Origin: p.Env.Origin, Context: p.secretContext(),
	}
	p.Link = dbt.ResolveLink(query)
	p.Platform = dbt.UsesPlatform(query, p.PackagesYAML, p.DependenciesYAML)
	p.caches = b.deferralCaches()
	p.publications = b.artifacts()
	p.Deferral = dbt.ResolveDeferral(dbt.DeferralQuery{
		Engine: p.EngineKind(), EditorDefer: p.Settings.Defer, EditorState: p.Settings.State,
		State: p.Env.Setting("STATE"), DeferState: p.Env.Setting("DEFER_STATE"),
		Cloud: p.Cloud, Link: p.Link, ProjectName: p.Name, Cache: p.commandCache(),
		ProjectAt: dbt.Origin{Kind: dbt.OriginFile, Path: p.File.Path, Span: p.HeadSpan()},
	})
}

// environment is that of the project before if nothing in it has changed.
func (p *Project) environment(before *Project) *Environment {
	plain := keepsPlain(p.Engine)
	if before.Env != nil && before.Env.plain == plain && before.Machine == p.Machine && before.EnvFile == p.EnvFile && before.readsEnvFile == p.readsEnvFile && maps.Equal(before.Settings.Environment, p.Settings.Environment) {
		return before.Env
	}
	e := p.readEnvironment()
	if plain {
		e.keepPlain()
	}
	return e
}

func (p *Project) readEnvironment() *Environment {
	switch {
	case p.Machine.Repository:
		return newEnvironment(nil, nil, nil)
	case !p.readsEnvFile:
		return newEnvironment(p.Machine.Environ, p.Settings.Environment, nil)
	}
	return newEnvironment(p.Machine.Environ, p.Settings.Environment, p.EnvFile)
}

// ReadsEnvFile reports whether the dbt of the project reads .env.
func (p *Project) ReadsEnvFile() bool { return p.readsEnvFile }

// readsEnvFile reports whether a dbt reads .env: dbt v1 does since 1.12 (v1:
// core/dbt/cli/main.py).
func readsEnvFile(e *Engine) bool {
	first, ok := e.First()
	if !ok || first.Kind != engine.KindV1 {
		return true
	}
	version, err := engine.ParseVersion(first.Version)
	since, _ := engine.ParseVersion("1.12.0-a1")
	return err != nil || version.Compare(since) >= 0
}

// packagesFile reads a packages.yml or dependencies.yml; nil where there is none.
func (b *builder) packagesFile(file *File) *dbt.PackagesFile {
	if !file.Exists() {
		return nil
	}
	return dbt.ReadPackagesFile(file.Path, b.good(file).YAML())
}

// EngineKind is the kind of dbt that the project is read for: the one that a
// terminal starts, else the newest dbt v2.
func (p *Project) EngineKind() engine.Kind {
	if first, ok := p.Engine.First(); ok {
		return first.Kind
	}
	return engine.KindUnknown
}

// HeadSpan is the place in dbt_project.yml of what concerns the project as a
// whole: its `dbt-cloud:` block, or else its name.
func (p *Project) HeadSpan() text.Span {
	for _, key := range []string{"dbt-cloud", "name"} {
		if pair, ok := p.File.YAML().Root.Pair(key); ok {
			if key == "name" && pair.Value != nil && !pair.Value.IsNull() {
				return pair.Value.Span
			}
			return pair.Key.Span
		}
	}
	return text.Span{}
}

// localPackages returns the folders of the packages that lie on this disk, also
// of those that packages list in turn: dbt takes all their paths from the root of
// the project that is run.
func (b *builder) localPackages() []string {
	var folders []string
	for entries := b.Mesh.Packages; len(entries) > 0; {
		var more []dbt.PackageEntry
		for _, entry := range entries {
			folder := b.localFolder(entry)
			if folder == "" || folder == b.Root || slices.Contains(folders, folder) {
				continue
			}
			folders = append(folders, folder)
			packages, dependencies := b.load(filepath.Join(folder, dbt.PackagesFileName)), b.load(filepath.Join(folder, dbt.DependenciesFileName))
			for _, file := range []*File{b.load(filepath.Join(folder, dbt.ProjectFileName)), packages, dependencies} {
				if file.Exists() {
					b.PackageFiles = append(b.PackageFiles, file)
				}
			}
			more = append(more, dbt.MergePackages(b.packagesFile(packages), b.packagesFile(dependencies)).Packages...)
		}
		entries = more
	}
	return folders
}

// localFolder returns the folder of a local package, "" for another kind.
func (b *builder) localFolder(entry dbt.PackageEntry) string {
	if entry.Kind != dbt.LocalPackage {
		return ""
	}
	path := entry.Source
	if dbt.HasJinja(path) {
		value := dbt.Render(entry.Item.Get("local"), b.firstContext())
		if path = value.Text; !value.Known {
			return ""
		}
	}
	if path != "" && !filepath.IsAbs(path) {
		path = filepath.Join(b.Root, path)
	}
	return path
}

// gitIgnore returns the .gitignore that lies nearest to .env, nil without one.
func (b *builder) gitIgnore() *File {
	if b.Git.Root == "" {
		return nil
	}
	for dir := b.WorkingDir; ; dir = filepath.Dir(dir) {
		if file := b.load(filepath.Join(dir, ".gitignore")); file.Exists() {
			return file
		}
		if dir == b.Git.Root || dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// gitPaths are the files of which a rule asks whether git holds or ignores them.
func (p *Project) gitPaths() []string {
	paths := []string{p.EnvFile.Path}
	for _, file := range []*File{p.ProfilesFile, p.Example} {
		if file != nil {
			paths = append(paths, file.Path)
		}
	}
	for _, file := range p.Strays {
		paths = append(paths, file.Path)
	}
	return paths
}

func (b *builder) example() *File {
	for _, name := range exampleNames {
		if file := b.load(filepath.Join(b.Root, name)); file.Exists() {
			return file
		}
	}
	return nil
}

func (b *builder) profile() *dbt.Profile {
	p := b.Project
	return dbt.ResolveProfile(dbt.ProfileQuery{
		ProfilesDir: cmp.Or(flag("profiles-dir", p.Settings.ProfilesDir), p.option("PROFILES_DIR")),
		Profile:     cmp.Or(flag("profile", p.Settings.Profile), p.option("PROFILE")),
		Target:      cmp.Or(p.chosenTarget(), p.option("TARGET")),
		WorkingDir:  p.WorkingDir,
		Home:        p.Machine.Home,
		Project:     b.good(p.File).YAML(),
		ProjectPath: p.File.Path,
		Context:     p.firstContext(),
		Open: func(path string) *dbt.ProfilesFile {
			file := b.load(path)
			if file.Absent() {
				return nil
			}
			p.ProfilesFile = file
			return &dbt.ProfilesFile{Path: path, Readable: file.Exists(), YAML: b.good(file).YAML()}
		},
	})
}

// option is a setting of the environment. dbt v1 takes an empty one as not given.
func (p *Project) option(name string) dbt.Setting {
	setting := p.Env.Setting(name)
	if setting.Value == "" && p.EngineKind() == engine.KindV1 {
		return dbt.Setting{}
	}
	return setting
}

// flag makes a setting of a command-line flag or an editor's setting, of which
// an empty value counts as not given.
func flag(name, value string) dbt.Setting {
	if value == "" {
		return dbt.Setting{}
	}
	return dbt.Setting{Value: value, Set: true, From: dbt.Origin{Kind: dbt.OriginFlag, Name: "--" + name}}
}

// declared returns the names of the Mesh projects that dependencies.yml or
// packages.yml lists.
func (p *Project) declared() []string {
	var names []string
	for _, file := range []*File{p.Dependencies, p.Packages} {
		if !file.Exists() {
			continue
		}
		projects := file.YAML().Root.Get("projects")
		if projects == nil || projects.Kind != yamlfile.Sequence {
			continue
		}
		for _, item := range projects.Items {
			if name, ok := item.Get("name").Text(); ok && name != "" && !strings.ContainsAny(name, " \t\n") {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// variableNames returns the names under `vars:` whose value calls env_var, or may
// read one that does: a file that reads one of them needs what it calls.
func variableNames(units []*unit) []string {
	var names []string
	for _, u := range units {
		if u.phase == onVar && (len(u.template.Calls) > 0 || u.template.Invokes("var")) && !strings.ContainsAny(u.variable, " \t\n") {
			names = append(names, u.variable)
		}
	}
	return names
}

// fileUnits reads the files beside dbt_project.yml, and profiles.yml.
func (b *builder) fileUnits() []*unit {
	p := b.Project
	var units []*unit
	add := func(file *File, read func(*File) []*unit) {
		switch {
		case !file.Exists():
		case file.YAML().Broken():
			units = append(units, b.cached(file, textUnits)...)
		default:
			units = append(units, b.cached(file, read)...)
		}
	}
	if p.ProfilesFile.Exists() {
		units = append(units, b.profileUnits()...)
	}
	add(p.File, projectUnits)
	add(p.Packages, packageUnits)
	add(p.Dependencies, packageUnits)
	add(p.Selectors, parseUnits(false))
	add(b.load(filepath.Join(p.Root, dbt.CatalogsFileName)), parseUnits(true))
	add(p.vars, varsFileUnits)
	return units
}

// cached reads the units of a file once for all projects that follow.
func (b *builder) cached(file *File, read func(*File) []*unit) []*unit {
	units, ok := b.before.units[file]
	if !ok {
		units = read(file)
	}
	b.units[file] = units
	return units
}

// installedUnits reads the dbt_project.yml of every installed package.
func (b *builder) installedUnits() []*unit {
	var units []*unit
	b.ofPackage = map[string]*File{}
	for _, path := range b.index.broken {
		if !slices.ContainsFunc(b.PackageFiles, func(file *File) bool { return sameFolder(filepath.Dir(file.Path), filepath.Dir(path)) }) {
			b.PackageFiles = append(b.PackageFiles, b.load(path))
		}
	}
	for _, pkg := range b.index.packages {
		if file := b.load(filepath.Join(pkg.root, dbt.ProjectFileName)); file.Exists() && !file.YAML().Broken() {
			b.ofPackage[pkg.name] = file
			units = append(units, b.cached(file, func(file *File) []*unit { return installedProjectUnits(file, pkg.name) })...)
		}
	}
	return units
}

// properties lists the properties files of the project itself.
func (p *Project) properties() {
	for _, src := range p.index.sources {
		if src.kind == propertyYML && src.pkg == "" {
			p.Properties = append(p.Properties, src.file)
		}
	}
}

// Problems returns what dbt v2 does not take in dbt_project.yml.
func (p *Project) Problems() []dbt.ProjectProblem { return p.problems() }

func (p *Project) readProblems() []dbt.ProjectProblem {
	if !p.File.Exists() || p.File.YAML().Broken() {
		return nil
	}
	variables := p.vars.Exists() && p.vars.YAML().Root.Last("vars").Type() == yamlfile.Map && len(p.vars.YAML().Root.Last("vars").Pairs) > 0
	return dbt.ReadProject(p.File.YAML(), variables)
}

// macro finds a macro by the name it is called by.
func (p *Project) macro(pkg, name string) *jinja.Macro { return p.index.macros[p.macroKey(pkg, name)] }

// macroKey is the name by which the index knows a macro.
func (p *Project) macroKey(pkg, name string) string {
	if pkg != "" && pkg != p.Name {
		return pkg + "." + name
	}
	return name
}

// packagesNeed is when dbt renders the entries of packages.yml: parse does it
// only while packages are not installed.
func (p *Project) packagesNeed() Need {
	if p.lock.Exists() && slices.ContainsFunc(p.index.packages, func(pkg pack) bool { return !pkg.local }) {
		return NeedLater
	}
	return NeedParse
}

// Machine is what a project follows from that is not in its files.
type Machine struct {
	Environ map[string]secret.Text // of the process that dbt would be started from
	Home    string                 // "" when unknown
	// Repository leaves out everything that is not in the repository, .env
	// included, so that the same is found on every machine.
	Repository bool
	// Editor says that the process was started by an editor, so that the dbt
	// extension sees the same environment.
	Editor bool
	// Clock tells the time; nil is that of the system.
	Clock func() time.Time
}

// Lookup returns a variable of the process environment.
func (m *Machine) Lookup(name string) (secret.Text, bool) {
	value, ok := m.Environ[name]
	return value, ok
}
