package lsp

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/server/report"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// commandShowStatus is the command of a client that shows the status itself.
const commandShowStatus = "dbtHybrid.showStatus"

// can reports whether the client carries a command out itself.
func (c *client) can(command string) bool { return slices.Contains(c.commands, command) }

// concernSentences is a sentence for each of the four concerns.
type concernSentences struct {
	Credentials string `json:"credentials"`
	Environment string `json:"environment"`
	Engine      string `json:"engine"`
	Mesh        string `json:"mesh"`
}

// setup says which steps of setting up are done.
type setup struct {
	Engine    bool `json:"engine"`    // a dbt is on the search path
	Profile   bool `json:"profile"`   // dbt finds profile, target and adapter
	Variables bool `json:"variables"` // nothing that dbt needs is missing
	Ignored   bool `json:"ignored"`   // git neither holds .env nor would take it
	Linked    bool `json:"linked"`
	Deferring bool `json:"deferring"`
}

// knownVariables sums up the variables of a project.
type knownVariables struct {
	of        *workspace.Project
	lacking   []*workspace.Variable // that every command needs
	elsewhere []*workspace.Variable // of those, what another tool gives to what it starts
	changes   int                   // of names, states and sources, counted
}

// variablesOf looks at the variables again only when they are others than those
// of the last time. It is called during a look only.
func (p *publisher) variablesOf(project *workspace.Project) *knownVariables {
	before := p.variables[project.Root]
	if before != nil && before.of.SameVariables(project) {
		before.of = project // the older one need not be kept
		return before
	}
	known := &knownVariables{of: project}
	if before != nil {
		known.changes = before.changes + 1
	}
	for _, v := range project.Called {
		state := project.State(v)
		switch {
		case v.Need != workspace.NeedParse || v.System() || state != workspace.Missing && state != workspace.Lost:
		case state == workspace.Missing && project.Supplier(v.Name) != nil:
			known.elsewhere = append(known.elsewhere, v)
		default:
			known.lacking = append(known.lacking, v)
		}
	}
	if p.variables == nil {
		p.variables = map[string]*knownVariables{}
	}
	p.variables[project.Root] = known
	return known
}

// forgetVariables lets go of the projects that have left the workspace. It is
// called during a look only.
func (p *publisher) forgetVariables(found []*check) {
	if len(p.variables) <= len(found) {
		return
	}
	maps.DeleteFunc(p.variables, func(root string, _ *knownVariables) bool {
		return !slices.ContainsFunc(found, func(c *check) bool { return c.Project.Root == root })
	})
}

func setupOf(p *workspace.Project, known *knownVariables) *setup {
	_, found := p.Engine.First()
	env := p.EnvFile.Path
	return &setup{
		Engine: found, Profile: p.Profile.Problem == dbt.ProfileFine, Variables: len(known.lacking) == 0,
		Ignored: p.Git.Root == "" || p.Git.Ignored(env) && !p.Git.Tracked(env),
		Linked:  p.Link.Linked, Deferring: p.Deferral.On,
	}
}

// deferralLost reports whether a project that uses dbt platform does not defer
// although nobody has switched that off.
func deferralLost(p *workspace.Project) bool {
	return p.Platform && !p.Deferral.On && !p.Deferral.ChosenOff()
}

func sentencesOf(p *workspace.Project, e engineStatus, known *knownVariables) *concernSentences {
	return &concernSentences{
		Credentials: "Credentials: " + credentialsPhrase(p),
		Environment: "Variables: " + variablesPhrase(p, known),
		Engine:      "Engine: " + enginePhrase(e),
		Mesh:        "dbt platform: " + platformPhrase(p),
	}
}

func credentialsPhrase(p *workspace.Project) string {
	if problem := report.ProfileProblem(p); problem != "" {
		return problem
	}
	name, target, adapter := report.ChosenNames(p)
	return fmt.Sprintf("profile %s, target %s, %s", name, target, adapter)
}

// sentenceNames is how many variables a sentence names.
const sentenceNames = 3

func variablesPhrase(p *workspace.Project, known *knownVariables) string {
	switch n := len(known.lacking); n {
	case 0:
	case 1:
		return "dbt needs " + someNames(known.lacking) + ", and nothing gives it"
	default:
		return "dbt needs " + someNames(known.lacking) + ", and nothing gives them"
	}
	if p.EnvFile.Exists() {
		if stop := p.EnvFile.Dotenv().Stop; stop != nil {
			return fmt.Sprintf("dbt stops reading .env at line %d", p.EnvFile.At(stop.At).Line())
		}
	}
	switch {
	case len(known.elsewhere) > 0:
		return "only what " + supplierNames(p, known.elsewhere) + " starts has " + someNames(known.elsewhere)
	case !p.EnvFile.Exists():
		return "no .env, and nothing is missing"
	}
	return "nothing is missing"
}

// someNames names variables, and counts those that a sentence has no room for.
func someNames(variables []*workspace.Variable) string {
	var names []string
	for _, v := range variables[:min(len(variables), sentenceNames)] {
		names = append(names, v.Name)
	}
	all := joinNames(names)
	if more := len(variables) - len(names); more > 0 {
		all += fmt.Sprintf(" and %d more", more)
	}
	return all
}

// supplierNames names the files that give variables to what other tools start.
func supplierNames(p *workspace.Project, variables []*workspace.Variable) string {
	var names []string
	for _, v := range variables {
		if name := p.Toward(p.Supplier(v.Name).Path); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

func enginePhrase(e engineStatus) string {
	if e.First == nil {
		return "no dbt on the search path"
	}
	if e.First.Problem != nil {
		return fmt.Sprintf("the dbt at %s %s", filepath.ToSlash(e.First.Path), *e.First.Problem)
	}
	version := "of unknown version"
	if e.First.Version != nil {
		version = *e.First.Version
	}
	phrase := fmt.Sprintf("dbt %s (%s), from %s", version, e.First.Kind, filepath.ToSlash(e.First.Path))
	if e.State == engine.Stale && e.Latest != nil {
		phrase += ", newest is " + *e.Latest
	}
	return phrase
}

func platformPhrase(p *workspace.Project) string {
	phrase := "not linked"
	if p.Link.Linked {
		phrase = "linked"
	}
	if p.Deferral.On {
		return phrase + ", deferral is on"
	}
	phrase += ", deferral is off"
	if p.Platform && len(p.Deferral.Reasons) > 0 {
		phrase += ". " + p.Deferral.Reasons[0].Message
	}
	return phrase
}
