package lsp

import (
	"path/filepath"
	"reflect"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/words"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

const (
	methodStatus       = "dbtHybrid/status"
	methodServerStatus = "experimental/serverStatus" // of rust-analyzer; several clients show it
)

// status is what the server says of all projects.
type status struct {
	Health   string          `json:"health"` // ok, warning, error
	Message  string          `json:"message"`
	Projects []projectStatus `json:"projects"`
}

type projectStatus struct {
	Root     string          `json:"root"`
	Name     *string         `json:"name"`
	Engine   engineStatus    `json:"engine"`
	Deferral *deferralStatus `json:"deferral"`
	Errors   int             `json:"errors"`
	Warnings int             `json:"warnings"`
	Alarm    bool            `json:"alarm"` // there are errors, or deferral is off and nobody wants that

	// For a client that shows them; nil for others.
	Concerns *concernSentences `json:"concerns,omitempty"`
	Setup    *setup            `json:"setup,omitempty"`
	Changes  int               `json:"changes,omitempty"` // of what is known of the variables, counted
}

// engineStatus has the form of `dbt-hybrid status --format json`.
type engineStatus struct {
	First  *installStatus `json:"first"`
	Latest *string        `json:"latest"`
	State  string         `json:"state"`
	Update *string        `json:"update"`

	Changes int `json:"changes"` // of what is known of all dbts, counted: a tree that shows them asks again
}

type installStatus struct {
	Path    string         `json:"path"`
	Kind    engine.Kind    `json:"kind"`
	Version *string        `json:"version"`
	Channel engine.Channel `json:"channel"`
	Problem *string        `json:"problem"` // why it did not tell its version
}

type deferralStatus struct {
	On      bool             `json:"on"`
	Reasons []deferralReason `json:"reasons"`
}

type deferralReason struct {
	Code    string  `json:"code"`
	Message string  `json:"message"`
	File    *string `json:"file"`
	Line    *int    `json:"line"`
}

// serverStatus is the notification that clients other than ours know.
type serverStatus struct {
	Health    string `json:"health"`
	Quiescent bool   `json:"quiescent"`
	Message   string `json:"message"`
}

func (s *Server) statusOf(found []*check) *status {
	all := &status{Health: "ok", Projects: []projectStatus{}}
	worst, errors, warnings := diagnostics.Off, 0, 0
	shows := s.client.can(commandShowStatus)
	for _, c := range found {
		p := projectStatus{
			Root: filepath.ToSlash(c.Project.Root), Name: words.Known(c.Project.Name),
			Engine: s.publish.engineOf(c.Project.Engine), Deferral: deferralOf(c.Project),
		}
		if shows {
			known := s.publish.variablesOf(c.Project)
			p.Concerns, p.Setup, p.Changes = sentencesOf(c.Project, p.Engine, known), setupOf(c.Project, known), known.changes
		}
		for i := range c.Findings {
			worst = max(worst, c.Findings[i].Severity)
			switch c.Findings[i].Severity {
			case diagnostics.Error:
				p.Errors++
			case diagnostics.Warning:
				p.Warnings++
			}
		}
		p.Alarm = p.Errors > 0 || deferralLost(c.Project)
		errors, warnings = errors+p.Errors, warnings+p.Warnings
		all.Projects = append(all.Projects, p)
	}
	s.publish.forgetVariables(found)
	switch worst {
	case diagnostics.Error:
		all.Health = "error"
	case diagnostics.Warning:
		all.Health = "warning"
	}
	switch {
	case len(found) == 0:
		all.Message = "No dbt project in this workspace"
	case errors+warnings == 0:
		all.Message = "No errors and no warnings"
	default:
		all.Message = words.Plural(errors, "error") + ", " + words.Plural(warnings, "warning")
	}
	return all
}

// engineOf compares versions once for every state of the engines. It is called
// during a look only.
func (p *publisher) engineOf(e *workspace.Engine) engineStatus {
	if p.engine != e {
		changes := p.engineStatus.Changes
		p.engine, p.engineStatus = e, newEngineStatus(e)
		p.engineStatus.Changes = changes + 1
	}
	return p.engineStatus
}

func newEngineStatus(e *workspace.Engine) engineStatus {
	out := engineStatus{State: engine.Unknown, Latest: words.Known(e.Releases.Newest())}
	if first, ok := e.First(); ok {
		out.First = &installStatus{Path: first.Path, Kind: first.Kind, Version: words.Known(first.Version), Channel: first.Channel}
		if first.Version == "" {
			out.First.Problem = words.Known(first.Silent)
		}
		out.State, out.Update = engine.State(first, e.Releases), words.Known(first.Update)
	}
	return out
}

func deferralOf(p *workspace.Project) *deferralStatus {
	out := &deferralStatus{On: p.Deferral.On, Reasons: []deferralReason{}}
	for _, r := range p.Deferral.Reasons {
		reason := deferralReason{Code: string(r.Code), Message: r.Message}
		if file := fileOf(p, r.At.Path); file.Exists() {
			line := file.At(r.At.Span).Line()
			reason.File, reason.Line = words.Known(filepath.ToSlash(p.Rel(file.Path))), &line
		}
		out.Reasons = append(out.Reasons, reason)
	}
	return out
}

func fileOf(p *workspace.Project, path string) *workspace.File {
	for _, file := range []*workspace.File{p.File, p.EnvFile, p.CloudFile} {
		if file != nil && file.Path == path {
			return file
		}
	}
	return nil
}

// sendStatus tells the client the status once per change. The caller holds the
// publisher's lock.
func (s *Server) sendStatus(now *status) {
	p := &s.publish
	if p.status != nil && reflect.DeepEqual(p.status, now) {
		return
	}
	before := p.status
	p.status = now
	s.notify(methodStatus, now)
	if s.client.serverStatus && (before == nil || before.Message != now.Message) {
		// A finding is not a fault of the server: to clients that show its health
		// it is well as long as it answers.
		s.notify(methodServerStatus, &serverStatus{Health: "ok", Quiescent: true, Message: now.Message})
	}
}

func projectName(p *workspace.Project) string {
	if p.Name != "" {
		return p.Name
	}
	return filepath.Base(p.Root)
}

func joinNames(names []string) string { return strings.Join(names, ", ") }
