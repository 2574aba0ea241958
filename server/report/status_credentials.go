package report

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/server/words"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// StatusProfile is the connection that dbt chooses.
type StatusProfile struct {
	File    *string           `json:"file"`
	Name    *string           `json:"name"`
	Target  *string           `json:"target"`
	Adapter *string           `json:"adapter"`
	From    StatusProfileFrom `json:"from"`

	Problem *StatusProblem  `json:"problem"` // why no connection can be chosen
	Method  *string         `json:"method"`  // of signing in
	Fields  []StatusField   `json:"fields"`
	Missing []StatusMissing `json:"missing"`
	Readers []StatusReader  `json:"readers"`
	Init    StatusInit      `json:"init"`
}

// StatusProfileFrom says where each part of the choice comes from.
type StatusProfileFrom struct {
	File    *string `json:"file"`
	Name    *string `json:"name"`
	Target  *string `json:"target"`
	Adapter *string `json:"adapter"`
	Method  *string `json:"method"`
}

// StatusProblem is what keeps dbt from a file or a connection.
type StatusProblem struct {
	Code    string  `json:"code"` // of the rule that speaks of it
	Message string  `json:"message"`
	File    *string `json:"file"`
	Line    *int    `json:"line"`
}

// StatusField is one field of the connection, without its value.
type StatusField struct {
	Name      string                `json:"name"`
	Line      *int                  `json:"line"`
	Source    string                `json:"source"` // literal, variable, default, expression, dbt
	Variables []StatusFieldVariable `json:"variables"`
	Secret    bool                  `json:"secret"`
	Absent    bool                  `json:"absent"`   // dbt takes it for absent
	Template  bool                  `json:"template"` // somebody was to replace it
}

// StatusFieldVariable is a variable that a field asks for.
type StatusFieldVariable struct {
	Name    string  `json:"name"`
	State   string  `json:"state"` // as that of a variable
	From    *string `json:"from"`
	Default bool    `json:"default"`
}

// StatusMissing is a field that the connection lacks.
type StatusMissing struct {
	Field  string   `json:"field"`
	Or     []string `json:"or"`     // its other spellings
	Needed string   `json:"needed"` // parse: every command stops; connect: dbt cannot connect
	Reason string   `json:"reason"` // absent, empty
	Line   *int     `json:"line"`
}

// StatusReader is what one reader makes of profiles.yml.
type StatusReader struct {
	Reader    string         `json:"reader"`
	Directory string         `json:"directory"`
	File      *string        `json:"file"`
	Searched  []string       `json:"searched"`
	EnvFile   *string        `json:"envFile"` // that it reads, nil where there is none
	Name      *string        `json:"name"`
	Target    *string        `json:"target"`
	Adapter   *string        `json:"adapter"`
	Method    *string        `json:"method"`
	Lacks     []string       `json:"lacks"` // variables that its connection needs and does not get
	Problem   *StatusProblem `json:"problem"`
	Same      bool           `json:"same"` // as for a terminal in the project's folder
}

func (b statusBuilder) profile() StatusProfile {
	p := b.Profile
	fields, missing := b.Project.Fields()
	c := b.own()
	out := StatusProfile{
		Name: b.profileName(c), Adapter: b.adapterName(c), Method: b.methodName(c), Problem: b.problem(c, b.EngineKind() == engine.KindV1),
		Fields: []StatusField{}, Missing: []StatusMissing{}, Readers: []StatusReader{}, Init: b.init(),
	}
	out.From.Name = b.origin(p.NameFrom)
	if p.File != nil {
		out.File = words.Known(b.short(p.File.Path))
		out.From.File = words.Known("profile search order")
		if p.Explicit {
			out.From.File = words.Known("the folder that was given")
		}
	}
	if p.Node != nil && p.Problem != dbt.TargetUnknown {
		out.Target, out.From.Target = b.targetName(c), b.origin(p.TargetFrom)
	}
	out.From.Adapter, out.From.Method = textOf(b.placeIn(b.ProfilesFile, typeAt(p))), textOf(b.placeIn(b.ProfilesFile, c.signIn.At))
	for _, f := range fields {
		out.Fields = append(out.Fields, b.field(f))
	}
	if b.EngineKind() != engine.KindV1 {
		for _, m := range missing {
			out.Missing = append(out.Missing, b.missing(m))
		}
	}
	for _, r := range b.Project.Readers() {
		out.Readers = append(out.Readers, b.reader(r))
	}
	for i := range out.Readers {
		out.Readers[i].Same = sameReading(out.Readers[0], out.Readers[i])
	}
	return out
}

// chosen is a connection that a reader chooses, and the file that it comes from.
type chosen struct {
	*dbt.Profile
	file   *workspace.File
	signIn dbt.SignIn
	empty  string // the variable for an option that dbt refuses empty
}

// own is the connection that dbt chooses in the project's folder.
func (b statusBuilder) own() chosen {
	return chosen{b.Profile, b.ProfilesFile, b.Project.SignIn(), b.EmptyFolder()}
}

// ChosenNames are the names by which dbt chooses the connection of a project, as
// they may be shown: a value of a variable that nothing is called by is masked.
func ChosenNames(p *workspace.Project) (profile, target, adapter string) {
	b, c := newBuilder(p, p.Root, false, near), chosen{Profile: p.Profile}
	return or(b.profileName(c), ""), or(b.targetName(c), ""), or(b.adapterName(c), "")
}

// profileName is masked where it is the value of a variable that no profile of
// the file is called by.
func (b statusBuilder) profileName(c chosen) *string {
	return b.name(c.Name, c.NameFrom, c.Node != nil)
}

func (b statusBuilder) targetName(c chosen) *string {
	return b.name(c.Target, c.TargetFrom, c.Output != nil || slices.Contains(c.Outputs, c.Target))
}

func (b statusBuilder) name(name string, from dbt.Origin, known bool) *string {
	switch {
	case name == "":
		return nil
	case known || b.reveal || !b.fromVariable(from):
		return &name
	}
	return words.Known(secret.Mask)
}

// fromVariable reports whether a value comes from a variable.
func (b statusBuilder) fromVariable(from dbt.Origin) bool {
	switch from.Kind {
	case dbt.OriginShell, dbt.OriginEnvFile, dbt.OriginEditor:
		return true
	case dbt.OriginFile:
		file := b.file(from.Path)
		return !file.Exists() || dbt.HasJinja(file.At(from.Span).Text())
	}
	return false
}

func (b statusBuilder) adapterName(c chosen) *string {
	if node := c.Connection().Get("type"); b.reveal || node == nil || !dbt.HasJinja(node.Value) || slices.Contains(dbt.Adapters(), c.Adapter) {
		return words.Known(c.Adapter)
	}
	return words.Known(secret.Mask)
}

func (b statusBuilder) methodName(c chosen) *string {
	if c.signIn.Literal || b.reveal || c.signIn.Name == "" {
		return words.Known(c.signIn.Name)
	}
	return words.Known(secret.Mask)
}

func typeAt(p *dbt.Profile) text.Span {
	if node := p.Connection().Get("type"); node != nil {
		return node.Span
	}
	return text.Span{}
}

// problem says why a reader has no connection, nil where it has one.
func (b statusBuilder) problem(c chosen, v1 bool) *StatusProblem {
	if c.empty != "" {
		return &StatusProblem{Code: "env-setting-invalid", Message: c.empty + " is empty: dbt stops before it reads anything"}
	}
	if problem := b.projectProblem(v1); problem != nil {
		return problem
	}
	switch c.Problem {
	case dbt.ProfileFine:
		f := c.Profile.File
		if pair, ok := f.YAML.Root.Pair("config"); ok && !v1 {
			return b.problemOf("profile-structure", "dbt v2 refuses `config:` in profiles.yml", c.file, pair.Key)
		}
		if !v1 && f.YAML.Refused() {
			return b.refused(c.file, f.YAML)
		}
		return nil
	case dbt.ProfileUnset:
		if b.IsPackage() {
			return &StatusProblem{Code: "profile-unset", Message: "nothing names a profile: this looks like a package, which other projects install"}
		}
		return &StatusProblem{Code: "profile-unset", Message: "nothing names a profile"}
	case dbt.ProfilesNotFound:
		return &StatusProblem{Code: "profiles-not-found", Message: "no profiles.yml: looked for " + strings.Join(b.shortened(c.Searched), " and ")}
	case dbt.ProfilesUnreadable:
		if why := c.file.Unreadable(); why != "" {
			return &StatusProblem{Code: "profile-structure", Message: "profiles.yml cannot be read: " + why, File: b.path(c.file)}
		}
		return b.refused(c.file, c.Profile.File.YAML)
	case dbt.ProfileUnknown:
		return b.problemAt("env-missing", "the profile's name hangs on a variable that is not set", c.NameFrom)
	case dbt.ProfileMissing:
		return b.problemAt("profile-missing", b.short(c.Profile.File.Path)+" has no profile "+or(b.profileName(c), "of an empty name"), c.NameFrom)
	case dbt.ProfileWithoutOutputs:
		return b.problemOf("profile-structure", "the profile has no `outputs`", c.file, c.Node)
	case dbt.TargetUnknown:
		return b.problemOf("env-missing", "the target's name hangs on a variable that is not set", c.file, c.TargetNode)
	case dbt.TargetMissing:
		return b.problemOf("target-missing", "the profile has no target "+or(b.targetName(c), "of an empty name"), c.file, c.Node)
	case dbt.TargetShape:
		return b.problemOf("profile-structure", "the target is not a mapping", c.file, c.Output)
	}
	return b.problemOf("profile-structure", "the target has no `type` that is a name", c.file, c.Output)
}

// projectProblem says why dbt cannot read dbt_project.yml, without which it looks
// for no profile; nil where it can.
func (b statusBuilder) projectProblem(v1 bool) *StatusProblem {
	file := b.File
	if !file.Exists() {
		return &StatusProblem{Code: "yaml-syntax", Message: "dbt_project.yml cannot be read: " + workspace.Reason(file.Err), File: b.path(file)}
	}
	switch yaml := file.YAML(); {
	case yaml.Broken():
		return b.refused(file, yaml)
	case yaml.Refused() && !v1:
		return b.refused(file, yaml)
	case yaml.Root == nil || yaml.Root.Kind != yamlfile.Mapping:
		return &StatusProblem{Code: "project-schema", Message: "dbt_project.yml holds no settings", File: b.path(file)}
	}
	return nil
}

// ProfileProblem says why dbt has no connection in a project, "" where it has one.
func ProfileProblem(p *workspace.Project) string {
	b := newBuilder(p, p.Root, false, near)
	if problem := b.problem(b.own(), p.EngineKind() == engine.KindV1); problem != nil {
		return problem.Message
	}
	return ""
}

// refused is the first problem of a file that is no YAML for dbt.
func (b statusBuilder) refused(file *workspace.File, yaml *yamlfile.File) *StatusProblem {
	p := &StatusProblem{Code: "yaml-syntax", Message: "dbt cannot read " + file.Name() + " as YAML", File: b.path(file)}
	for _, problem := range yaml.Problems {
		if problem.Kind == yamlfile.UnquotedJinja && !yaml.Broken() {
			continue
		}
		line := yaml.Lines.Position(problem.Span.Start).Line
		p.Code, p.Message, p.Line = ruleAbout(problem.Kind), "dbt cannot read "+file.Name()+": "+problem.Message, &line
		break
	}
	return p
}

// ruleAbout is the rule that reports a problem of YAML.
func ruleAbout(kind yamlfile.ProblemKind) string {
	switch kind {
	case yamlfile.DuplicateKey:
		return "yaml-duplicate-key"
	case yamlfile.UnquotedJinja:
		return "jinja-unquoted"
	}
	return "yaml-syntax"
}

func (b statusBuilder) problemAt(code, message string, from dbt.Origin) *StatusProblem {
	p := &StatusProblem{Code: code, Message: message}
	if place := b.place(from); place != nil && place.Path != "" {
		p.File, p.Line = words.Known(b.short(place.Path)), line(place)
	}
	return p
}

func (b statusBuilder) problemOf(code, message string, file *workspace.File, node *yamlfile.Node) *StatusProblem {
	p := &StatusProblem{Code: code, Message: message, File: b.path(file)}
	if node != nil {
		p.Line = line(b.placeIn(file, node.Span))
	}
	return p
}

// path is the path of a file, nil without one.
func (b statusBuilder) path(file *workspace.File) *string {
	if file == nil {
		return nil
	}
	return words.Known(b.short(file.Path))
}

func (b statusBuilder) shortened(paths []string) []string {
	all := make([]string, len(paths))
	for i, path := range paths {
		all[i] = b.short(path)
	}
	return all
}

// placeIn is a place of any file, nil for an empty one.
func (b statusBuilder) placeIn(file *workspace.File, span text.Span) *Place {
	if !file.Exists() || span.Empty() {
		return nil
	}
	at := file.At(span).Position()
	return &Place{b.short(file.Path) + ":" + strconv.Itoa(at.Line), file.Path, at.Line, at.Column}
}

// lengthen is the way back from short.
func (b statusBuilder) lengthen(path string) string {
	if rest, ok := strings.CutPrefix(path, homeFolder); ok && b.Machine.Home != "" {
		return filepath.Join(b.Machine.Home, filepath.FromSlash(rest))
	}
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(b.cwd, path)
}

func textOf(place *Place) *string {
	if place == nil {
		return nil
	}
	return &place.Text
}

func line(place *Place) *int {
	if place == nil || place.Line == 0 {
		return nil
	}
	return &place.Line
}

func (b statusBuilder) field(f dbt.Field) StatusField {
	out := StatusField{
		Name: f.Name, Line: line(b.placeIn(b.ProfilesFile, f.Key)), Source: string(f.Source), Variables: []StatusFieldVariable{},
		Secret: f.Secret, Absent: f.Absent, Template: f.Template,
	}
	for _, v := range f.Variables {
		variable := StatusFieldVariable{Name: v.Name, State: workspace.Missing.String(), Default: v.Default}
		if known := b.Variable(v.Name); known != nil {
			variable.State = b.State(known).String()
		} else if v.Set {
			variable.State = workspace.Set.String()
		}
		variable.From = b.origin(b.Env.Origin(v.Name))
		out.Variables = append(out.Variables, variable)
	}
	return out
}

func (b statusBuilder) missing(m dbt.MissingField) StatusMissing {
	out := StatusMissing{Field: m.Names[0], Or: append([]string{}, m.Names[1:]...), Needed: "connect", Reason: "absent", Line: line(b.placeIn(b.ProfilesFile, m.Given))}
	if m.Parse {
		out.Needed = "parse"
	}
	if out.Line != nil {
		out.Reason = "empty"
	}
	return out
}

func (b statusBuilder) reader(r workspace.Reader) StatusReader {
	c := chosen{r.Profile, r.File, r.SignIn, r.Empty}
	out := StatusReader{
		Reader: string(r.Kind), Directory: cmp.Or(b.short(r.Dir), "."), File: b.path(r.File), Searched: b.shortened(r.Profile.Searched),
		Name: b.profileName(c), Adapter: b.adapterName(c), Method: b.methodName(c), Lacks: append([]string{}, r.Lacks...),
		Problem: b.problem(c, r.Kind == workspace.ReaderV1),
	}
	if r.Profile.Node != nil && r.Profile.Problem != dbt.TargetUnknown {
		out.Target = b.targetName(c)
	}
	if r.EnvFile.Exists() {
		out.EnvFile = b.path(r.EnvFile)
	}
	return out
}

// sameReading reports whether two readers come to the same connection.
func sameReading(a, b StatusReader) bool {
	same := func(a, b *string) bool { return or(a, "") == or(b, "") }
	return same(a.File, b.File) && same(a.Name, b.Name) && same(a.Target, b.Target) && same(a.Adapter, b.Adapter) && (a.Problem == nil) == (b.Problem == nil) &&
		slices.Equal(a.Lacks, b.Lacks)
}

func (b statusBuilder) credentialsNode(out StatusProject) Node {
	p := out.Profile
	node := Node{Key: "credentials", Label: "credentials", Value: "no profiles.yml", Mark: MarkError}
	switch {
	case p.File != nil:
		node.Value, node.Mark, node.From = *p.File, MarkOK, b.whole(b.Profile.File.Path)
	case b.Profile.Problem == dbt.ProfileUnset:
		node.Value = "no profile" // none is looked for
	}
	if p.Problem != nil {
		node.Mark = MarkError
		node.Children = append(node.Children, Node{
			Key: "problem", Label: "problem", Value: p.Problem.Message, Mark: MarkError, From: b.problemPlace(p.Problem), Actions: b.problemActions(p),
		})
	}
	if p.File != nil || p.Name != nil {
		node.Children = append(node.Children, Node{Key: "profile", Label: "profile", Value: or(p.Name, "not known"), From: b.place(b.Profile.NameFrom)})
	}
	if p.File != nil {
		node.Children = append(node.Children,
			Node{Key: "target", Label: "target", Value: or(p.Target, "not known"), From: b.place(b.Profile.TargetFrom)},
			Node{Key: "adapter", Label: "adapter", Value: or(p.Adapter, "not known"), From: b.placeIn(b.ProfilesFile, typeAt(b.Profile))})
	}
	if p.Method != nil {
		node.Children = append(node.Children, Node{Key: "method", Label: "sign-in", Value: *p.Method, From: b.placeIn(b.ProfilesFile, b.Project.SignIn().At)})
	}
	if len(p.Fields) > 0 {
		node.Children = append(node.Children, b.fieldsNode(p))
	}
	node.Children = append(node.Children, b.readersNode(p), b.initNode(p.Init))
	if cloud := b.cloudNode(out.CloudFile); cloud != nil {
		node.Children = append(node.Children, *cloud)
	}
	for _, child := range node.Children {
		if child.Mark == MarkError || child.Mark == MarkWarning {
			node.Mark = worse(node.Mark, child.Mark)
		}
	}
	return node
}

// problemActions are what helps where there is no connection.
func (b statusBuilder) problemActions(p StatusProfile) []Action {
	about := readAbout(p.Problem.Code, "Read what to do about the problem")
	if p.Problem.Code == "profiles-not-found" && b.EngineKind() == engine.KindV2 {
		return append([]Action{{Title: "Write profiles.yml by answering questions", Shell: p.Init.Command}}, about...)
	}
	return about
}

func (b statusBuilder) problemPlace(p *StatusProblem) *Place {
	switch {
	case p.File == nil:
		return nil
	case p.Line == nil:
		return &Place{Text: *p.File, Path: b.lengthen(*p.File)}
	}
	return &Place{Text: fmt.Sprintf("%s:%d", *p.File, *p.Line), Path: b.lengthen(*p.File), Line: *p.Line, Column: 1}
}

// fieldsNode says in one line what a connection is made of; its children are for
// the tree.
func (b statusBuilder) fieldsNode(p StatusProfile) Node {
	node := Node{Key: "fields", Label: "fields", Mark: MarkOK, Collapsed: true}
	given, variables := 0, map[string]bool{} // by name, whether dbt lacks it
	for _, f := range p.Fields {
		child := b.fieldNode(f)
		node.Mark = worse(node.Mark, child.Mark)
		node.Children = append(node.Children, child)
		if f.Source != string(dbt.ValueEngine) && !f.Absent {
			given++
		}
		for _, v := range f.Variables {
			variables[v.Name] = variables[v.Name] || v.lacking() && !v.Default
		}
	}
	node.Value = fmt.Sprintf("%d given", given)
	if len(variables) > 0 {
		node.Value += ", with " + words.Plural(len(variables), "variable")
	}
	lacking := 0
	for _, lacks := range variables {
		if lacks {
			lacking++
		}
	}
	if lacking > 0 {
		node.Value += fmt.Sprintf(", %d of them not set", lacking)
	}
	var parse, connect []string
	for _, m := range p.Missing {
		name := strings.Join(append([]string{m.Field}, m.Or...), " or ")
		child := Node{Key: "missing " + m.Field, Label: name, Value: "missing, dbt stops", Mark: MarkError, From: b.lineOfProfiles(m.Line)}
		if m.Reason == "empty" {
			child.Value = "empty, dbt stops"
		}
		if m.Needed == "parse" {
			parse = append(parse, name)
		} else {
			child.Value, child.Mark = strings.Replace(child.Value, "dbt stops", "dbt cannot connect", 1), MarkWarning
			connect = append(connect, name)
		}
		node.Mark = worse(node.Mark, child.Mark)
		node.Children = append(node.Children, child)
	}
	if len(parse)+len(connect) > 0 {
		node.Actions = readAbout("profile-field-required", "Read which fields the profile needs")
	}
	if len(parse) > 0 {
		node.Value += "; dbt stops without " + strings.Join(parse, ", ")
	}
	if len(connect) > 0 {
		node.Value += "; connecting needs " + strings.Join(connect, ", ")
	}
	return node
}

func (b statusBuilder) fieldNode(f StatusField) Node {
	node := Node{Key: f.Name, Label: f.Name, Value: "in the file", From: b.lineOfProfiles(f.Line)}
	var names []string
	for _, v := range f.Variables {
		name := v.Name
		switch {
		case v.lacking() && !v.Default && v.State == workspace.Missing.String() && b.Supplier(v.Name) != nil:
			name += " (only in what " + b.short(b.Supplier(v.Name).Path) + " starts)"
			node.Mark = worse(node.Mark, MarkWarning)
		case v.lacking():
			name += " (" + v.State + ")"
			if !v.Default {
				node.Mark = MarkError
			}
		case v.From != nil:
			name += " (" + *v.From + ")"
		}
		names = append(names, name)
	}
	switch dbt.ValueSource(f.Source) {
	case dbt.ValueVariable:
		node.Value = strings.Join(names, ", ")
	case dbt.ValueDefault:
		node.Value = "the default of " + strings.Join(names, ", ")
	case dbt.ValueExpression:
		node.Value = "Jinja"
	case dbt.ValueEngine:
		node.Value = "what dbt takes by itself"
	case dbt.ValueLiteral:
		if f.Template {
			node.Value, node.Mark = "in the file, still as in a template", MarkWarning
		}
	}
	if f.Absent {
		node.Value += ", counts as absent"
	}
	return node
}

// lineOfProfiles is a line of the profiles.yml that dbt chooses.
func (b statusBuilder) lineOfProfiles(line *int) *Place {
	if line == nil || b.ProfilesFile == nil {
		return nil
	}
	return &Place{b.short(b.ProfilesFile.Path) + ":" + strconv.Itoa(*line), b.ProfilesFile.Path, *line, 1}
}

// lacking reports whether dbt does not get the variable.
func (v *StatusFieldVariable) lacking() bool {
	return v.State == workspace.Missing.String() || v.State == workspace.Lost.String()
}

// worse returns the worse of two marks.
func worse(a, b Mark) Mark {
	order := []Mark{MarkError, MarkWarning, MarkOff, MarkNone, MarkOK}
	if slices.Index(order, b) < slices.Index(order, a) && b != MarkNone {
		return b
	}
	return a
}

// readersNode says which readers come to another connection than a terminal in
// the project's folder.
func (b statusBuilder) readersNode(p StatusProfile) Node {
	node := Node{Key: "readers", Label: "readers", Mark: MarkOK, Collapsed: true}
	var differ []string
	for _, r := range p.Readers {
		child := Node{Key: r.Reader, Label: readerName(r), Value: readerSays(r), Mark: MarkOK}
		if r.File != nil {
			child.From = &Place{Text: *r.File, Path: b.lengthen(*r.File)}
		}
		if !r.Same {
			if r.Reader != string(workspace.ReaderV1) || b.hasV1() {
				differ = append(differ, child.Label)
			}
			child.Mark = MarkNone
			if b.matters(r, p.Readers[0]) {
				child.Mark, node.Mark = MarkWarning, MarkWarning
			}
		}
		node.Children = append(node.Children, child)
	}
	if node.Value = "all read the same"; len(differ) > 0 {
		node.Value = "all but " + words.List(differ) + " read the same"
		node.Collapsed = node.Mark == MarkOK
	}
	return node
}

// matters reports whether somebody works with a reader that comes to another
// connection than a terminal: it is the dbt extension, or a dbt v1 that is there.
func (b statusBuilder) matters(r, terminal StatusReader) bool {
	if or(r.File, "") == or(terminal.File, "") && or(r.Name, "") == or(terminal.Name, "") && or(r.Target, "") == or(terminal.Target, "") {
		return false
	}
	switch workspace.ReaderKind(r.Reader) {
	case workspace.ReaderExtension:
		return true
	case workspace.ReaderV1:
		return b.hasV1()
	}
	return false
}

func (b statusBuilder) hasV1() bool {
	return slices.ContainsFunc(b.Project.Engine.Installs, func(i engine.Install) bool { return i.Kind == engine.KindV1 })
}

func readerName(r StatusReader) string {
	switch workspace.ReaderKind(r.Reader) {
	case workspace.ReaderTerminal:
		return "a terminal in the project"
	case workspace.ReaderSubfolder:
		if r.Directory == "." {
			return "a terminal here"
		}
		return "a terminal in " + r.Directory
	case workspace.ReaderExtension:
		return "the dbt extension"
	}
	return "dbt v1"
}

func readerSays(r StatusReader) string {
	says := fmt.Sprintf("profile %s, target %s", or(r.Name, "not known"), or(r.Target, "not known"))
	if r.Problem != nil {
		says = r.Problem.Message
	}
	if len(r.Lacks) > 0 {
		says += "; does not get " + strings.Join(r.Lacks, ", ")
	}
	return says
}
