package workspace

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// Time is the time of day as dbt on this machine would see it.
func (m *Machine) Time() time.Time {
	if m.Clock != nil {
		return m.Clock()
	}
	return time.Now()
}

// ArtifactState is what dbt makes of a publication artifact that it keeps.
type ArtifactState string

// The states, as `status --format json` names them.
const (
	ArtifactFresh  ArtifactState = "fresh"  // used as it is
	ArtifactStale  ArtifactState = "stale"  // fetched anew, with all others
	ArtifactAbsent ArtifactState = "absent" // to be fetched
)

// Artifact is the place of the publication artifact of one declared project, and
// what lies there. It never changes; what it holds is read when it is asked for
// first.
type Artifact struct {
	Project string // as it is declared
	Path    string // <project>.json
	Info    string // <project>.info, the time beside it
	Given   bool   // the folder is the one that DBT_CLOUD_PUBLICATIONS_DIR names

	stamp, infoStamp stamp
	exists           bool // something has the name
	usable           bool // and it leads somewhere
	fetched          func() time.Time
	content          func() *dbt.Publication
	closest          sync.Map // from a name to the public model that it most likely means
}

// Exists reports whether something lies at the place.
func (a *Artifact) Exists() bool { return a.exists }

// Fetched is when dbt fetched it; zero when that is not known.
func (a *Artifact) Fetched() time.Time { return a.fetched() }

// Content returns what it holds; nil without one.
func (a *Artifact) Content() *dbt.Publication { return a.content() }

// State tells what dbt would do with it at a time: one without a time that can
// be read, or with one in the future, is stale (download_publication.rs).
func (a *Artifact) State(now time.Time) ArtifactState {
	switch left, ok := a.Left(now); {
	case !a.exists:
		return ArtifactAbsent
	case a.usable && ok && left >= 0:
		return ArtifactFresh
	}
	return ArtifactStale
}

// Age is how long ago it was fetched; ok is false when that is not known.
func (a *Artifact) Age(now time.Time) (age time.Duration, ok bool) {
	fetched := a.fetched()
	if fetched.IsZero() || fetched.After(now) {
		return 0, false
	}
	return now.Sub(fetched).Truncate(time.Second), true
}

// Left is how long dbt will still use it, less than nothing when it will not.
func (a *Artifact) Left(now time.Time) (left time.Duration, ok bool) {
	age, ok := a.Age(now)
	return dbt.CacheLifetime - age, ok
}

// Closest returns the public model that find takes a name for, "" for none. Each
// name is looked for once: a project may publish thousands of models, and the
// same question comes with every key.
func (a *Artifact) Closest(name string, find func(name string, candidates []string) string) string {
	if known, ok := a.closest.Load(name); ok {
		return known.(string) //nolint:forcetypeassert // only this function stores
	}
	model := ""
	if content := a.Content(); content != nil {
		model = find(name, content.Names())
	}
	a.closest.Store(name, model)
	return model
}

// newArtifact looks at a place. Nothing is read yet.
func newArtifact(project, dir string, given bool) *Artifact {
	a := &Artifact{Project: project, Given: given, Path: filepath.Join(dir, project+".json"), Info: filepath.Join(dir, project+".info")}
	_, err := os.Stat(a.Path)
	a.exists, a.usable = !errors.Is(err, fs.ErrNotExist), err == nil
	a.stamp, a.infoStamp = stampOf(a.Path), stampOf(a.Info)
	a.fetched = sync.OnceValue(func() time.Time {
		text, err := readStart(a.Info, infoSize)
		if err != nil {
			return time.Time{}
		}
		fetched, _ := dbt.FetchTime(text) // the zero time when it does not say
		return fetched
	})
	a.content = sync.OnceValue(func() *dbt.Publication {
		if !a.exists {
			return nil
		}
		return readPublication(a.Path, project)
	})
	return a
}

// readPublication reads a file as a stream. Only a regular one is opened.
func readPublication(path, project string) *dbt.Publication {
	info, err := os.Stat(path)
	if err != nil {
		return &dbt.Publication{Problem: dbt.PublicationUnreadable}
	}
	if !info.Mode().IsRegular() {
		return &dbt.Publication{Problem: dbt.PublicationNoFile}
	}
	file, err := os.Open(path)
	if err != nil {
		return &dbt.Publication{Problem: dbt.PublicationUnreadable}
	}
	defer func() { _ = file.Close() }()
	return dbt.ReadPublication(file, project)
}

// artifacts finds the publication artifacts of the declared projects. Those of
// the project before hold as long as their files have the same size and time;
// while somebody only types, the disk is not looked at.
func (b *builder) artifacts() []*Artifact {
	b.looked = b.Machine.Time()
	if b.Machine.Repository || len(b.Mesh.Projects) == 0 {
		return nil
	}
	dir, given := b.publicationsDir()
	var all []*Artifact
	for _, entry := range b.Mesh.Projects {
		if !isFileName(entry.Name) || slices.ContainsFunc(all, func(a *Artifact) bool { return a.Project == entry.Name }) {
			continue
		}
		a := b.before.Artifact(entry.Name)
		if a == nil || filepath.Dir(a.Path) != dir || a.Given != given || !b.typed && a.moved() {
			a = newArtifact(entry.Name, dir, given)
		}
		b.inputs[a.Path], b.inputs[a.Info] = true, true
		all = append(all, a)
	}
	return all
}

// publicationsDir is the folder of publication artifacts.
func (p *Project) publicationsDir() (dir string, given bool) {
	value, given := p.Env.Lookup(dbt.PublicationsVariable)
	if !given {
		return filepath.Join(p.TargetPath(), dbt.PublicationsFolder), false
	}
	dir = value.Reveal()
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(p.WorkingDir, dir)
	}
	return dir, true
}

// moved reports whether the files are no longer those that were looked at.
func (a *Artifact) moved() bool {
	return stampOf(a.Path) != a.stamp || stampOf(a.Info) != a.infoStamp
}

// isFileName reports whether a project's name is also that of a file of its own:
// dbt would leave the folder for another.
func isFileName(name string) bool {
	return name != "" && !dbt.HasJinja(name) && !strings.ContainsAny(name, "/\\:\x00")
}

// Artifacts returns the places of the publication artifacts of the declared
// projects, in their order, whether there is something or not.
func (p *Project) Artifacts() []*Artifact { return p.publications }

// Artifact returns that of one declared project, nil for another name.
func (p *Project) Artifact(project string) *Artifact {
	for _, a := range p.publications {
		if a.Project == project {
			return a
		}
	}
	return nil
}

// Looked is when the project was put together. What it says of ages, it says of
// that time.
func (p *Project) Looked() time.Time { return p.looked }

// Published returns what dbt knows of a declared project as long as it uses the
// artifact that it keeps; nil when it would fetch another, or when nothing is
// known of the content.
func (p *Project) Published(project string) *dbt.Publication {
	a := p.Artifact(project)
	if a == nil || a.State(p.looked) != ArtifactFresh {
		return nil
	}
	if content := a.Content(); content.Problem == dbt.PublicationFine {
		return content
	}
	return nil
}

// A MeshRun is what the next command of dbt will do about other projects.
type MeshRun struct {
	Code    MeshCode
	Message string        // one or two sentences; "" for MeshNone
	Fails   bool          // dbt stops, or does not find what refs name
	Left    time.Duration // for MeshKept, how long it will be so
}

// MeshCode is what dbt will do about other projects.
type MeshCode string

// The codes, as `status --format json` names them.
const (
	MeshNone      MeshCode = "nothing"      // no project is declared
	MeshOSS       MeshCode = "oss-build"    // the open-source build fetches nothing
	MeshV1        MeshCode = "not-v2"       // nor does dbt v1
	MeshPlatform  MeshCode = "platform-cli" // dbt platform knows the projects itself
	MeshGiven     MeshCode = "given-folder" // DBT_CLOUD_PUBLICATIONS_DIR
	MeshKept      MeshCode = "kept"         // all that is needed was fetched within the hour
	MeshDownload  MeshCode = "download"
	MeshNotLinked MeshCode = "not-linked"    // no credentials: dbt stops
	MeshNoID      MeshCode = "no-project-id" // credentials, but no project: dbt stops
	MeshRefuses   MeshCode = "refuses"       // it does not get so far
)

// NextMeshRun says what the next command that loads the project does about the
// declared projects. --no-defer changes nothing about it.
func (p *Project) NextMeshRun(now time.Time) MeshRun {
	switch {
	case p.Mesh.Both:
		return MeshRun{Code: MeshRefuses, Fails: true, Message: "dbt will stop: packages.yml and dependencies.yml both list packages."}
	case len(p.Mesh.Projects) == 0:
		return MeshRun{Code: MeshNone}
	}
	switch p.EngineKind() {
	case engine.KindV2OSS:
		return MeshRun{Code: MeshOSS, Fails: p.usesMesh(), Message: "Nothing is downloaded: the open-source build does not fetch other projects, and a ref to one fails."}
	case engine.KindV1:
		return MeshRun{Code: MeshV1, Fails: p.usesMesh(), Message: "Nothing is downloaded: dbt v1 does not fetch other projects, and a ref to one fails."}
	case engine.KindPlatformCLI:
		return MeshRun{Code: MeshPlatform, Message: "Nothing is downloaded: the platform CLI runs on dbt platform, which knows these projects."}
	}
	if _, given := p.publicationsDir(); given {
		return MeshRun{Code: MeshGiven, Message: "Nothing will be downloaded, because " + dbt.PublicationsVariable + " is set: dbt takes what lies in that folder."}
	}
	stale, left := p.staleArtifacts(now)
	run := MeshRun{Code: MeshDownload, Left: left}
	switch {
	case len(stale) == 0:
		run.Code, run.Message = MeshKept, "dbt uses what it fetched"+until(left)
	case p.keepsArtifacts():
		run.Message = "dbt will download " + p.all() + " again: " + stale[0] + "."
	default:
		run.Message = "dbt will download " + p.all() + ": " + stale[0] + "."
	}
	if p.Link.Linked {
		if run.Code == MeshKept {
			run.Message += ", and then downloads it again."
		}
		return run
	}
	code, why := MeshNotLinked, "not linked to dbt platform"
	switch l := p.Link; {
	case l.Credentials() && !l.ProjectID.Known:
		code, why = MeshNoID, "no project id"
	case l.ProjectID.Known:
		why = "no complete credentials for dbt platform"
	}
	if run.Code == MeshKept {
		run.Message += ", and then fails: " + why + "."
		return run
	}
	return MeshRun{Code: code, Fails: true, Message: "dbt will fail: " + why + ". " + p.lost(stale[0])}
}

// usesMesh reports whether a ref that dbt stops at names a declared project: one
// that is evaluated in any case, and not in a test or an exposure.
func (p *Project) usesMesh() bool {
	return slices.ContainsFunc(p.Refs, func(ref Ref) bool {
		_, declared := p.Mesh.Project(ref.Package)
		return declared && !ref.Conditional && ref.Unfound == UnfoundStops
	})
}

// staleArtifacts says of the first project whose artifact dbt does not use what
// is the matter, and how long it will use all others.
func (p *Project) staleArtifacts(now time.Time) (reasons []string, left time.Duration) {
	left = dbt.CacheLifetime
	for _, entry := range p.Mesh.Projects {
		a := p.Artifact(entry.Name)
		if a == nil {
			reasons = append(reasons, "nothing is kept of "+cmp.Or(entry.Name, "a project without a name"))
			continue
		}
		rest, known := a.Left(now)
		switch state := a.State(now); {
		case state == ArtifactAbsent:
			reasons = append(reasons, "nothing is kept of "+a.Project)
		case state == ArtifactStale && known:
			reasons = append(reasons, "what it has of "+a.Project+" is over an hour old")
		case state == ArtifactStale:
			reasons = append(reasons, "of "+a.Project+" it does not know how old that is")
		default:
			left = min(left, rest)
		}
	}
	return reasons, left
}

// all words how many projects are downloaded: one that is stale takes the others
// with it.
func (p *Project) all() string {
	n := len(p.Mesh.Projects)
	if n == 1 {
		return p.Mesh.Projects[0].Name
	}
	return fmt.Sprintf("all %d projects", n)
}

// keepsArtifacts reports whether something is kept of any project.
func (p *Project) keepsArtifacts() bool {
	return slices.ContainsFunc(p.publications, (*Artifact).Exists)
}

// lost says what happens to the artifacts before dbt fails.
func (p *Project) lost(reason string) string {
	if p.keepsArtifacts() {
		return strings.ToUpper(reason[:1]) + reason[1:] + ", so dbt deletes all that it kept before it looks for credentials."
	}
	return strings.ToUpper(reason[:1]) + reason[1:] + "."
}

// until words a time that is left.
func until(left time.Duration) string {
	switch minutes := int(left.Minutes()); {
	case minutes < 1:
		return " for less than a minute more"
	case minutes == 1:
		return " for one more minute"
	default:
		return fmt.Sprintf(" for %d more minutes", minutes)
	}
}

// PackageName returns the name of a listed package. It is what the package says
// itself where it lies on this disk, else what its source looks like; installed
// is false for one that dbt has still to fetch.
func (p *Project) PackageName(entry dbt.PackageEntry) (name string, installed bool) {
	if entry.Kind == dbt.LocalPackage && !dbt.HasJinja(entry.Source) {
		root := entry.Source
		if !filepath.IsAbs(root) {
			root = filepath.Join(p.Root, root)
		}
		for _, pkg := range p.index.packages {
			if pkg.root == root {
				return pkg.name, !pkg.local
			}
		}
	}
	guess := entry.Name()
	for _, pkg := range p.index.packages {
		if guess != "" && strings.ReplaceAll(pkg.name, "-", "_") == strings.ReplaceAll(guess, "-", "_") {
			return pkg.name, !pkg.local
		}
	}
	return guess, false
}
