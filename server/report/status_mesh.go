package report

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/docs"
	"github.com/dbt-hybrid/dbt-hybrid/server/words"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// StatusMesh is what dbt knows of other projects.
type StatusMesh struct {
	Projects []StatusUpstream `json:"projects"` // that dbt takes from dependencies.yml or packages.yml
	Packages []StatusPackage  `json:"packages"` // that it takes
	Ignored  []StatusIgnored  `json:"ignored"`  // projects that are declared, and that dbt passes over
	Both     bool             `json:"both"`     // both files list packages: dbt stops
	Unknown  []StatusUnknown  `json:"unknown"`  // first arguments of ref() that lead nowhere
	Next     *StatusMeshRun   `json:"next"`     // what the next command does; nil where no project is declared
}

// StatusUpstream is one declared project.
type StatusUpstream struct {
	Name     string          `json:"name"`
	Used     int             `json:"used"`
	Artifact *StatusArtifact `json:"artifact"` // nil where none is looked for
	File     *string         `json:"file"`
	Line     *int            `json:"line"`
	Clash    *string         `json:"clash"`  // "package", "own-name", "twice"
	Places   []StatusRef     `json:"places"` // of the refs
	at       *Place
	missing  []string // names of refs that the artifact does not have
}

// StatusRef is one ref('project', 'model').
type StatusRef struct {
	File   string  `json:"file"`   // relative to the project's root
	Line   int     `json:"line"`   // of the project's name, as the column
	Column int     `json:"column"` // in bytes, from 1
	Model  *string `json:"model"`  // nil where it is put together
	at     workspace.Location
}

// StatusArtifact is the publication artifact that dbt keeps of a project.
type StatusArtifact struct {
	State     workspace.ArtifactState `json:"state"`
	Age       *int                    `json:"age"`       // in seconds
	File      *string                 `json:"file"`      // nil in a folder that a variable names
	Problem   *string                 `json:"problem"`   // why nothing is known of the content
	Project   *string                 `json:"project"`   // that it says it is of
	Version   *string                 `json:"version"`   // of the dbt that made it
	Generated *string                 `json:"generated"` // RFC 3339
	Models    []string                `json:"models"`    // public ones by name; nil where not known
	path      string
}

// StatusPackage is one package that dbt takes.
type StatusPackage struct {
	Name      *string `json:"name"` // nil where only the package itself would tell
	Kind      string  `json:"kind"`
	Source    *string `json:"source"` // as it is listed; nil where it holds Jinja
	Installed *bool   `json:"installed"`
	Used      int     `json:"used"`
	File      string  `json:"file"`
	Line      int     `json:"line"`
	at        *Place
}

// StatusIgnored is one project that is declared for nothing.
type StatusIgnored struct {
	Name string `json:"name"`
	Used int    `json:"used"`
	File string `json:"file"`
	Line int    `json:"line"`
	at   *Place
}

// StatusUnknown is a name that refs use, and that is no project and no package.
type StatusUnknown struct {
	Name   string      `json:"name"`
	Used   int         `json:"used"`
	Meant  *string     `json:"meant"` // the closest known name
	Places []StatusRef `json:"places"`
}

// StatusMeshRun is what the next command of dbt does about other projects.
type StatusMeshRun struct {
	Code    workspace.MeshCode `json:"code"`
	Message string             `json:"message"`
	Fails   bool               `json:"fails"`
}

func (b statusBuilder) mesh() StatusMesh {
	m := b.Project.Mesh
	out := StatusMesh{Projects: []StatusUpstream{}, Packages: []StatusPackage{}, Ignored: []StatusIgnored{}, Unknown: []StatusUnknown{}, Both: m.Both}
	refs := b.refsByProject()
	for i, entry := range m.Projects {
		out.Projects = append(out.Projects, b.upstream(i, entry, refs[entry.Name]))
	}
	for _, entry := range m.Packages {
		out.Packages = append(out.Packages, b.listedPackage(entry, refs))
	}
	for _, entry := range m.Ignored {
		at := b.placeIn(b.packagesFile(entry.File), entry.At)
		ignored := StatusIgnored{Name: entry.Name, Used: len(refs[entry.Name]), at: at}
		if at != nil {
			ignored.File, ignored.Line = b.short(at.Path), at.Line
		}
		out.Ignored = append(out.Ignored, ignored)
	}
	out.Unknown = append(out.Unknown, b.unknownProjects(refs)...)
	if run := b.NextMeshRun(b.Machine.Time()); run.Code != workspace.MeshNone {
		out.Next = &StatusMeshRun{run.Code, run.Message, run.Fails}
	}
	return out
}

// refsByProject are the two-argument refs by their first argument, in the order
// of the files.
func (b statusBuilder) refsByProject() map[string][]StatusRef {
	refs := map[string][]StatusRef{}
	for _, ref := range b.Refs {
		at := ref.At.Position()
		refs[ref.Package] = append(refs[ref.Package], StatusRef{b.Rel(ref.At.File.Path), at.Line, at.Column, words.Known(ref.Model), ref.At})
	}
	return refs
}

func (b statusBuilder) packagesFile(file *dbt.PackagesFile) *workspace.File {
	if file == b.PackagesYAML {
		return b.Project.Packages
	}
	return b.Dependencies
}

func (b statusBuilder) upstream(i int, entry dbt.ProjectEntry, refs []StatusRef) StatusUpstream {
	out := StatusUpstream{Name: entry.Name, Used: len(refs), Places: refs, at: b.placeIn(b.packagesFile(entry.File), entry.At)}
	if refs == nil {
		out.Places = []StatusRef{}
	}
	if out.at != nil {
		out.File, out.Line = words.Known(b.short(out.at.Path)), &out.at.Line
	}
	switch {
	case slices.ContainsFunc(b.Project.Mesh.Projects[:i], func(e dbt.ProjectEntry) bool { return e.Name == entry.Name }):
		out.Clash = words.Known("twice")
	case entry.Name == b.Name:
		out.Clash = words.Known("own-name")
	case b.isPackage(entry.Name):
		out.Clash = words.Known("package")
	}
	if a := b.Artifact(entry.Name); a != nil {
		out.Artifact = b.artifact(a)
		if content := a.Content(); content != nil && content.Problem == dbt.PublicationFine {
			out.missing = missingModels(content, refs)
		}
	}
	return out
}

func (b statusBuilder) isPackage(name string) bool {
	return name != "" && (slices.Contains(b.Installed(), name) || slices.ContainsFunc(b.Project.Mesh.Packages, func(e dbt.PackageEntry) bool {
		listed, _ := b.PackageName(e)
		return listed == name
	}))
}

// missingModels are the models of refs that an artifact does not have, sorted.
func missingModels(content *dbt.Publication, refs []StatusRef) []string {
	var missing []string
	for _, ref := range refs {
		if ref.Model != nil && !content.Has(*ref.Model) {
			missing = append(missing, *ref.Model)
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

func (b statusBuilder) artifact(a *workspace.Artifact) *StatusArtifact {
	now := b.Machine.Time()
	out := &StatusArtifact{State: a.State(now)}
	if age, ok := a.Age(now); ok && a.Exists() {
		seconds := int(age.Seconds())
		out.Age = &seconds
	}
	content := a.Content()
	if content == nil {
		return out
	}
	if !a.Given {
		out.File, out.path = words.Known(b.short(a.Path)), a.Path
	}
	out.Problem, out.Project, out.Version = words.Known(string(content.Problem)), words.Known(content.Project), words.Known(content.Version)
	if !content.Generated.IsZero() {
		out.Generated = words.Known(content.Generated.UTC().Format("2006-01-02T15:04:05Z"))
	}
	if content.Problem == dbt.PublicationFine {
		out.Models = content.Names()
	}
	return out
}

func (b statusBuilder) listedPackage(entry dbt.PackageEntry, refs map[string][]StatusRef) StatusPackage {
	out := StatusPackage{Kind: packageKind(entry.Kind), Source: packageSource(entry), at: b.placeIn(b.packagesFile(entry.File), entry.At)}
	if name, installed := b.PackageName(entry); name != "" {
		out.Name, out.Installed, out.Used = &name, &installed, len(refs[name])
	}
	if out.at != nil {
		out.File, out.Line = b.short(out.at.Path), out.at.Line
	}
	return out
}

func packageKind(kind dbt.PackageKind) string {
	switch kind {
	case dbt.GitPackage:
		return "git"
	case dbt.LocalPackage:
		return "local"
	case dbt.PrivatePackage:
		return "private"
	case dbt.TarballPackage:
		return "tarball"
	}
	return "hub"
}

// packageSource is what a package is listed as, without what may be a password:
// the user of an address, and what stands behind its question mark.
func packageSource(entry dbt.PackageEntry) *string {
	source := strings.TrimSpace(entry.Source)
	switch {
	case dbt.HasJinja(source):
		return nil
	case !strings.Contains(source, "://"):
		return words.Known(source)
	}
	address, err := url.Parse(source)
	if err != nil || address.Scheme == "" || address.Opaque != "" { // who knows where a password is in it
		return nil
	}
	address.User, address.RawQuery, address.Fragment = nil, "", ""
	return words.Known(address.String())
}

// unknownProjects are the names that lead nowhere, sorted. Nothing is unknown
// while a package is not installed, since its name is not known either; what dbt
// passes over is told elsewhere.
func (b statusBuilder) unknownProjects(refs map[string][]StatusRef) []StatusUnknown {
	m := b.Project.Mesh
	known := append(b.Installed(), b.Name)
	if m.Both || len(known)-1 < len(m.Packages) {
		return nil
	}
	for _, entry := range slices.Concat(m.Projects, m.Ignored) {
		known = append(known, entry.Name)
	}
	var out []StatusUnknown
	for name, places := range refs {
		if !slices.Contains(known, name) {
			out = append(out, StatusUnknown{name, len(places), words.Known(diagnostics.Closest(name, known)), places})
		}
	}
	slices.SortFunc(out, func(a, b StatusUnknown) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// hasMesh reports whether there is anything to say of other projects and packages.
func hasMesh(m StatusMesh) bool {
	return len(m.Projects)+len(m.Packages)+len(m.Ignored)+len(m.Unknown) > 0 || m.Both
}

// readAbout leads to the page of a rule.
func readAbout(rule, title string) []Action {
	return []Action{{Title: title, Open: docs.Address(rule), Typed: "dbt-hybrid explain " + rule}}
}

// meshPlaces is how many places of refs, or models, are lines of a tree: a
// project may have thousands.
const meshPlaces = 50

func (b statusBuilder) meshNode(out StatusProject) Node {
	m := out.Mesh
	node := Node{Key: "mesh", Label: "mesh", Value: meshValue(m), Mark: MarkOK}
	for _, file := range []*workspace.File{b.Dependencies, b.Project.Packages} {
		if file.Exists() {
			node.From = b.whole(file.Path)
			break
		}
	}
	if m.Next != nil {
		node.Children = append(node.Children, b.nextNode(*m.Next))
	}
	for _, ignored := range m.Ignored {
		node.Children = append(node.Children, Node{Key: "ignored:" + ignored.Name, Label: ignored.Name, Value: "ignored by dbt, without a word: " + b.ignoredReason(), Mark: MarkWarning, From: ignored.at, Actions: readAbout("mesh-ignored", "Read how to have dbt see these projects")})
	}
	for _, unknown := range m.Unknown {
		node.Children = append(node.Children, b.unknownNode(unknown))
	}
	for i, project := range m.Projects {
		node.Children = append(node.Children, b.upstreamNode(i, project))
	}
	for i, pkg := range m.Packages {
		node.Children = append(node.Children, packageNode(i, pkg))
	}
	for _, child := range node.Children {
		if child.Mark == MarkError || child.Mark == MarkWarning && node.Mark != MarkError {
			node.Mark = child.Mark
		}
	}
	if node.Mark == MarkOK && len(m.Projects) == 0 {
		node.Mark = MarkNone
	}
	return node
}

func meshValue(m StatusMesh) string {
	parts := []string{words.Plural(len(m.Projects), "project")}
	if len(m.Packages) > 0 {
		parts = append(parts, words.Plural(len(m.Packages), "package"))
	}
	if len(m.Ignored) > 0 {
		parts = append(parts, words.Plural(len(m.Ignored), "project")+" ignored")
	}
	if len(m.Unknown) > 0 {
		parts = append(parts, words.Plural(len(m.Unknown), "unknown name"))
	}
	if len(m.Projects) == 0 && len(parts) > 1 {
		parts = parts[1:]
	}
	return strings.Join(parts, ", ")
}

// ignoredReason says which file switches projects off.
func (b statusBuilder) ignoredReason() string {
	if b.DependenciesYAML != nil && len(b.DependenciesYAML.Projects) > 0 && len(b.Project.Mesh.Projects) == 0 {
		return "packages.yml is there and lists no package"
	}
	return "dependencies.yml is there as well"
}

func (b statusBuilder) nextNode(run StatusMeshRun) Node {
	node := Node{Key: "next", Label: "next run", Value: run.Message, Mark: MarkOK}
	switch {
	case run.Code == workspace.MeshRefuses:
		node.Mark, node.Actions = MarkError, readAbout("mesh-both", "Read how to join the two lists")
	case run.Fails:
		node.Mark, node.Actions = MarkError, readAbout("mesh-unlinked", "Read what dbt needs to fetch other projects")
	case run.Code == workspace.MeshOSS, run.Code == workspace.MeshV1, run.Code == workspace.MeshKept && !b.Link.Linked:
		node.Mark = MarkWarning
	case run.Code == workspace.MeshGiven:
		node.Mark, node.From = MarkNone, b.place(b.Env.Origin(dbt.PublicationsVariable))
	}
	return node
}

func (b statusBuilder) unknownNode(unknown StatusUnknown) Node {
	node := Node{
		Key: "unknown:" + unknown.Name, Label: unknown.Name, Mark: MarkWarning, Collapsed: true,
		Value: words.Plural(unknown.Used, "ref") + ", but no project and no package of that name", From: b.placeIn(unknown.Places[0].at.File, unknown.Places[0].at.Span), Children: b.refNodes(unknown.Places),
		Actions: readAbout("mesh-unknown-project", "Read what a ref may name"),
	}
	if unknown.Meant != nil {
		node.Value += "; did you mean " + *unknown.Meant + "?"
	}
	return node
}

func (b statusBuilder) upstreamNode(i int, project StatusUpstream) Node {
	node := Node{Key: fmt.Sprintf("project:%d:%s", i, project.Name), Label: project.Name, Value: "never referenced", From: project.at, Mark: MarkOK, Collapsed: true}
	if project.Used > 0 {
		node.Value = words.Plural(project.Used, "ref")
	}
	switch or(project.Clash, "") {
	case "package":
		node.Value, node.Mark = node.Value+"; a package has the same name", MarkWarning
	case "own-name":
		node.Value, node.Mark = node.Value+"; it is the name of this project", MarkWarning
	case "twice":
		node.Value, node.Mark = node.Value+"; it is declared twice", MarkWarning
	}
	if kind := b.EngineKind(); project.Artifact != nil && (kind == engine.KindV2 || kind == engine.KindUnknown) {
		node.Value += "; " + artifactValue(project.Artifact)
		switch {
		case project.Artifact.Problem != nil:
			node.Mark = MarkWarning
		case project.Artifact.State == workspace.ArtifactAbsent && node.Mark == MarkOK:
			node.Mark = MarkNone // what comes of it is said of the next run
		}
		if len(project.missing) > 0 && project.Artifact.State == workspace.ArtifactFresh {
			node.Mark = MarkWarning
			node.Value += "; not public: " + strings.Join(firstOf(project.missing, 3), ", ")
		}
		node.Children = append(node.Children, b.artifactNode(project.Artifact))
	}
	if len(project.Places) > 0 {
		node.Children = append(node.Children, Node{Key: "refs", Label: "refs", Value: strconv.Itoa(project.Used), Children: b.refNodes(project.Places)})
	}
	return node
}

// artifactValue says what is kept of a project, and how old that is.
func artifactValue(a *StatusArtifact) string {
	if a.State == workspace.ArtifactAbsent {
		return "nothing fetched yet"
	}
	value := "fetched at a time that is not known"
	if a.Age != nil {
		value = "fetched " + dbt.Ago(time.Duration(*a.Age)*time.Second) + " ago"
	}
	if a.State == workspace.ArtifactStale {
		value += ", stale"
	}
	if a.Problem != nil {
		return value + "; the file " + dbt.PublicationProblem(*a.Problem).Sentence()
	}
	return value + ", " + words.Plural(len(a.Models), "public model")
}

func (b statusBuilder) artifactNode(a *StatusArtifact) Node {
	node := Node{Key: "artifact", Label: "artifact", Value: string(a.State)}
	if a.path != "" {
		node.From = &Place{Text: *a.File, Path: a.path}
		node.Actions = []Action{{Title: "Delete what dbt has kept of other projects", Command: ClearPublications, Arguments: []any{b.Root}}}
	}
	for i, model := range firstOf(a.Models, meshPlaces) {
		node.Children = append(node.Children, Node{Key: strconv.Itoa(i) + ":" + model, Label: model})
	}
	return node
}

func packageNode(i int, pkg StatusPackage) Node {
	node := Node{Key: fmt.Sprintf("package:%d", i), Label: or(pkg.Name, or(pkg.Source, "a package")), Value: pkg.Kind + " package", From: pkg.at}
	switch {
	case pkg.Installed == nil:
	case *pkg.Installed:
		node.Value += ", installed"
	default:
		node.Value += ", not installed: the next command installs it"
	}
	if pkg.Used > 0 {
		node.Value += ", " + words.Plural(pkg.Used, "ref")
	}
	return node
}

func (b statusBuilder) refNodes(places []StatusRef) []Node {
	var nodes []Node
	for i, ref := range firstOf(places, meshPlaces) {
		nodes = append(nodes, Node{Key: strconv.Itoa(i), Label: or(ref.Model, "a name that is put together"), From: b.placeIn(ref.at.File, ref.at.Span)})
	}
	return nodes
}

// firstOf returns the first few of a list.
func firstOf[T any](all []T, n int) []T { return all[:min(len(all), n)] }
