package workspace

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/gitfiles"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// ReaderKind is who reads profiles.yml.
type ReaderKind string

// The readers, as `status` prints them.
const (
	ReaderTerminal  ReaderKind = "terminal"  // dbt in the project's folder
	ReaderSubfolder ReaderKind = "subfolder" // dbt in the folder of the models
	ReaderExtension ReaderKind = "extension" // the dbt extension of an editor
	ReaderV1        ReaderKind = "v1"        // dbt v1 in the project's folder
)

// Reader is what one reader makes of profiles.yml.
type Reader struct {
	Kind    ReaderKind
	Dir     string // the folder that it runs in
	Profile *dbt.Profile
	File    *File    // the profiles.yml that it takes; nil without one
	EnvFile *File    // the .env that it reads, present or not; nil where it reads none
	Lacks   []string // the variables that its connection needs and does not get
	SignIn  dbt.SignIn
	Empty   string // the variable for an option that dbt v2 refuses empty, before it reads a file; "" for none
}

// Readers says what each reader makes of profiles.yml. It reads files that
// nothing else of the project follows from, as they are on the disk now.
func (p *Project) Readers() []Reader {
	v1 := p.EngineKind() == engine.KindV1
	models := p.Root
	if dirs := (dbt.ProjectFile{YAML: p.File.YAML()}).Paths()[dbt.ModelPaths]; len(dirs) > 0 {
		models = filepath.Join(p.Root, dirs[0])
	}
	return []Reader{
		p.reader(ReaderTerminal, p.Root, p.Machine.Environ, nil, p.readsEnvFile, v1),
		p.reader(ReaderSubfolder, models, p.Machine.Environ, nil, p.readsEnvFile, v1),
		p.reader(ReaderExtension, p.Root, p.editorEnvironment(), p.Settings.Environment, true, false),
		p.reader(ReaderV1, p.Root, p.Machine.Environ, nil, v1ReadsEnvFile(p.Engine), true),
	}
}

// editorEnvironment is what the dbt extension sees of the process environment.
// What a terminal exports does not reach an editor that was started in another
// way; the names that every process has do.
func (p *Project) editorEnvironment() map[string]secret.Text {
	if p.Machine.Editor {
		return p.Machine.Environ
	}
	seen := map[string]secret.Text{}
	for name, value := range p.Machine.Environ {
		if (&Variable{Name: name}).System() {
			seen[name] = value
		}
	}
	return seen
}

// v1ReadsEnvFile reports whether the dbt v1 of this machine reads .env; without
// one, whether the usual one does.
func v1ReadsEnvFile(e *Engine) bool {
	for _, install := range e.Installs {
		if install.Kind == engine.KindV1 {
			return readsEnvFile(&Engine{Installs: []engine.Install{install}})
		}
	}
	return false
}

func (p *Project) reader(kind ReaderKind, dir string, shell, editor map[string]secret.Text, reads, v1 bool) Reader {
	r := Reader{Kind: kind, Dir: dir}
	if reads {
		r.EnvFile = p.fileAt(filepath.Join(dir, dbt.EnvFileName))
	}
	env := newEnvironment(shell, editor, r.EnvFile)
	option := func(name string) dbt.Setting {
		if s := env.Setting(name); s.Value != "" || !v1 {
			return s
		}
		return dbt.Setting{}
	}
	given, target := p.Settings, p.chosenTarget()
	if kind == ReaderExtension && !p.Machine.Editor { // flags are those of a terminal
		given = Settings{}
		if p.given.Target != "" {
			target = dbt.Setting{}
		}
	}
	context := &jinja.Context{Env: env.Lookup, Var: noVariables, Secrets: true}
	r.Profile = dbt.ResolveProfile(dbt.ProfileQuery{
		ProfilesDir: cmp.Or(flag("profiles-dir", given.ProfilesDir), option("PROFILES_DIR")),
		Profile:     cmp.Or(flag("profile", given.Profile), option("PROFILE")),
		Target:      cmp.Or(target, option("TARGET")),
		WorkingDir:  dir, Home: p.Machine.Home,
		Project: p.File.YAML(), ProjectPath: p.File.Path, Context: context,
		Open: func(path string) *dbt.ProfilesFile {
			file := p.fileAt(path)
			if file.Absent() {
				return nil
			}
			r.File = file
			return &dbt.ProfilesFile{Path: path, Readable: file.Exists(), YAML: file.YAML()}
		},
	})
	if !v1 {
		r.Empty = emptyFolder(env)
	}
	r.SignIn = r.Profile.SignIn(context)
	for _, f := range r.Profile.Fields(context) {
		for _, v := range f.Variables {
			if !v.Set && !v.Default && !(&Variable{Name: v.Name}).System() {
				r.Lacks = append(r.Lacks, v.Name)
			}
		}
	}
	return r
}

// emptyFolder returns the variable that names no folder for profiles.yml, ""
// where none does: dbt v2 refuses it with its arguments.
func emptyFolder(env *Environment) string {
	if s := env.Setting("PROFILES_DIR"); s.Set && s.Value == "" {
		return s.From.Name
	}
	return ""
}

// EmptyFolder is Reader.Empty of the project's own choice.
func (p *Project) EmptyFolder() string {
	if p.EngineKind() == engine.KindV1 {
		return ""
	}
	return emptyFolder(p.Env)
}

// fileAt returns a file that the project has read, else the one on the disk.
func (p *Project) fileAt(path string) *File {
	for _, file := range []*File{p.ProfilesFile, p.OtherProfiles, p.EnvFile} {
		if file != nil && file.Path == path {
			return file
		}
	}
	return readFile(path)
}

// Fields returns the fields of the connection that dbt chooses, without their
// values, and those that it lacks.
func (p *Project) Fields() ([]dbt.Field, []dbt.MissingField) {
	context := p.secretContext()
	return p.Profile.Fields(context), p.Profile.MissingFields(context)
}

// SignIn says how the connection that dbt chooses signs in.
func (p *Project) SignIn() dbt.SignIn { return p.Profile.SignIn(p.secretContext()) }

// InitPlan is what `dbt init`, run in the project's folder, would do.
type InitPlan struct {
	*dbt.Init
	Path     string          // the profiles.yml that it writes; "" without a home folder
	File     *File           // what is there, present or not; nil without Path
	Backup   string          // where it puts the old file
	Older    bool            // a backup is there, which it overwrites
	Git      bool            // the backup lies in a repository
	Exposed  bool            // git would commit the backup, or holds it
	Offered  *dbt.CloudEntry // the project of dbt_cloud.yml that it offers first; nil where none is active
	Possible bool            // dbt_cloud.yml has the linked project, so that there is something to fetch
	Offers   bool            // it sets up profiles of the adapter, or there is no adapter yet
	Due      bool            // and the profile needs it
	Why      string          // in words, where it is due
}

// InitPlan says what `dbt init` would do.
func (p *Project) InitPlan() *InitPlan {
	plan := &InitPlan{}
	plan.Path = dbt.InitPath(p.Root, p.Machine.Home, p.Env.Setting("PROFILES_DIR"), func(path string) bool { return !p.fileAt(path).Absent() })
	adapter := p.Profile.Adapter
	plan.Offers = adapter == "" || dbt.InitOffers(adapter)
	if plan.Path == "" {
		plan.Init = dbt.PlanInit(p.File.YAML(), nil, adapter)
		return plan
	}
	plan.File = p.fileAt(plan.Path)
	plan.Backup = plan.Path + dbt.BackupExtension
	_, err := os.Lstat(plan.Backup)
	plan.Older = err == nil
	plan.Git, plan.Exposed = exposed(plan.Backup)
	if plan.File.Exists() {
		plan.Init = dbt.PlanInit(p.File.YAML(), plan.File.YAML(), adapter)
	} else {
		plan.Init = dbt.PlanInit(p.File.YAML(), nil, adapter)
	}
	if p.Cloud.State == dbt.CloudFine {
		plan.Offered = p.Cloud.Entry(p.Cloud.ActiveProject.Text)
	}
	plan.Possible = p.Link.Entry != nil && !p.Link.Mixed
	plan.judge(p)
	return plan
}

// judge says whether a refresh is due.
func (plan *InitPlan) judge(p *Project) {
	if !plan.Possible || !plan.Offers || plan.File != nil && !plan.File.Exists() && !plan.File.Absent() {
		return
	}
	switch {
	case plan.File == nil:
	case plan.File.Exists() && plan.File.YAML().Broken(): // mend it first
	case !plan.Exists && plan.File.Absent():
		plan.Due, plan.Why = true, "there is no profiles.yml"
	case !plan.Exists && plan.Profile != "" && !plan.Jinja:
		plan.Due, plan.Why = true, "the file has no profile "+plan.Profile
	case len(plan.Template) > 0:
		plan.Due, plan.Why = true, fmt.Sprintf("the profile still holds values of a template (%s)", placeNames(plan.Template))
	}
}

func placeNames(places []dbt.InitPlace) string {
	var names []string
	for _, place := range places {
		if !slices.Contains(names, place.Name) {
			names = append(names, place.Name)
		}
	}
	return strings.Join(names, ", ")
}

// exposed reports whether a path lies in a repository, and whether git holds it
// or would take it with the next commit. The file need not be there.
func exposed(path string) (inRepository, exposed bool) {
	root := gitRoot(filepath.Dir(path))
	rel, ok := fspath.Rel(root, path)
	if root == "" || !ok {
		return false, false
	}
	rules := &ignoreRules{root: root, load: readFile, patterns: map[string][]gitfiles.Pattern{}}
	return true, tracked(root, rel) || !rules.match(rel)
}

// GitWouldCommit reports whether git holds the file at a path or would take it
// with the next commit.
func GitWouldCommit(path string) bool {
	_, exposed := exposed(path)
	return exposed
}

// CloudAccess is who may read ~/.dbt/dbt_cloud.yml.
type CloudAccess struct {
	Known bool // the system has permissions that say so
	Mode  fs.FileMode
	Open  bool // others than its owner may read it
}

// CloudAccess looks at the permissions of ~/.dbt/dbt_cloud.yml.
func (p *Project) CloudAccess() CloudAccess {
	if p.CloudFile == nil || runtime.GOOS == "windows" {
		return CloudAccess{}
	}
	info, err := os.Stat(p.CloudFile.Path)
	if err != nil || !info.Mode().IsRegular() {
		return CloudAccess{}
	}
	const others = 0o044
	return CloudAccess{Known: true, Mode: info.Mode().Perm(), Open: info.Mode().Perm()&others != 0}
}

// Unreadable says in words why a path has no content, "" where it has one or
// where nothing is there.
func (f *File) Unreadable() string {
	if f == nil || f.Err == nil || f.Absent() {
		return ""
	}
	return Reason(f.Err)
}

// Reason says in words, without a path, why a file cannot be had.
func Reason(err error) string {
	switch {
	case errors.Is(err, ErrIrregular):
		return "it is a folder, a pipe or a device"
	case errors.Is(err, ErrTooLarge):
		return "it is too large to be read"
	case errors.Is(err, fs.ErrPermission):
		return "the permissions do not allow it"
	case errors.Is(err, syscall.ELOOP):
		return "it is a link that leads back to itself"
	case errors.Is(err, syscall.ENOTDIR):
		return "a file stands in the place of one of its folders"
	}
	return fspath.Cause(err).Error()
}

// CloudEntry returns the entry of dbt_cloud.yml that is this project's: the one
// that dbt_project.yml names, or without a link the only one of its name; nil
// without one. The entries are that one, or else all of the file.
func (p *Project) CloudEntry() (entry *dbt.CloudEntry, entries []*dbt.CloudEntry) {
	entry = p.Link.Entry
	if fitting := p.Cloud.Fitting(p.Name); entry == nil && !p.Link.InProject.Known && len(fitting) == 1 {
		entry = fitting[0]
	}
	if entry != nil {
		return entry, []*dbt.CloudEntry{entry}
	}
	for i := range p.Cloud.Entries {
		entries = append(entries, &p.Cloud.Entries[i])
	}
	return nil, entries
}

// CloudAccounts returns the accounts of dbt_cloud.yml, each once.
func (p *Project) CloudAccounts() []string {
	var accounts []string
	for _, e := range p.Cloud.Entries {
		if account := e.AccountHost.Text + " " + e.AccountID.Text; !slices.Contains(accounts, account) {
			accounts = append(accounts, account)
		}
	}
	return accounts
}

// TokenKind says whose the tokens of entries are by how they begin: personal,
// service, or unknown for others; "" where they differ.
func TokenKind(entries []*dbt.CloudEntry) string {
	kind := ""
	for _, e := range entries {
		this := "unknown"
		switch token := e.Token.Reveal(); {
		case strings.HasPrefix(token, "dbtu_"):
			this = "personal"
		case strings.HasPrefix(token, "dbtc_"):
			this = "service"
		}
		if kind != "" && kind != this {
			return ""
		}
		kind = this
	}
	return kind
}
