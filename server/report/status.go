package report

import (
	"cmp"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/words"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// Status is the effective state of the projects of a snapshot. The fields and
// their order are those of `status --format json`; what is not known is nil.
type Status struct {
	Version  int             `json:"version"`
	Projects []StatusProject `json:"projects"`
}

// StatusProject is the effective state of one project.
type StatusProject struct {
	Root         string           `json:"root"`
	Name         *string          `json:"name"`
	Env          StatusEnv        `json:"env"`
	Variables    []StatusVariable `json:"variables"`
	DynamicCalls []StatusCall     `json:"dynamicCalls"`
	Profile      StatusProfile    `json:"profile"`
	Engine       StatusEngine     `json:"engine"`
	Link         StatusLink       `json:"link"`
	Deferral     StatusDeferral   `json:"deferral"`
	Mesh         StatusMesh       `json:"mesh"`
	CloudFile    StatusCloudFile  `json:"cloudFile"`
	OK           bool             `json:"ok"`

	// Concerns are the four questions that status answers: credentials, variables,
	// engine, dbt platform.
	Concerns []Node `json:"-"`

	errors, warnings int
}

// NewStatus describes the projects of a snapshot and counts what is found about
// them. Paths are relative to cwd, without one to the project's own folder;
// values are masked unless reveal is set.
func NewStatus(s *workspace.Snapshot, cwd string, reveal bool) *Status {
	return newStatus(s, cwd, reveal, strictly)
}

// NewStatusText is NewStatus for people: where cwd is a folder of a project, all
// paths of the project are relative to it.
func NewStatusText(s *workspace.Snapshot, cwd string, reveal bool) *Status {
	return newStatus(s, cwd, reveal, homely)
}

func newStatus(s *workspace.Snapshot, cwd string, reveal bool, short shortener) *Status {
	status := &Status{Version: formatVersion, Projects: []StatusProject{}}
	for _, p := range s.Projects() {
		b := newBuilder(p, cmp.Or(cwd, p.Root), reveal, short)
		root := short(p, cwd, p.Root)
		status.Projects = append(status.Projects, b.project(root, diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Machine})))
	}
	return status
}

// JSON writes the status for programs.
func (s *Status) JSON(w io.Writer) error { return encode(w, s) }

type statusBuilder struct {
	*workspace.Project
	cwd    string
	reveal bool
	shown  shortener
	notes  func() []workspace.DeferNote // which reads the disk
}

func newBuilder(p *workspace.Project, cwd string, reveal bool, shown shortener) statusBuilder {
	return statusBuilder{p, cwd, reveal, shown, sync.OnceValue(p.DeferNotes)}
}

// A shortener writes a path of a project as seen from a folder.
type shortener func(p *workspace.Project, cwd, path string) string

// homely is near, with the home folder as "~".
func homely(p *workspace.Project, cwd, path string) string { return tilde(p, near(p, cwd, path)) }

// tilde writes "~" for the home folder.
func tilde(p *workspace.Project, path string) string {
	if rest, ok := strings.CutPrefix(path, filepath.ToSlash(p.Machine.Home)+"/"); ok && p.Machine.Home != "" {
		return homeFolder + rest
	}
	return path
}

// homeFolder stands for the home folder at the beginning of a path.
const homeFolder = "~/"

// strictly writes a path outside the folder whole.
func strictly(_ *workspace.Project, cwd, path string) string { return shorten(cwd, path) }

func (b statusBuilder) short(path string) string { return b.shown(b.Project, b.cwd, path) }

func (b statusBuilder) project(root string, findings []diagnostics.Finding) StatusProject {
	out := StatusProject{
		Root: root, Name: words.Known(b.Name), Env: b.env(), Variables: []StatusVariable{}, DynamicCalls: []StatusCall{},
		Profile: b.profile(), Engine: b.engine(), Link: b.link(), Deferral: b.deferral(), Mesh: b.mesh(), CloudFile: b.cloudFile(),
	}
	for _, v := range b.SortedVariables() {
		out.Variables = append(out.Variables, b.variable(v))
	}
	for _, c := range b.Calls {
		if c.Dynamic && c.Package == "" {
			out.DynamicCalls = append(out.DynamicCalls, b.call(c))
		}
	}
	for _, f := range findings {
		switch f.Severity {
		case diagnostics.Error:
			out.errors++
		case diagnostics.Warning:
			out.warnings++
		}
	}
	out.OK = out.errors+out.warnings == 0
	out.Concerns = distinct([]Node{b.credentialsNode(out), b.variablesNode(out), b.engineNode(out), b.platformNode(out)})
	return out
}

// origin names a place: "profiles.yml:2", "DBT_TARGET", "--target".
func (b statusBuilder) origin(o dbt.Origin) *string {
	if place := b.place(o); place != nil {
		return &place.Text
	}
	return nil
}

// place is origin with what an editor needs to go there.
func (b statusBuilder) place(o dbt.Origin) *Place {
	switch o.Kind {
	case dbt.OriginNone:
		return nil
	case dbt.OriginDefault:
		return &Place{Text: "default"}
	case dbt.OriginFile, dbt.OriginEnvFile:
		if file := b.file(o.Path); file != nil {
			at := file.At(o.Span).Position()
			return &Place{b.short(o.Path) + ":" + strconv.Itoa(at.Line), o.Path, at.Line, at.Column}
		}
		return b.whole(o.Path)
	case dbt.OriginEditor:
		return &Place{Text: "editor: " + o.Name}
	}
	return &Place{Text: o.Name}
}

// whole is a file as a place.
func (b statusBuilder) whole(path string) *Place {
	return &Place{Text: b.short(path), Path: path}
}

func (b statusBuilder) file(path string) *workspace.File {
	for _, file := range []*workspace.File{b.File, b.EnvFile, b.ProfilesFile, b.CloudFile, b.Dependencies, b.Packages} {
		if file.Exists() && file.Path == path {
			return file
		}
	}
	return nil
}
