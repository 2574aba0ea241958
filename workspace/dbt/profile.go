package dbt

import (
	"path/filepath"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// ProfileProblem is why no connection can be chosen. They stand in the order
// in which dbt meets them: each hides those that follow.
type ProfileProblem int

// The problems of a profile.
const (
	ProfileFine           ProfileProblem = iota
	ProfileUnset                         // nothing names a profile
	ProfilesNotFound                     // no profiles.yml where dbt looks
	ProfilesUnreadable                   // it is a folder, not UTF-8 or not YAML
	ProfileUnknown                       // the name hangs on a variable that is not set
	ProfileMissing                       // the file has no profile of that name
	ProfileWithoutOutputs                // the profile has no `outputs`
	TargetUnknown                        // the target's name hangs on a variable that is not set
	TargetMissing                        // the target is not among the outputs
	TargetShape                          // the target is neither a mapping nor a list of connections
	AdapterMissing                       // the connection has no `type`
)

// ProfileQuery is all that the choice of a connection follows from.
type ProfileQuery struct {
	ProfilesDir Setting // --profiles-dir or DBT_PROFILES_DIR: the only place then
	Profile     Setting // --profile or DBT_PROFILE
	Target      Setting // --target or DBT_TARGET
	WorkingDir  string  // where dbt runs
	Home        string  // "" when unknown
	Project     *yamlfile.File
	ProjectPath string
	Context     *jinja.Context
	// Open returns the profiles.yml at a path; nil when nothing is there.
	Open func(path string) *ProfilesFile
}

// ProfilesFile is a profiles.yml.
type ProfilesFile struct {
	Path     string
	Readable bool // a regular file
	YAML     *yamlfile.File
}

// Profile is the connection that dbt chooses, with the place of each choice
// (dbt-profile/src/resolve.rs).
type Profile struct {
	Searched []string // the paths of profiles.yml that were looked at, in order
	File     *ProfilesFile
	Explicit bool // the folder was given: there is no other place

	Name     string
	NameFrom Origin
	Node     *yamlfile.Node // the profile's value in the file

	Target      string
	TargetFrom  Origin
	TargetNode  *yamlfile.Node   // the value of `target:`, also where a flag decides
	Outputs     []string         // the names of the outputs, in file order
	Output      *yamlfile.Node   // the chosen output
	Connections []*yamlfile.Node // the mappings of the chosen output; usually one
	Adapter     string           // the `type` of the connection, "" when not known

	Problem ProfileProblem
}

// ResolveProfile chooses the connection as dbt v2 does.
func ResolveProfile(q ProfileQuery) *Profile {
	p := &Profile{}
	p.Problem = p.resolve(q)
	return p
}

func (p *Profile) resolve(q ProfileQuery) ProfileProblem {
	named := p.chooseName(q)
	p.findFile(q)
	switch {
	case named == ProfileUnset:
		return ProfileUnset
	case p.File == nil:
		return ProfilesNotFound
	case !p.File.Readable || p.File.YAML.Broken():
		return ProfilesUnreadable
	case named != ProfileFine:
		return named
	}
	pair, ok := p.File.YAML.Root.Pair(p.Name)
	if !ok {
		return ProfileMissing
	}
	p.Node = pair.Value.Resolved()
	outputs := p.Node.Get("outputs").Resolved()
	if outputs == nil {
		return ProfileWithoutOutputs
	}
	p.TargetNode = p.Node.Get("target")
	for pair := range outputs.All() {
		p.Outputs = append(p.Outputs, pair.Key.Value)
	}
	if !p.chooseTarget(q) {
		return TargetUnknown
	}
	output, ok := outputs.Pair(p.Target)
	if !ok {
		return TargetMissing
	}
	p.Output = output.Value.Resolved()
	return p.connect(q)
}

// chooseName follows --profile, DBT_PROFILE and `profile:` of dbt_project.yml.
func (p *Profile) chooseName(q ProfileQuery) ProfileProblem {
	if q.Profile.Set {
		p.Name, p.NameFrom = q.Profile.Value, q.Profile.From
		return ProfileFine
	}
	node := q.Project.Root.Get("profile")
	value := Render(node, q.Context)
	if !value.Present || value.Kind == jinja.KindNone || value.Kind == jinja.KindUndefined {
		return ProfileUnset
	}
	p.NameFrom = Origin{Kind: OriginFile, Name: "profile", Path: q.ProjectPath, Span: spanOf(node)}
	if !value.Known || jinja.HoldsSecret(value.Text) { // a secret is not to be shown as a name
		return ProfileUnknown
	}
	p.Name = value.Text
	return ProfileFine
}

func (p *Profile) findFile(q ProfileQuery) {
	if q.ProfilesDir.Set {
		p.Explicit = true
		dir := q.ProfilesDir.Value
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(q.WorkingDir, dir)
		}
		p.Searched = []string{filepath.Join(dir, ProfilesFileName)}
	} else {
		p.Searched = []string{filepath.Join(q.WorkingDir, ProfilesFileName)}
		if q.Home != "" {
			p.Searched = append(p.Searched, filepath.Join(q.Home, HomeFolder, ProfilesFileName))
		}
	}
	for _, path := range p.Searched {
		if p.File = q.Open(path); p.File != nil {
			return
		}
	}
}

// chooseTarget follows --target, DBT_TARGET, `target:` and the literal default.
// A `target:` that is no text is passed over. It reports whether the name is known.
func (p *Profile) chooseTarget(q ProfileQuery) bool {
	if q.Target.Set {
		p.Target, p.TargetFrom = q.Target.Value, q.Target.From
		return true
	}
	p.Target, p.TargetFrom = "default", Origin{Kind: OriginDefault, Name: "target"}
	node := p.TargetNode.Resolved()
	if node == nil || node.Kind != yamlfile.Scalar || node.Type() != yamlfile.String {
		return true
	}
	value := Render(node, q.profilesContext())
	p.Target = value.Text
	p.TargetFrom = Origin{Kind: OriginFile, Name: "target", Path: p.File.Path, Span: spanOf(p.TargetNode)}
	return value.Known
}

// connect reads the chosen output: a mapping, or since 2.0.0 a list of mappings
// of which one is the default (dbt-profile/src/adapters.rs).
func (p *Profile) connect(q ProfileQuery) ProfileProblem {
	switch {
	case p.Output == nil:
		return TargetShape
	case p.Output.Kind == yamlfile.Mapping:
		p.Connections = []*yamlfile.Node{p.Output}
	case p.Output.Kind == yamlfile.Sequence && len(p.Output.Items) > 0:
		for _, item := range p.Output.Items {
			p.Connections = append(p.Connections, item.Resolved())
		}
	default:
		return TargetShape
	}
	kind := defaultConnection(p.Connections).Get("type").Resolved()
	if kind == nil || kind.IsNull() || kind.Type() != yamlfile.String {
		return AdapterMissing
	}
	if value := Render(kind, q.profilesContext()); value.Known {
		p.Adapter = value.Text
	}
	return ProfileFine
}

// profilesContext is what Jinja sees in profiles.yml.
func (q ProfileQuery) profilesContext() *jinja.Context {
	ctx := *q.Context
	ctx.Bare, ctx.Global = true, nil
	return &ctx
}

func defaultConnection(connections []*yamlfile.Node) *yamlfile.Node {
	for _, c := range connections {
		if node := c.Get("default").Resolved(); node != nil && node.Value == "true" {
			return c
		}
	}
	return connections[0]
}

func spanOf(node *yamlfile.Node) text.Span {
	if node == nil {
		return text.Span{}
	}
	return node.Span
}
