package report

import (
	"cmp"
	"io"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
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
	OK           bool             `json:"ok"`

	errors, warnings int
}

// StatusEnv is what dbt makes of .env.
type StatusEnv struct {
	File      string      `json:"file"`
	Found     bool        `json:"found"`
	StopsAt   *StatusStop `json:"stopsAt"`
	Variables int         `json:"variables"`
	Lost      []string    `json:"lost"`
}

// StatusStop is the place at which dbt stops reading .env.
type StatusStop struct {
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Reason string `json:"reason"`
}

// StatusVariable is one name that a call or an environment file mentions.
type StatusVariable struct {
	Name      string       `json:"name"`
	Required  bool         `json:"required"`
	State     string       `json:"state"`
	Source    *string      `json:"source"`
	Line      *int         `json:"line"`
	Secret    bool         `json:"secret"`
	Value     *string      `json:"value"`
	InExample bool         `json:"inExample"`
	Calls     []StatusCall `json:"calls"`
}

// StatusCall is one env_var(…).
type StatusCall struct {
	File        string `json:"file"`
	Line        int    `json:"line"`
	Column      int    `json:"column"`
	Default     bool   `json:"default"`
	Conditional bool   `json:"conditional"`
	Scope       string `json:"scope"`
}

// StatusProfile is the connection that dbt chooses.
type StatusProfile struct {
	File    *string           `json:"file"`
	Name    *string           `json:"name"`
	Target  *string           `json:"target"`
	Adapter *string           `json:"adapter"`
	From    StatusProfileFrom `json:"from"`
}

// StatusProfileFrom says where each part of the choice comes from.
type StatusProfileFrom struct {
	File   *string `json:"file"`
	Name   *string `json:"name"`
	Target *string `json:"target"`
}

// StatusEngine is the dbt that runs first, and the newest release.
type StatusEngine struct {
	First  *StatusInstall  `json:"first"`
	All    []StatusInstall `json:"all"`
	Latest *string         `json:"latest"`
	From   string          `json:"latestFrom"`
	State  string          `json:"state"`
	Update *string         `json:"update"`
}

// StatusInstall is one dbt of this machine.
type StatusInstall struct {
	Path    string  `json:"path"`
	Kind    string  `json:"kind"`
	Version *string `json:"version"`
	Channel *string `json:"channel"`
}

// StatusLink says which project of dbt platform the checkout belongs to.
type StatusLink struct {
	Linked    bool           `json:"linked"`
	ProjectID *string        `json:"projectId"`
	Account   *string        `json:"account"`
	Host      *string        `json:"host"`
	Token     bool           `json:"token"`
	From      StatusLinkFrom `json:"from"`
}

// StatusLinkFrom says where each part of the link comes from.
type StatusLinkFrom struct {
	ProjectID *string `json:"projectId"`
	Account   *string `json:"account"`
	Host      *string `json:"host"`
	Token     *string `json:"token"`
}

// StatusDeferral says whether an ordinary command defers to dbt platform.
type StatusDeferral struct {
	On      bool           `json:"on"`
	Reasons []StatusReason `json:"reasons"`
}

// StatusReason is one reason for the state of deferral.
type StatusReason struct {
	Code    string  `json:"code"`
	Message string  `json:"message"`
	File    *string `json:"file"`
	Line    *int    `json:"line"`
}

// StatusMesh is what dbt knows of other projects.
type StatusMesh struct {
	Projects []StatusUpstream `json:"projects"`
}

// StatusUpstream is one declared project.
type StatusUpstream struct {
	Name     string `json:"name"`
	Used     int    `json:"used"`
	Artifact *any   `json:"artifact"`
}

// NewStatus describes the projects of a snapshot and counts what is found about
// them. Paths are relative to cwd, without one to the project's own folder;
// values are masked unless reveal is set.
func NewStatus(s *workspace.Snapshot, cwd string, reveal bool) *Status {
	status := &Status{Version: formatVersion, Projects: []StatusProject{}}
	for _, p := range s.Projects() {
		b := statusBuilder{p, cmp.Or(cwd, p.Root), reveal}
		status.Projects = append(status.Projects, b.project(shorten(cwd, p.Root), diagnostics.Check(p, diagnostics.Options{Scope: diagnostics.Machine})))
	}
	return status
}

// JSON writes the status for programs.
func (s *Status) JSON(w io.Writer) error { return encode(w, s) }

type statusBuilder struct {
	*workspace.Project
	cwd    string
	reveal bool
}

func (b statusBuilder) project(root string, findings []diagnostics.Finding) StatusProject {
	out := StatusProject{
		Root: root, Name: optional(b.Name), Env: b.env(), Variables: []StatusVariable{}, DynamicCalls: []StatusCall{},
		Profile: b.profile(), Engine: b.engine(), Link: b.link(), Deferral: b.deferral(), Mesh: b.mesh(),
	}
	for _, v := range b.Project.Variables {
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
	return out
}

// optional returns nil for a text that is not known.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (b statusBuilder) env() StatusEnv {
	out := StatusEnv{File: shorten(b.cwd, b.EnvFile.Path), Found: b.EnvFile.Exists(), Lost: []string{}}
	if !out.Found {
		return out
	}
	file := b.EnvFile.Dotenv()
	if file.Stop != nil {
		at := file.Lines().Position(file.Stop.At.Start)
		out.StopsAt = &StatusStop{at.Line, at.Column, file.Stop.Reason.Message()}
	}
	for _, v := range b.Project.Variables {
		switch {
		case v.State == workspace.Lost:
			out.Lost = append(out.Lost, v.Name)
		case v.Source == workspace.FromEnvFile || v.State == workspace.Shadowed:
			out.Variables++
		}
	}
	return out
}

func (b statusBuilder) variable(v *workspace.Variable) StatusVariable {
	out := StatusVariable{
		Name: v.Name, Required: v.Need == workspace.NeedParse, State: string(v.State), Source: optional(string(v.Source)),
		Secret: v.Secret, InExample: v.Example != nil, Calls: []StatusCall{},
	}
	if value, ok := b.Env.Lookup(v.Name); ok {
		shown := secret.Mask
		if b.reveal {
			shown = value.Reveal()
		}
		out.Value = &shown
	}
	if entry := lineOf(b.Project, v); entry != nil {
		line := b.EnvFile.Lines().Position(entry.Key.Start).Line
		out.Line = &line
	}
	for _, c := range v.Calls {
		if c.Package == "" && !c.Derived {
			out.Calls = append(out.Calls, b.call(c))
		}
	}
	return out
}

// lineOf returns the line of .env that defines a variable: the one that counts,
// or else the first that is lost.
func lineOf(p *workspace.Project, v *workspace.Variable) *dotenv.Entry {
	if entry, ok := p.Env.Entry(v.Name); ok {
		return entry
	}
	return p.FirstEntry(v)
}

func (b statusBuilder) call(c *workspace.Call) StatusCall {
	at := c.File.Lines().Position(c.Token.Start)
	return StatusCall{b.Rel(c.File.Path), at.Line, at.Column, c.Default, c.Conditional, c.Scope}
}

func (b statusBuilder) profile() StatusProfile {
	p := b.Profile
	out := StatusProfile{Name: optional(p.Name), Adapter: optional(p.Adapter)}
	out.From.Name = b.origin(p.NameFrom)
	if p.File != nil {
		out.File = optional(shorten(b.cwd, p.File.Path))
		out.From.File = optional("profile search order")
		if p.Explicit {
			out.From.File = optional("the folder that was given")
		}
	}
	if p.Node != nil && p.Problem != dbt.TargetUnknown {
		out.Target, out.From.Target = optional(p.Target), b.origin(p.TargetFrom)
	}
	return out
}

// origin names a place: "profiles.yml:2", "DBT_TARGET", "--target".
func (b statusBuilder) origin(o dbt.Origin) *string {
	switch o.Kind {
	case dbt.OriginNone:
		return nil
	case dbt.OriginDefault:
		return optional("default")
	case dbt.OriginFile, dbt.OriginEnvFile:
		if file := b.file(o.Path); file != nil {
			return optional(shorten(b.cwd, o.Path) + ":" + itoa(file.At(o.Span).Line()))
		}
		return optional(shorten(b.cwd, o.Path))
	case dbt.OriginEditor:
		return optional("editor: " + o.Name)
	}
	return optional(o.Name)
}

func (b statusBuilder) file(path string) *workspace.File {
	for _, file := range []*workspace.File{b.File, b.EnvFile, b.ProfilesFile, b.CloudFile, b.Dependencies, b.Packages} {
		if file.Exists() && file.Path == path {
			return file
		}
	}
	return nil
}

func (b statusBuilder) engine() StatusEngine {
	e := b.Project.Engine
	out := StatusEngine{All: []StatusInstall{}, Latest: optional(e.Releases.Latest()), From: string(e.Releases.From), State: engine.Unknown}
	for _, install := range e.Installs {
		out.All = append(out.All, StatusInstall{install.Path, string(install.Kind), optional(install.Version), optional(string(install.Channel))})
	}
	if first, ok := e.First(); ok {
		out.First, out.State, out.Update = &out.All[0], engine.State(first, e.Releases), optional(first.Update)
	}
	return out
}

func (b statusBuilder) link() StatusLink {
	l := b.Link
	return StatusLink{
		Linked: l.Linked, ProjectID: optional(l.ProjectID.Shown(b.reveal)), Account: optional(l.AccountID.Shown(b.reveal)),
		Host: optional(l.Host.Shown(b.reveal)), Token: l.Token.Known,
		From: StatusLinkFrom{b.origin(l.ProjectID.From), b.origin(l.AccountID.From), b.origin(l.Host.From), b.origin(l.Token.From)},
	}
}

func (b statusBuilder) deferral() StatusDeferral {
	out := StatusDeferral{On: b.Project.Deferral.On, Reasons: []StatusReason{}}
	for _, r := range b.Project.Deferral.Reasons {
		reason := StatusReason{Code: string(r.Code), Message: r.Message}
		if file := b.file(r.At.Path); file != nil {
			line := file.At(r.At.Span).Line()
			reason.File, reason.Line = optional(shorten(b.cwd, r.At.Path)), &line
		}
		out.Reasons = append(out.Reasons, reason)
	}
	return out
}

func (b statusBuilder) mesh() StatusMesh {
	out := StatusMesh{Projects: []StatusUpstream{}}
	for _, project := range b.Project.Mesh.Projects {
		used := 0
		for _, ref := range b.Refs {
			if ref.Package == project.Name {
				used++
			}
		}
		out.Projects = append(out.Projects, StatusUpstream{Name: project.Name, Used: used})
	}
	return out
}
