package report

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/server/words"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// StatusEngine is the dbt that runs first, all others, and the newest release.
type StatusEngine struct {
	First     *StatusInstall  `json:"first"`
	All       []StatusInstall `json:"all"`
	Latest    *string         `json:"latest"` // of the channel that is followed
	From      string          `json:"latestFrom"`
	Channel   string          `json:"latestChannel"`
	State     string          `json:"state"`
	KnownBad  bool            `json:"knownBad"`
	Update    *string         `json:"update"`
	Absent    []StatusAbsent  `json:"absent"`    // settings that name no program
	Extension *string         `json:"extension"` // version of dbt's extension for VS Code
	Paths     []StatusPath    `json:"paths"`     // of the guide's two local paths those that this checkout is on
}

// StatusInstall is one dbt of this machine.
type StatusInstall struct {
	Path     string       `json:"path"`
	Kind     string       `json:"kind"`
	Version  *string      `json:"version"`
	Channel  *string      `json:"channel"`
	State    string       `json:"state"`
	KnownBad bool         `json:"knownBad"`
	Update   *string      `json:"update"`
	Problem  *string      `json:"problem"` // why it did not tell its version
	Users    []StatusUser `json:"users"`   // empty: nobody starts it
}

// StatusUser says who starts a dbt, and what makes them.
type StatusUser struct {
	Reader string `json:"reader"` // terminal, dbt-extension, python
	From   string `json:"from"`   // PATH, VIRTUAL_ENV, dbt.fusionPath, .venv, …
}

// StatusAbsent is a setting that names no program.
type StatusAbsent struct {
	Setting string `json:"setting"`
	Path    string `json:"path"`
}

// StatusPath is one of the guide's two ways to work locally, and what follows.
type StatusPath struct {
	Path        string `json:"path"`   // platform-cli, local-engine
	Reader      string `json:"reader"` // who is on it
	Credentials string `json:"credentials"`
	Variables   string `json:"variables"`
	Versions    string `json:"versions"`
	Mesh        string `json:"mesh"` // and deferral
}

// The guide's two local paths.
const (
	pathPlatformCLI = "platform-cli"
	pathLocalEngine = "local-engine"
)

func (b statusBuilder) engine() StatusEngine {
	e := b.Project.Engine
	out := StatusEngine{
		All: []StatusInstall{}, Latest: words.Known(e.Releases.Newest()), From: string(e.Releases.From), Channel: e.Releases.Channel(),
		State: engine.Unknown, Absent: []StatusAbsent{}, Extension: words.Known(e.Extension), Paths: []StatusPath{},
	}
	for _, install := range engine.In(e.Installs, b.Root) {
		out.All = append(out.All, statusInstall(install, e.Releases))
	}
	for _, absent := range e.Absent {
		// A folder and one within it have the same settings.
		if said := (StatusAbsent{absent.User.From, filepath.ToSlash(absent.Path)}); absent.User.Concerns(b.Root) && !slices.Contains(out.Absent, said) {
			out.Absent = append(out.Absent, said)
		}
	}
	if first, ok := e.First(); ok {
		out.First = &out.All[0]
		out.State, out.KnownBad, out.Update = out.First.State, out.First.KnownBad, words.Known(first.Update)
	}
	out.Paths = b.localPaths(out)
	return out
}

func statusInstall(in engine.Install, releases engine.Releases) StatusInstall {
	out := StatusInstall{
		Path: in.Path, Kind: string(in.Kind), Version: words.Known(in.Version), Channel: words.Known(string(in.Channel)),
		State: engine.State(in, releases), KnownBad: releases.IsKnownBad(in.Version), Update: words.Known(in.Update), Users: []StatusUser{},
	}
	if in.Version == "" { // otherwise the files beside it say it
		out.Problem = words.Known(in.Silent)
	}
	for _, u := range in.Users {
		if user := (StatusUser{string(u.Reader), u.From}); !slices.Contains(out.Users, user) {
			out.Users = append(out.Users, user)
		}
	}
	return out
}

// localPaths tells which of the guide's two local paths the terminal and the
// dbt extension are on, and what follows as its reference table has it.
func (b statusBuilder) localPaths(e StatusEngine) []StatusPath {
	paths := []StatusPath{}
	for _, in := range e.All {
		for _, u := range in.Users {
			p, ok := b.localPath(in)
			p.Reader = u.Reader
			if ok && u.Reader != string(engine.Python) && !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
	}
	return paths
}

func (b statusBuilder) localPath(in StatusInstall) (StatusPath, bool) {
	switch kind := engine.Kind(in.Kind); {
	case kind == engine.KindPlatformCLI:
		return StatusPath{
			Path:        pathPlatformCLI,
			Credentials: "dbt platform keeps them; profiles.yml is not used",
			Variables:   "those of the development environment on dbt platform, with your own values there; not .env",
			Versions:    "the release track of dbt platform; `dbt system update` means nothing here",
			Mesh:        "done by dbt platform; deferral is on without --no-defer",
		}, true
	case kind.IsV2():
		return StatusPath{
			Path:        pathLocalEngine,
			Credentials: "profiles.yml; `dbt init` fetches it from dbt platform, once",
			Variables:   ".env in the folder that dbt runs in, and the shell; nothing comes from dbt platform",
			Versions:    "yours to update; dbt platform's release track goes its own way",
			Mesh:        b.meshOf(kind),
		}, true
	}
	return StatusPath{}, false
}

// meshOf says what a local dbt v2 has of dbt platform.
func (b statusBuilder) meshOf(kind engine.Kind) string {
	switch {
	case kind == engine.KindV2OSS:
		return "off: the open-source build fetches nothing from dbt platform"
	case !b.Link.Linked:
		return "off: the project is not linked to dbt platform"
	case !b.Project.Deferral.On:
		return "refs to other projects work; deferral is off"
	}
	return "refs to other projects and deferral work: the project is linked"
}

func (b statusBuilder) engineNode(out StatusProject) Node {
	e := out.Engine
	node := Node{Key: "engine", Label: "engine"}
	if e.First == nil {
		node.Value, node.Mark = "no dbt on the search path", MarkError
		node.Actions = []Action{{Title: "Install dbt v2", Shell: engine.InstallCommand(runtime.GOOS)}}
	} else {
		node.Value, node.Mark = installValue(*e.First, e), MarkOK
		switch {
		case e.First.Problem != nil:
			node.Mark, node.Actions = MarkWarning, askItself(*e.First)
		case needsUpdate(*e.First):
			node.Mark, node.Actions = MarkWarning, updateAction("Update dbt", e.First.Update)
		}
	}
	for i, install := range e.All {
		node.Children = append(node.Children, b.installNode(install, e, e.First != nil && i == 0))
	}
	for _, absent := range e.Absent {
		node.Children = append(node.Children, Node{
			Key: absent.Setting, Label: absent.Setting, Value: "names " + b.tilde(absent.Path) + ", where there is no program", Mark: MarkWarning,
		})
	}
	newest := Node{Key: "newest", Label: "newest release", Value: or(e.Latest, "unknown"), From: &Place{Text: b.releaseSource(e)}}
	node.Children = append(node.Children, newest)
	if n := b.pathNode(e); n.Label != "" {
		node.Children = append(node.Children, n)
	}
	node.Children = append(node.Children, b.setupNode())
	return node
}

// installNode is the line of one dbt: what it is, and who starts it.
func (b statusBuilder) installNode(in StatusInstall, e StatusEngine, first bool) Node {
	n := Node{Key: in.Path, Label: b.tilde(in.Path), Value: installName(in) + ", " + usersOf(in)}
	switch {
	case first:
		n.Label = "→ " + n.Label
	case len(in.Users) == 0:
		n.Mark = MarkOff
	case in.Problem != nil:
		n.Mark, n.Actions = MarkWarning, askItself(in)
	case in.uses(engine.Extension) && !engine.Kind(in.Kind).IsV2() && in.Kind != string(engine.KindUnknown):
		n.Value, n.Mark = n.Value+": the extension needs dbt v2", MarkWarning
	case needsUpdate(in):
		n.Value, n.Mark = installValue(in, e)+", "+usersOf(in), MarkWarning
		n.Actions = updateAction("Update "+n.Label, in.Update)
	}
	return n
}

func (in StatusInstall) uses(r engine.Reader) bool {
	return slices.ContainsFunc(in.Users, func(u StatusUser) bool { return u.Reader == string(r) })
}

func needsUpdate(in StatusInstall) bool { return in.KnownBad || in.State == engine.Stale }

// askItself lets a person see what a program does that is silent.
func askItself(in StatusInstall) []Action {
	return []Action{{Title: "See what it says", Shell: quoted(in.Path) + " --version"}}
}

func updateAction(title string, command *string) []Action {
	if command == nil {
		return nil
	}
	return []Action{{Title: title, Shell: *command}}
}

// installValue says what a dbt is, and how it stands to the newest release.
func installValue(in StatusInstall, e StatusEngine) string {
	name := installName(in)
	if in.KnownBad {
		name += ", on dbt's list of known-bad releases"
	}
	switch in.State {
	case engine.Current:
		return name + ", current"
	case engine.Stale:
		return name + ", newest is " + or(e.Latest, "another")
	case engine.Newer: // a release that was taken back, or one of another channel
		return name + ", differs from the newest release " + or(e.Latest, "")
	}
	return name
}

func installName(in StatusInstall) string {
	switch {
	case in.Problem != nil:
		return "a dbt that " + *in.Problem
	case in.Version == nil && in.Kind == string(engine.KindUnknown):
		return "a dbt whose version is not known"
	}
	return fmt.Sprintf("%s %s", kindName(in.Kind), or(in.Version, "of unknown version"))
}

// usersOf says in words who starts a dbt: "terminal (PATH), dbt extension (dbt.fusionPath)".
func usersOf(in StatusInstall) string {
	if len(in.Users) == 0 {
		return "used by nobody"
	}
	var all []string
	for _, u := range in.Users {
		all = append(all, fmt.Sprintf("%s (%s)", userName(u.Reader), u.From))
	}
	return strings.Join(all, ", ")
}

func userName(reader string) string {
	switch engine.Reader(reader) {
	case engine.Extension:
		return "dbt extension"
	case engine.Python:
		return "Python environment"
	}
	return reader
}

// pathNode says which of the guide's local paths this is, in a project that
// dbt platform has to do with.
func (b statusBuilder) pathNode(e StatusEngine) Node {
	if len(e.Paths) == 0 || !b.Platform && e.Paths[0].Path != pathPlatformCLI {
		return Node{}
	}
	node := Node{Key: "path", Label: "local path"}
	var said []string
	for _, p := range e.Paths {
		if slices.ContainsFunc(e.Paths, func(other StatusPath) bool { return other.Path != p.Path }) {
			said = append(said, pathName(p.Path)+" in the "+userName(p.Reader))
		} else {
			said = []string{pathName(p.Path)}
		}
	}
	node.Value = strings.Join(said, ", ")
	for _, p := range e.Paths {
		if slices.ContainsFunc(node.Children, func(n Node) bool { return n.Key == p.Path }) {
			continue
		}
		node.Children = append(node.Children, Node{Key: p.Path, Label: pathName(p.Path), Children: []Node{
			{Key: "credentials", Label: "credentials", Value: p.Credentials},
			{Key: "variables", Label: "variables", Value: p.Variables},
			{Key: "versions", Label: "versions", Value: p.Versions},
			{Key: "mesh", Label: "Mesh, deferral", Value: p.Mesh},
		}})
	}
	if len(node.Children) == 1 {
		node.Children = node.Children[0].Children
	}
	return node
}

func pathName(path string) string {
	if path == pathPlatformCLI {
		return "platform CLI"
	}
	return "local dbt v2"
}

// tilde returns a path as it is short: relative to the current folder, or with
// the home folder as "~".
func (b statusBuilder) tilde(path string) string {
	return tilde(b.Project, b.short(filepath.FromSlash(path)))
}

// releaseSource says in words where the newest release comes from: "network
// list", "network list, channel stable, v2 Stable on dbt platform".
func (b statusBuilder) releaseSource(e StatusEngine) string {
	source := e.From
	if source == string(engine.FromBuiltin) {
		source = "built-in"
	}
	source += " list"
	if follow := b.Project.Engine.Releases.Follow; follow != "" {
		source += ", channel " + e.Channel
		if track, ok := engine.ParseTrack(follow); ok && follow != e.Channel {
			source += ", " + track.Name + " on dbt platform"
		}
	}
	return source
}

func kindName(kind string) string {
	switch engine.Kind(kind) {
	case engine.KindV2:
		return "dbt v2"
	case engine.KindV2OSS:
		return "dbt v2 (open source)"
	case engine.KindV1:
		return "dbt v1"
	case engine.KindPlatformCLI:
		return "platform CLI"
	}
	return "dbt of unknown kind"
}
