package report

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/server/words"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// StatusLink says which project of dbt platform the checkout belongs to.
type StatusLink struct {
	Linked           bool           `json:"linked"`
	ProjectID        *string        `json:"projectId"`
	Account          *string        `json:"account"`
	Host             *string        `json:"host"`
	Token            bool           `json:"token"`
	DeferEnvironment *string        `json:"deferEnvironment"`
	DeferJob         *string        `json:"deferJob"`
	Mixed            bool           `json:"mixed"` // two project ids: nothing of dbt_cloud.yml is used
	From             StatusLinkFrom `json:"from"`
}

// StatusLinkFrom says where each part of the link comes from.
type StatusLinkFrom struct {
	ProjectID        *string `json:"projectId"`
	Account          *string `json:"account"`
	Host             *string `json:"host"`
	Token            *string `json:"token"`
	DeferEnvironment *string `json:"deferEnvironment"`
	DeferJob         *string `json:"deferJob"`
}

// StatusDeferral says whether an ordinary command defers to dbt platform.
type StatusDeferral struct {
	On      bool           `json:"on"`
	Reasons []StatusReason `json:"reasons"`
	Notes   []StatusReason `json:"notes"`  // commands that do otherwise, and settings without effect
	Caches  []StatusCache  `json:"caches"` // the manifests of dbt platform that are kept
}

// StatusReason is one reason for the state of deferral.
type StatusReason struct {
	Code    string  `json:"code"`
	Message string  `json:"message"`
	File    *string `json:"file"`
	Line    *int    `json:"line"`
}

// StatusCache is a manifest of dbt platform that dbt has kept.
type StatusCache struct {
	File        string  `json:"file"`
	Of          string  `json:"of"` // command line, dbt extension
	State       string  `json:"state"`
	Age         *int    `json:"age"` // in seconds
	Project     *string `json:"project"`
	Environment *string `json:"environment"`
	DbtVersion  *string `json:"dbtVersion"`
}

// Commands that an action about deferral names.
const (
	// MendDeferral makes one of the changes that diagnostics.DeferRemedies offers.
	// Arguments: the project's root, the title, the path and the offset of what it
	// mends ("" and 0 for none).
	MendDeferral = "dbtHybrid.mendDeferral"
	// ClearDeferCache deletes the manifests of dbt platform that dbt has kept.
	// Arguments: the project's root.
	ClearDeferCache = "dbtHybrid.clearDeferCache"
	// ClearPublications deletes what dbt has kept of other projects. Arguments: the
	// project's root.
	ClearPublications = "dbtHybrid.clearPublications"
	// OpenSetting shows a setting of the editor. Only a client carries it out.
	// Arguments: the name.
	OpenSetting = "dbtHybrid.openSetting"
)

func (b statusBuilder) link() StatusLink {
	l := b.Link
	shown := func(p dbt.Part) *string { return words.Known(p.Shown(b.reveal)) }
	return StatusLink{
		Linked: l.Linked, ProjectID: shown(l.ProjectID), Account: shown(l.AccountID), Host: shown(l.Host), Token: l.Token.Known,
		DeferEnvironment: shown(l.DeferEnv), DeferJob: shown(l.DeferJob), Mixed: l.Mixed,
		From: StatusLinkFrom{
			b.origin(l.ProjectID.From), b.origin(l.AccountID.From), b.origin(l.Host.From), b.origin(l.Token.From),
			b.origin(l.DeferEnv.From), b.origin(l.DeferJob.From),
		},
	}
}

// deferralReasons are those of the model, and what needs a clock.
func (b statusBuilder) deferralReasons() []dbt.Reason {
	caches := b.DeferralCaches()
	if !b.Project.Deferral.On || len(caches) == 0 {
		return b.Project.Deferral.Reasons
	}
	return dbt.CacheReasons(caches[0], b.Link, b.Name, b.Machine.Time())
}

func (b statusBuilder) deferral() StatusDeferral {
	out := StatusDeferral{On: b.Project.Deferral.On, Reasons: []StatusReason{}, Notes: []StatusReason{}, Caches: []StatusCache{}}
	for _, r := range b.deferralReasons() {
		reason := StatusReason{Code: string(r.Code), Message: r.Message}
		if file := b.file(r.At.Path); file != nil {
			line := file.At(r.At.Span).Line()
			reason.File, reason.Line = words.Known(b.short(r.At.Path)), &line
		}
		out.Reasons = append(out.Reasons, reason)
	}
	for _, n := range b.notes() {
		note := StatusReason{Code: string(n.Code), Message: n.Message}
		if n.Place.File != nil {
			line := n.Place.Line()
			note.File, note.Line = words.Known(b.short(n.Place.File.Path)), &line
		}
		out.Notes = append(out.Notes, note)
	}
	for _, c := range b.DeferralCaches() {
		if c.State == dbt.CacheAbsent {
			continue
		}
		cache := StatusCache{
			File: b.short(c.Path), Of: cacheOwner(&c), State: cacheState(c.State),
			Project: words.Known(c.Project), Environment: words.Known(c.Environment), DbtVersion: words.Known(c.Version),
		}
		if age, ok := c.Age(b.Machine.Time()); ok {
			seconds := int(age.Seconds())
			cache.Age = &seconds
		}
		out.Caches = append(out.Caches, cache)
	}
	return out
}

func cacheOwner(c *dbt.DeferralCache) string {
	if c.Editor {
		return "dbt extension"
	}
	return "command line"
}

func cacheState(s dbt.CacheState) string {
	switch s {
	case dbt.CacheUnreadable:
		return "unreadable"
	case dbt.CacheNoFile:
		return "no file"
	case dbt.CacheSilent:
		return "unknown"
	}
	return "read"
}

// platformBuilder knows what is looked for once for all lines about dbt platform.
type platformBuilder struct {
	statusBuilder
	mendings []diagnostics.Remedy // of a project that uses dbt platform
}

func (s statusBuilder) platformNode(out StatusProject) Node {
	b := platformBuilder{statusBuilder: s}
	if b.Platform {
		b.mendings = diagnostics.DeferRemedies(b.Project, b.notes())
	}
	node := Node{Key: "platform", Label: "dbt platform", Value: "not linked", Mark: MarkOff}
	switch l := b.Link; {
	case l.Linked:
		node.Value, node.Mark, node.From = "linked to project "+or(out.Link.ProjectID, "?"), MarkOK, b.place(l.ProjectID.From)
	case b.Platform:
		node.Mark = MarkWarning
	}
	node.Children = append(b.linkNodes(out), b.deferralNode())
	if hasMesh(out.Mesh) {
		node.Children = append(node.Children, b.meshNode(out))
	}
	return node
}

// linkNodes are the parts of the link, as far as there are any, and who is signed in.
func (b platformBuilder) linkNodes(out StatusProject) []Node {
	l := b.Link
	var nodes []Node
	part := func(key, label string, p dbt.Part, value string) {
		switch {
		case p.From.Kind == dbt.OriginNone && !b.Platform:
		case p.From.Kind == dbt.OriginNone:
			nodes = append(nodes, Node{Key: key, Label: label, Value: "not known"})
		case !p.Known:
			nodes = append(nodes, Node{Key: key, Label: label, Value: "hangs on a variable that is not set", Mark: MarkWarning, From: b.place(p.From)})
		default:
			nodes = append(nodes, Node{Key: key, Label: label, Value: value, From: b.place(p.From)})
		}
	}
	part("project", "project", l.ProjectID, b.projectValue(out))
	part("account", "account", l.AccountID, b.accountValue(out))
	part("host", "host", l.Host, or(out.Link.Host, "?"))
	part("token", "token", l.Token, tokenValue(l.Token))
	if l.DeferEnv.From.Kind != dbt.OriginNone {
		part("environment", "defers to", l.DeferEnv, "environment "+or(out.Link.DeferEnvironment, "?"))
	} else if l.Linked {
		nodes = append(nodes, Node{
			Key: "environment", Label: "defers to", Value: "Staging if there is one, else Production", From: &Place{Text: "default"},
			Children: []Node{{
				Key: "choose", Label: "Another environment is chosen by defer-env-id", Actions: b.remedies(dbt.Reason{}),
			}},
			Collapsed: true,
		})
	}
	if l.DeferJob.From.Kind != dbt.OriginNone {
		part("job", "job", l.DeferJob, or(out.Link.DeferJob, "?"))
	}
	if login := b.Login(); b.Platform || login.Via != dbt.LoginNone {
		nodes = append(nodes, b.loginNode(login))
	}
	return nodes
}

// projectValue is the project's id, and its name where dbt_cloud.yml has it.
func (b platformBuilder) projectValue(out StatusProject) string {
	id := or(out.Link.ProjectID, "?")
	if e := b.Link.Entry; e != nil && !b.Link.Mixed && e.ProjectName.Text != "" {
		return e.ProjectName.Text + " (" + id + ")"
	}
	return id
}

func (b platformBuilder) accountValue(out StatusProject) string {
	id := or(out.Link.Account, "?")
	if e := b.Link.Entry; e != nil && !b.Link.Mixed && e.AccountName.Text != "" && b.Link.AccountID.From.Path == b.Cloud.Path {
		return e.AccountName.Text + " (" + id + ")"
	}
	return id
}

// tokenValue says whose token it is, and never more.
func tokenValue(token dbt.Part) string {
	if dbt.IsPersonalToken(token.Value) {
		return "a personal token"
	}
	return "a service token"
}

func (b platformBuilder) loginNode(l dbt.Login) Node {
	node := Node{Key: "login", Label: "signed in", Value: "no", Mark: MarkNone}
	switch l.Via {
	case dbt.LoginEnvironment:
		node.Value, node.From = "by variables", b.place(b.Env.Origin(dbt.TokenVariable))
	case dbt.LoginSession:
		node.Value = "by `dbt login`, if the session is still good; deferral does not use it"
	case dbt.LoginFile:
		node.Value, node.From = "by dbt_cloud.yml, to project "+l.Entry.ProjectID.Text, b.place(dbt.Origin{Kind: dbt.OriginFile, Path: b.Cloud.Path, Span: l.Entry.Span})
	}
	if l.Via == dbt.LoginNone && l.Problem != "" {
		node.Value = "no: " + l.Problem
	}
	if l.Via != dbt.LoginNone && !b.Link.Linked {
		node.Value += "; that links no folder"
	}
	return node
}

func (b platformBuilder) deferralNode() Node {
	node := Node{Key: "deferral", Label: "deferral", Value: "off", Mark: MarkOff}
	switch d := b.Project.Deferral; {
	case d.On:
		node.Value, node.Mark = "on", MarkOK
	case b.Platform && !d.ChosenOff():
		node.Mark = MarkWarning
	}
	for i, r := range b.deferralReasons() {
		child := Node{Key: string(r.Code), Label: r.Message, From: b.place(r.At)}
		if i == 0 && node.Mark == MarkWarning || r.Code == dbt.ReasonCacheOtherEnv {
			child.Mark = MarkWarning
		}
		if b.Platform {
			child.Actions = b.reasonActions(r)
		}
		node.Children = append(node.Children, child)
	}
	if b.Platform {
		node.Children = append(node.Children, b.noteNodes()...)
		node.Children = append(node.Children, b.cacheNodes()...)
	}
	return node
}

// reasonActions are what a person may do about a reason: a change of files, or
// else the place or the page that helps.
func (b platformBuilder) reasonActions(r dbt.Reason) []Action {
	actions := b.remedies(r)
	setting := func(name string) []Action {
		return append(actions, Action{Title: "Open the setting " + name, Command: OpenSetting, Arguments: []any{name}})
	}
	page := func(title, rule string) []Action {
		return append(actions, readAbout(rule, title)...)
	}
	switch r.Code {
	case dbt.ReasonSetting:
		return setting(r.At.Name)
	case dbt.ReasonCacheStale, dbt.ReasonCacheOtherEnv:
		return append(actions, b.clearAction())
	case dbt.ReasonNotV2, dbt.ReasonOSSBuild:
		return page("Read which dbt defers", "defer-off")
	case dbt.ReasonNoHome, dbt.ReasonNoCloudFile, dbt.ReasonCloudInvalid, dbt.ReasonIncomplete:
		return page("Read how to download dbt_cloud.yml", "defer-off")
	case dbt.ReasonUnknown:
		return page("Read why a project id is not known", "link-unknown-project")
	case dbt.ReasonNoProjectID:
		if len(actions) == 0 {
			return page("Read how to link the project", "link-missing")
		}
	case dbt.ReasonLocalState, dbt.ReasonMixed, dbt.ReasonFlag:
		switch {
		case len(actions) > 0:
		case r.At.Kind == dbt.OriginEditor && r.At.Name != "dbt.flag.state":
			return setting("dbt.environmentVariables")
		case r.At.Kind == dbt.OriginEditor:
			return setting(r.At.Name)
		case r.At.Kind == dbt.OriginShell:
			return append(actions, Action{Title: "Unset the variable in this shell", Shell: "unset " + r.At.Name})
		default:
			return page("Read what switches deferral off", "defer-off")
		}
	}
	return actions
}

// remedies are the changes of files that do away with a reason or a note; those of
// the zero value are choices.
func (b platformBuilder) remedies(r dbt.Reason) []Action {
	var actions []Action
	for _, remedy := range b.mendings {
		if remedy.Reason != r {
			continue
		}
		action := Action{Title: remedy.Title, Command: MendDeferral, Arguments: []any{b.Root, remedy.Title, r.At.Path, r.At.Span.Start}}
		if r.Code == dbt.ReasonNoProjectID && remedy.Preferred {
			action.Typed = b.fixing("link-missing,mesh-unlinked")
		}
		actions = append(actions, action)
	}
	return actions
}

// noteNodes tell of the commands that do otherwise, and of settings without effect.
func (b platformBuilder) noteNodes() []Node {
	commands := Node{Key: "commands", Label: "commands"}
	noops := Node{Key: "noops", Label: "settings"}
	for _, n := range b.notes() {
		group := &noops
		if n.Flag != nil {
			group = &commands
		}
		child := Node{Key: fmt.Sprintf("%s:%s:%d", n.Code, n.At.Path, n.At.Span.Start), Label: n.Message, From: b.place(n.At), Actions: b.remedies(n.Reason)}
		if n.At.Path == "" {
			child.Key = string(n.Code) + ":" + n.At.Name
		}
		if n.Place.File != nil {
			child.From = b.placeIn(n.Place.File, n.Place.Span)
		}
		if len(child.Actions) == 0 && n.Code == dbt.ReasonSetting {
			child.Actions = []Action{{Title: "Open the setting dbt.flag.defer", Command: OpenSetting, Arguments: []any{"dbt.flag.defer"}}}
		}
		group.Children = append(group.Children, child)
	}
	var nodes []Node
	if n := len(commands.Children); n > 0 {
		commands.Value = words.Plural(n, "command") + " of the repository with a flag on deferral"
		nodes = append(nodes, commands)
	}
	if n := len(noops.Children); n > 0 {
		noops.Value = words.Plural(n, "setting") + " that may mislead"
		nodes = append(nodes, noops)
	}
	return nodes
}

// cacheNodes tell of the manifests of dbt platform that are kept.
func (b platformBuilder) cacheNodes() []Node {
	var nodes []Node
	for _, c := range b.DeferralCaches() {
		if c.State == dbt.CacheAbsent {
			continue
		}
		node := Node{Key: "cache", Label: "kept manifest", Value: cacheValue(&c, b.Machine.Time()), From: b.whole(c.Path), Collapsed: true}
		if c.Editor {
			node.Key, node.Label = "editor-cache", "of the extension"
		}
		files := Node{Key: "files", Label: "Files", Value: b.short(filepath.Dir(c.Path)), Actions: []Action{b.clearAction()}}
		if !b.Link.Linked {
			node.Value += "; not used, since the project is not linked"
		}
		if c.State == dbt.CacheNoFile || c.State == dbt.CacheUnreadable {
			node.Mark, files.Actions = MarkWarning, nil
		}
		for _, detail := range []struct{ key, label, value string }{
			{"project", "project", c.Project}, {"environment", "environment", c.Environment}, {"version", "made by dbt", c.Version},
		} {
			if detail.value != "" {
				node.Children = append(node.Children, Node{Key: detail.key, Label: detail.label, Value: detail.value})
			}
		}
		node.Children = append(node.Children, files)
		nodes = append(nodes, node)
	}
	return nodes
}

// cacheValue says of what a kept manifest is, and how old.
func cacheValue(c *dbt.DeferralCache, now time.Time) string {
	switch c.State {
	case dbt.CacheNoFile:
		return "not a file, so that dbt cannot use it"
	case dbt.CacheUnreadable:
		return "cannot be read"
	}
	value := "fetched at a time that is not known"
	if age, ok := c.Age(now); ok {
		value = "fetched " + dbt.Ago(age) + " ago"
	}
	if c.Project != "" {
		value += ", of " + c.Project
	}
	if c.Environment != "" {
		value += ", environment " + c.Environment
	}
	return value
}

func (b platformBuilder) clearAction() Action {
	return Action{Title: "Delete the manifest that dbt has kept", Command: ClearDeferCache, Arguments: []any{b.Root}}
}
