package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/server/words"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// SaveProfiles is the command that saves profiles.yml beside itself. Its argument
// is the root of a project.
const SaveProfiles = "dbtHybrid.saveProfiles"

// StatusInit is what `dbt init` would do in the project's folder.
type StatusInit struct {
	Command       string        `json:"command"` // "dbt init"
	File          *string       `json:"file"`    // that it writes
	Profile       *string       `json:"profile"` // that it writes
	Exists        bool          `json:"exists"`  // the file has it
	Targets       []StatusPlace `json:"targets"` // that it replaces by the one target dev
	Calls         []StatusPlace `json:"calls"`   // of env_var() that it replaces by values
	Comments      []StatusPlace `json:"comments"`
	Leftover      *int          `json:"leftover"` // the line of the profile at which it stops to remove
	Template      []StatusPlace `json:"template"` // values that somebody was to replace
	Jinja         bool          `json:"jinja"`    // `profile:` has Jinja, which it takes for a part of the name
	Offers        bool          `json:"offers"`   // it sets up profiles of the adapter
	Fetches       []string      `json:"fetches"`
	Offered       *string       `json:"offered"` // the id of the project that it offers first
	Backup        *string       `json:"backup"`
	BackupExists  bool          `json:"backupExists"`  // it overwrites one
	BackupIgnored *bool         `json:"backupIgnored"` // git would not commit it; nil outside a repository
	Possible      bool          `json:"possible"`      // dbt_cloud.yml has the linked project
	Due           bool          `json:"due"`
	Why           *string       `json:"why"` // it is due
}

// StatusPlace is something in a file.
type StatusPlace struct {
	Name   string `json:"name"` // "" for a comment
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

func (b statusBuilder) init() StatusInit {
	plan := b.InitPlan()
	places := func(all []dbt.InitPlace) []StatusPlace {
		out := make([]StatusPlace, len(all))
		for i, place := range all {
			at := plan.File.At(place.At).Position()
			out[i] = StatusPlace{place.Name, at.Line, at.Column}
		}
		return out
	}
	out := StatusInit{
		Command: "dbt init", Profile: words.Known(plan.Profile), Exists: plan.Exists,
		Targets: places(plan.Targets), Calls: places(plan.Calls), Comments: places(plan.Comments), Template: places(plan.Template),
		Jinja: plan.Jinja, Offers: plan.Offers, Fetches: append([]string{}, plan.Fetches...), BackupExists: plan.Older,
		Possible: plan.Possible, Due: plan.Due, Why: words.Known(plan.Why),
	}
	if plan.Git {
		ignored := !plan.Exposed
		out.BackupIgnored = &ignored
	}
	if plan.Path != "" {
		out.File, out.Backup = words.Known(b.short(plan.Path)), words.Known(b.short(plan.Backup))
	}
	if plan.Leftover != nil {
		line := plan.File.At(*plan.Leftover).Line()
		out.Leftover = &line
	}
	if plan.Offered != nil {
		out.Offered = words.Known(plan.Offered.ProjectID.Text)
	}
	return out
}

// initNode explains `dbt init`. Its children are for the tree, unless a refresh
// is due.
func (b statusBuilder) initNode(i StatusInit) Node {
	node := Node{Key: "init", Label: "dbt init", Collapsed: true}
	node.Value, node.Mark = b.initValue(i)
	if i.File == nil {
		return node
	}
	node.From = &Place{Text: *i.File, Path: b.lengthen(*i.File)}
	node.Children = append(b.initHazards(i), b.initLosses(i)...)
	if i.Exists {
		node.Children = append(node.Children, b.backupNode(i))
	}
	switch {
	case i.Due:
		node.Actions, node.Collapsed = b.initActions(i), false
	case i.Offers:
		node.Children = append(node.Children, Node{Key: "refresh", Label: "refresh", Value: "nothing says that one is due", Actions: b.initActions(i)})
	}
	return node
}

// initValue says in one line what `dbt init` would do.
func (b statusBuilder) initValue(i StatusInit) (string, Mark) {
	value, mark := "would write profiles.yml", MarkNone
	switch {
	case i.File == nil:
		value = "would write nothing: no home folder"
	case i.Exists:
		value = "would overwrite " + losses(i)
	}
	if i.Leftover != nil {
		value += ", and break the file"
	}
	if i.Due {
		value, mark = "due: "+*i.Why+"; it "+value, MarkWarning
	}
	switch {
	case !i.Offers:
		return "sets up no profile of this adapter; it " + value, MarkOff
	case b.EngineKind() == engine.KindV1 || b.EngineKind() == engine.KindPlatformCLI:
		value = "of dbt v2, not of the dbt here: " + value
	}
	return value, mark
}

// initHazards are what it fetches, and what it does otherwise than one expects.
func (b statusBuilder) initHazards(i StatusInit) []Node {
	var nodes []Node
	if len(i.Fetches) > 0 {
		fetched := Node{Key: "fetches", Label: "fetches", Value: strings.Join(i.Fetches, ", ") + "; no password and no token"}
		if !i.Possible {
			fetched.Value, fetched.Mark = "nothing: no dbt_cloud.yml has an entry for the project", MarkOff
		}
		nodes = append(nodes, fetched)
	}
	if i.Possible && or(i.Offered, "") != b.Link.Entry.ProjectID.Text {
		nodes = append(nodes, Node{
			Key: "offered", Label: "project", Value: "it offers " + or(i.Offered, "none") + " first, not this one: answer no and pick " + b.Link.Entry.ProjectID.Text, Mark: MarkWarning,
		})
	}
	if i.Jinja {
		nodes = append(nodes, Node{
			Key: "jinja", Label: "profile", Value: "it does not render `profile:`, and takes its text for the name", Mark: MarkWarning, From: b.place(b.Profile.NameFrom),
		})
	}
	return nodes
}

// initLosses are what goes from profiles.yml, with the places.
func (b statusBuilder) initLosses(i StatusInit) []Node {
	path := b.lengthen(*i.File)
	at := func(line, column int) *Place { return &Place{fmt.Sprintf("%s:%d", *i.File, line), path, line, column} }
	var nodes []Node
	for _, lost := range []struct {
		key, label, value string
		places            []StatusPlace
	}{
		{"targets", words.Plural(len(i.Targets), "target"), "replaced by one target, " + dbt.InitTarget, i.Targets},
		{"calls", words.Plural(len(i.Calls), "env_var() call"), "replaced by values, passwords included", i.Calls},
		{"comments", words.Plural(len(i.Comments), "comment"), "removed", i.Comments},
		{"template", words.Plural(len(i.Template), "value") + " of a template", "that a refresh would replace", i.Template},
	} {
		if len(lost.places) == 0 {
			continue
		}
		group := Node{Key: lost.key, Label: lost.label, Value: lost.value, Collapsed: true}
		for n, place := range lost.places {
			group.Children = append(group.Children, Node{
				Key: fmt.Sprintf("%d %s", n, place.Name), Label: cmp.Or(place.Name, "comment"), From: at(place.Line, place.Column),
			})
		}
		nodes = append(nodes, group)
	}
	if i.Leftover != nil {
		nodes = append(nodes, Node{
			Key: "leftover", Label: fmt.Sprintf("line %d", *i.Leftover), Value: "is not indented: dbt init leaves what follows behind, and the file broken", Mark: MarkWarning,
			From: at(*i.Leftover, 1),
		})
	}
	return nodes
}

func (b statusBuilder) initActions(i StatusInit) []Action {
	refresh := Action{Title: "Fetch it anew: create from dbt_cloud.yml, then overwrite", Shell: i.Command}
	if !i.Exists {
		return []Action{refresh}
	}
	return []Action{{Title: "Save profiles.yml first", Command: SaveProfiles, Arguments: []any{b.Root}}, refresh}
}

// losses counts what goes with the profile.
func losses(i StatusInit) string {
	lost := []string{words.Plural(len(i.Targets), "target")}
	if len(i.Calls) > 0 {
		lost = append(lost, words.Plural(len(i.Calls), "env_var() call"))
	}
	if len(i.Comments) > 0 {
		lost = append(lost, words.Plural(len(i.Comments), "comment"))
	}
	return words.List(lost)
}

func (b statusBuilder) backupNode(i StatusInit) Node {
	node := Node{Key: "backup", Label: "backup", Value: *i.Backup}
	if i.BackupExists {
		node.Value += ", over the one that is there"
		node.Mark = MarkWarning
		node.From = &Place{Text: *i.Backup, Path: b.lengthen(*i.Backup)}
	}
	if i.BackupIgnored != nil && !*i.BackupIgnored {
		node.Value += "; git would commit it"
		node.Mark = MarkWarning
	}
	return node
}

// StatusCloudFile is ~/.dbt/dbt_cloud.yml, as far as it may be shown.
type StatusCloudFile struct {
	Path          *string  `json:"path"`
	State         string   `json:"state"`         // no-home, absent, misnamed, invalid, ok
	Problem       *string  `json:"problem"`       // why it is invalid
	Line          *int     `json:"line"`          // of the problem
	Misnamed      []string `json:"misnamed"`      // files with almost its name
	Mode          *string  `json:"mode"`          // its permissions, in octal; nil where the system has none
	Readable      *bool    `json:"readable"`      // by others than its owner
	Projects      int      `json:"projects"`      // entries
	Accounts      int      `json:"accounts"`      // different ones
	ProjectID     *string  `json:"projectId"`     // of the entry that is this project's
	HasProject    bool     `json:"hasProject"`    // the linked project, or else one of its name
	ActiveProject *string  `json:"activeProject"` // that dbt init and dbt login take
	Token         bool     `json:"token"`         // the entry of the project has one; without such an entry, all have
	TokenKind     *string  `json:"tokenKind"`     // personal, service, unknown; nil where they differ
}

// cloudState is the word for the state of dbt_cloud.yml.
func cloudState(p *workspace.Project) string {
	switch {
	case p.Cloud.State == dbt.CloudNoHome:
		return "no-home"
	case p.Cloud.State == dbt.CloudAbsent && len(p.CloudCopies) > 0:
		return "misnamed"
	case p.Cloud.State == dbt.CloudAbsent:
		return "absent"
	case p.Cloud.State == dbt.CloudInvalid:
		return "invalid"
	}
	return "ok"
}

func (b statusBuilder) cloudFile() StatusCloudFile {
	out := StatusCloudFile{State: cloudState(b.Project), Misnamed: []string{}, Projects: len(b.Cloud.Entries), ActiveProject: words.Known(b.Cloud.ActiveProject.Text)}
	if b.CloudFile == nil {
		return out
	}
	out.Path = b.path(b.CloudFile)
	for _, file := range b.CloudCopies {
		out.Misnamed = append(out.Misnamed, b.short(file.Path))
	}
	if access := b.CloudAccess(); access.Known {
		out.Mode, out.Readable = words.Known(fmt.Sprintf("%04o", access.Mode)), &access.Open
	}
	if out.State == "invalid" {
		b.cloudProblem(&out)
	}
	out.Accounts = len(b.CloudAccounts())
	entry, entries := b.CloudEntry()
	if entry != nil {
		out.HasProject, out.ProjectID = true, words.Known(entry.ProjectID.Text)
	}
	out.Token, out.TokenKind = len(entries) > 0, nil
	for _, e := range entries {
		out.Token = out.Token && !e.Token.Empty()
	}
	if out.Token {
		out.TokenKind = words.Known(workspace.TokenKind(entries))
	}
	return out
}

// cloudProblem tells why dbt cannot read the file.
func (b statusBuilder) cloudProblem(out *StatusCloudFile) {
	if why := b.CloudFile.Unreadable(); why != "" {
		out.Problem = &why
		return
	}
	first := b.Cloud.Problems[0]
	line := b.CloudFile.At(first.Span).Line()
	out.Problem, out.Line = &first.Message, &line
}

// cloudNode is nil for a project that has no use for dbt platform.
func (b statusBuilder) cloudNode(c StatusCloudFile) *Node {
	if c.Path == nil || c.State == "absent" && !b.Platform {
		return nil
	}
	node := Node{Key: "cloudFile", Label: dbt.CloudFileName, Mark: MarkOK, From: &Place{Text: *c.Path, Path: b.CloudFile.Path}}
	var says []string
	trouble := func(words string) { says, node.Mark = append(says, words), MarkWarning }
	switch c.State {
	case "absent":
		says, node.Mark, node.From = []string{"none in ~/.dbt"}, MarkOff, nil
	case "misnamed":
		trouble("none in ~/.dbt, but " + strings.Join(c.Misnamed, ", ") + ", which dbt does not read")
	case "invalid":
		trouble("dbt does not take it: " + *c.Problem)
		if c.Line != nil {
			node.From = &Place{fmt.Sprintf("%s:%d", *c.Path, *c.Line), b.CloudFile.Path, *c.Line, 1}
		}
	default:
		says = append(says, words.Plural(c.Projects, "project"))
		if c.Accounts > 1 {
			trouble("of " + words.Plural(c.Accounts, "account") + ", though dbt platform gives out a file for each")
		}
		switch {
		case b.Link.InProject.Known && !c.HasProject:
			trouble("not this one")
		case c.HasProject:
			says = append(says, "this one among them")
		}
		switch {
		case !c.Token:
			trouble("no token")
		case c.TokenKind != nil:
			says = append(says, map[string]string{"personal": "a personal token", "service": "a service token", "unknown": "a token of unknown kind"}[*c.TokenKind])
		}
	}
	node.Value = strings.Join(says, ", ")
	if c.Readable != nil && *c.Readable { // no reason for dbt not to take it
		node.Value, node.Mark = node.Value+"; others than you may read it ("+*c.Mode+")", MarkWarning
		node.Actions = []Action{{Title: "Keep " + dbt.CloudFileName + " to yourself", Shell: "chmod 600 " + quoteShell(b.CloudFile.Path)}}
	}
	return &node
}

// quoteShell writes a path as one word of a Unix shell.
func quoteShell(path string) string {
	if strings.Trim(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") == "" {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
