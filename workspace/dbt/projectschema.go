package dbt

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// ProjectProblem is a part of dbt_project.yml at which dbt v2 stops.
type ProjectProblem struct {
	Kind    ProjectProblemKind
	Span    text.Span
	Key     string // for the keys that dbt does not know
	Known   []string
	Message string    // what dbt does, as a sentence; for ProjectShape
	Remedy  string    // what to do, as a sentence
	Related text.Span // the other place; zero without one
	Repair  *Repair   // nil where the meaning is not plain
	V1      bool      // dbt v1 stops as well
	Newer   bool      // since its 2.0.0 dbt takes it
	// WholeProject says that a folder of resources is the project's own or one
	// above: dbt stops unless .dbtignore hides dbt_project.yml.
	WholeProject bool
}

// ProjectProblemKind is what is wrong.
type ProjectProblemKind int

// The kinds of problems of dbt_project.yml.
const (
	ProjectKey   ProjectProblemKind = iota // a key at the top level that dbt does not know
	LinkKey                                // a key of the link to dbt platform that dbt does not know
	ProjectShape                           // something else than dbt takes there
)

// Repair is an edit of the file that has a problem.
type Repair struct {
	Title string
	Edit  text.Edit
	Plain bool // nothing is lost, and nothing else can be meant
}

// projectKeys are the keys that dbt v2 takes at the top level of dbt_project.yml
// (`dbt man --schema project`, July 2026).
const projectKeys = `
analyses analysis-paths asset-paths clean-targets config-version data_tests dbt-cloud dispatch docs-paths exposures flags
function-paths functions log-path macro-paths metrics model-paths models name on-run-end on-run-start
packages-install-path profile query-comment quoting require-dbt-version restrict-access saved-queries seed-paths seeds
semantic-models snapshot-paths snapshots sources sync target-path test-paths tests unit_tests vars version
`

// linkKeys are the keys that dbt v2 takes in `dbt-cloud:`; state-org-id since
// 2.0.0.
const linkKeys = `
project-id defer-env-id state-org-id account_id account-host job-id run-id api_key application environment tenant_hostname
`

// mappingKeys are the settings whose value is a mapping of free keys.
const mappingKeys = `
meta grants docs persist_docs contract column_types labels quoting freshness tblproperties databricks_tags partition_by
snapshot_meta_column_names resource_tags
`

// ReadProject returns what dbt v2 does not take in a dbt_project.yml, in the
// order of its places. vars says that vars.yml holds variables. Of a file that
// is no YAML, or empty, it says nothing.
func ReadProject(file *yamlfile.File, vars bool) []ProjectProblem {
	r := &projectReader{file: file, vars: vars}
	root := file.Root
	switch {
	case root.IsNull():
		r.add(ProjectProblem{
			Kind: ProjectShape, Span: text.At(0), V1: true,
			Message: "dbt stops: dbt_project.yml is empty.", Remedy: "Write `name:` and `profile:`, each on its line.",
		})
		return r.problems
	case root.Resolved().Kind != yamlfile.Mapping:
		r.shape(root, "dbt stops: dbt_project.yml must be a mapping of keys and values.", "Write `name:` and `profile:`, each on its line.")
		return r.problems
	}
	for pair := range root.All() {
		r.key(pair)
	}
	if _, ok := root.Pair("name"); !ok {
		r.add(ProjectProblem{
			Kind: ProjectShape, Span: text.At(root.Span.Start), V1: true,
			Message: "dbt stops: dbt_project.yml has no `name:`.", Remedy: "Add the name of the project.",
		})
	}
	r.bothTests(root)
	slices.SortStableFunc(r.problems, func(a, b ProjectProblem) int { return a.Span.Start - b.Span.Start })
	return r.problems
}

type projectReader struct {
	file     *yamlfile.File
	problems []ProjectProblem
	kind     string                  // of the resources whose settings are read, as its key at the top
	seen     map[*yamlfile.Node]bool // of the settings of this kind: an alias is read once
	vars     bool
}

func (r *projectReader) add(p ProjectProblem) *ProjectProblem {
	r.problems = append(r.problems, p)
	return &r.problems[len(r.problems)-1]
}

func (r *projectReader) shape(node *yamlfile.Node, message, remedy string) *ProjectProblem {
	return r.add(ProjectProblem{Kind: ProjectShape, Span: spanOf(node), Message: message, Remedy: remedy})
}

func (r *projectReader) key(pair yamlfile.Pair) {
	name, isKey := textKey(pair.Key)
	value := pair.Value.Resolved()
	switch {
	case !isKey:
		r.shape(pair.Key, "dbt stops: a key of dbt_project.yml must be a text.", "Remove the key, or write a name.")
	case name == "source-paths" || name == "data-paths":
		r.renamed(pair, name)
	case !word(projectKeys, name):
		r.unknown(pair.Key, name)
	case name == "name":
		r.name(pair)
	case value.IsNull(), Templated(value): // absent, or known only after Jinja
		if value.IsNull() || name != "target-path" && name != "log-path" {
			return
		}
		r.path(pair, name)
	case name == "target-path" || name == "log-path":
		r.path(pair, name)
	case name == "dbt-cloud":
		r.link(value)
	default:
		r.value(name, value)
	}
}

// Templated reports whether a value is known only after Jinja.
func Templated(node *yamlfile.Node) bool {
	node = node.Resolved()
	return node != nil && node.Kind == yamlfile.Scalar && HasJinja(node.Value)
}

func (r *projectReader) unknown(key *yamlfile.Node, name string) {
	p := ProjectProblem{Kind: ProjectKey, Span: spanOf(key), Key: name, Known: strings.Fields(projectKeys)}
	switch letters(name) {
	case "dbtcloud", "cloud":
		p.Kind, p.Known = LinkKey, []string{CloudBlock}
		p.Repair = r.rename(key, CloudBlock)
	case "packages", "projects":
		p.Remedy = "Move it to dependencies.yml."
	case "selectors":
		p.Remedy = "Move it to selectors.yml."
	}
	r.add(p)
}

func (r *projectReader) rename(key *yamlfile.Node, to string) *Repair {
	return &Repair{Title: "Write `" + to + "`", Edit: text.Edit{Span: spanOf(key), New: to}, Plain: true}
}

func (r *projectReader) renamed(pair yamlfile.Pair, name string) {
	now := map[string]string{"source-paths": "model-paths", "data-paths": "seed-paths"}[name]
	p := r.shape(pair.Key, fmt.Sprintf("dbt stops: `%s` is called `%s` today.", name, now), fmt.Sprintf("Write `%s`.", now))
	p.Repair = r.rename(pair.Key, now)
	p.Newer = name == "data-paths"
}

func (r *projectReader) name(pair yamlfile.Pair) {
	const remedy = "Write a name of letters, digits and underscores."
	value := pair.Value.Resolved()
	switch {
	case value.IsNull():
		r.shape(pair.Key, "dbt stops: `name:` is empty.", remedy)
	case Templated(value):
	case !isText(value):
		r.quoted(r.shape(value, "dbt stops: `name:` must be a text.", "Put it in quotes, or write another name."), value)
	case strings.Contains(value.Value, " "):
		r.shape(value, "dbt stops: the name of a project must not contain blanks.", remedy)
	}
}

// path reports a folder for what dbt writes. Its default, as `dbt init` of dbt v1
// wrote it, is let pass.
func (r *projectReader) path(pair yamlfile.Pair, name string) {
	value := pair.Value.Resolved()
	if isText(value) && value.Value == map[string]string{"target-path": "target", "log-path": "logs"}[name] {
		return
	}
	variable := "DBT_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	p := r.shape(pair.Key, fmt.Sprintf("dbt v2 stops: `%s` may name no other folder in dbt_project.yml any more.", name),
		fmt.Sprintf("Remove it; another folder is set by `--%s` or %s.", name, variable))
	if r.file.Root != nil && slices.Contains(r.file.Root.Pairs, pair) {
		p.Repair = &Repair{Title: "Remove `" + name + "`", Edit: r.file.RemovePair(r.file.Root, pair)}
	}
}

func (r *projectReader) value(name string, value *yamlfile.Node) {
	switch name {
	case "flags", "asset-paths", "docs-paths", "clean-targets":
		if name != "flags" {
			r.texts(name, value)
		}
	case "model-paths", "macro-paths", "seed-paths", "snapshot-paths", "test-paths", "analysis-paths", "function-paths":
		r.texts(name, value)
		r.ownFolder(name, value)
	case "profile", "packages-install-path":
		if !isText(value) {
			r.quoted(r.shape(value, fmt.Sprintf("dbt stops: `%s:` must be a text.", name), "Put it in quotes, or write a name."), value)
		}
	case "config-version":
		r.configVersion(value)
	case "version":
		if t := value.Type(); !isText(value) && t != yamlfile.Int && t != yamlfile.Float {
			r.quoted(r.shape(value, "dbt stops: `version:` must be a text or a number.", "Put it in quotes."), value)
		}
	case "require-dbt-version", "on-run-start", "on-run-end":
		r.textOrTexts(name, value)
	case "restrict-access":
		if value.Type() != yamlfile.Bool {
			p := r.shape(value, "dbt stops: `restrict-access:` must be true or false.", "Write one of the two, without quotes.")
			if value.Value == "true" || value.Value == "false" {
				p.Repair = &Repair{Title: "Write it without quotes", Edit: text.Edit{Span: value.Span, New: value.Value}, Plain: true}
			}
		}
	case "query-comment":
		if !isText(value) && value.Type() != yamlfile.Map {
			r.quoted(r.shape(value, "dbt stops: `query-comment:` must be a text or a mapping.", "Put it in quotes, or remove it."), value)
		}
	case "dispatch":
		r.dispatch(value)
	case "quoting":
		r.only("quoting", value, "database", "identifier", "schema", "snowflake_ignore_case")
	case "sync":
		r.only("sync", value, "schema_refresh_interval")
	case "vars":
		r.variables(value)
	default:
		r.section(name, value)
	}
}

// texts wants a list of texts.
func (r *projectReader) texts(name string, value *yamlfile.Node) {
	if value.Type() != yamlfile.List {
		p := r.shape(value, fmt.Sprintf("dbt stops: `%s:` must be a list.", name), "Write a list of texts in brackets.")
		if source, ok := r.source(value); ok && isText(value) && value.Value != "" {
			p.Repair = &Repair{Title: "Put it in brackets", Edit: text.Edit{Span: value.Span, New: "[" + source + "]"}, Plain: true}
		}
		return
	}
	for _, item := range value.Items {
		if !isText(item) && !Templated(item) {
			r.quoted(r.shape(item, fmt.Sprintf("dbt stops: `%s:` must be a list of texts.", name), "Put the item in quotes, or remove it."), item)
		}
	}
}

// ownFolder reports the folder of the project itself, or one above it, among the
// folders that dbt reads.
func (r *projectReader) ownFolder(name string, value *yamlfile.Node) {
	if value.Type() != yamlfile.List {
		return
	}
	for _, item := range value.Items {
		if folder, ok := item.Text(); ok && isText(item) && !HasJinja(folder) && WholeProject(folder) {
			r.shape(item, "dbt v2 stops: this takes in the project's own folder, in which it would read dbt_project.yml as a file of properties.",
				fmt.Sprintf("Name a folder below it in `%s:`.", name)).WholeProject = true
		}
	}
}

// WholeProject reports whether a path is that of the folder it counts from, or of
// one above.
func WholeProject(name string) bool {
	clean := path.Clean(name)
	return clean == "." || clean == ".." || strings.HasPrefix(clean, "../") && strings.Trim(clean, "./") == ""
}

func (r *projectReader) configVersion(value *yamlfile.Node) {
	if value.Type() == yamlfile.Int {
		return
	}
	p := r.shape(value, "dbt stops: `config-version:` must be a whole number.", "Write 2, without quotes.")
	if isText(value) && value.Value == "2" {
		p.Repair = &Repair{Title: "Write it without quotes", Edit: text.Edit{Span: value.Span, New: "2"}, Plain: true}
	}
}

func (r *projectReader) textOrTexts(name string, value *yamlfile.Node) {
	wrong := !isText(value)
	if value.Type() == yamlfile.List {
		wrong = slices.ContainsFunc(value.Items, func(item *yamlfile.Node) bool { return !isText(item) && !Templated(item) })
	}
	if wrong {
		r.quoted(r.shape(value, fmt.Sprintf("dbt stops: `%s:` must be a text or a list of texts.", name), "Put it in quotes."), value)
	}
}

func (r *projectReader) dispatch(value *yamlfile.Node) {
	const remedy = "Write items with `macro_namespace:` and `search_order:`."
	if value.Type() != yamlfile.List {
		r.shape(value, "dbt stops: `dispatch:` must be a list.", remedy)
		return
	}
	for _, item := range value.Items {
		item = item.Resolved()
		namespace := item.Get("macro_namespace")
		order, ok := item.Pair("search_order")
		list := order.Value.Resolved()
		switch {
		case Templated(item):
		case item == nil || item.Kind != yamlfile.Mapping || !ok || !isText(namespace) && !Templated(namespace):
			r.shape(item, "dbt stops: an item of `dispatch:` needs the texts `macro_namespace:` and `search_order:`.", remedy)
		case !list.IsNull() && list.Type() != yamlfile.List && !Templated(list):
			r.shape(list, "dbt stops: `search_order:` must be a list.", "Put it in brackets.")
		default:
			r.keys("dispatch", item, "macro_namespace", "search_order")
		}
	}
}

// only wants a mapping with some of the keys.
func (r *projectReader) only(name string, value *yamlfile.Node, known ...string) {
	if value.Type() != yamlfile.Map {
		r.shape(value, fmt.Sprintf("dbt stops: `%s:` must be a mapping.", name), "Write "+list(known)+" below it.")
		return
	}
	r.keys(name, value, known...)
}

func (r *projectReader) keys(name string, mapping *yamlfile.Node, known ...string) {
	for pair := range mapping.All() {
		key, ok := textKey(pair.Key)
		if ok && slices.Contains(known, key) {
			continue
		}
		p := r.shape(pair.Key, fmt.Sprintf("dbt stops: `%s:` has no key `%s`.", name, key), "It takes only "+list(known)+".")
		for _, k := range known {
			if letters(key) == letters(k) {
				p.Repair = r.rename(pair.Key, k)
			}
		}
	}
}

func (r *projectReader) variables(value *yamlfile.Node) {
	switch {
	case value.Type() != yamlfile.Map:
		r.shape(value, "dbt stops: `vars:` must be a mapping.", "Write each variable below it, with a value.")
	case r.vars && len(value.Pairs) > 0:
		pair, _ := r.file.Root.Pair("vars")
		r.shape(pair.Key, "dbt v2 stops: variables stand here and in vars.yml.", "Keep them in one of the two files.")
	}
}

func (r *projectReader) link(value *yamlfile.Node) {
	if value.Type() != yamlfile.Map {
		r.shape(value, "dbt stops: `dbt-cloud:` must be a mapping.", "Write `project-id:` below it.")
		return
	}
	for pair := range value.All() {
		name, ok := textKey(pair.Key)
		item := pair.Value.Resolved()
		switch {
		case !ok || !word(linkKeys, name):
			r.linkKey(pair.Key, name)
		case item.IsNull(), Templated(item), isText(item):
		case name == "account-host" || name == "tenant_hostname":
			r.quoted(r.shape(item, fmt.Sprintf("dbt stops: `%s:` must be a text.", name), "Write the name of the host."), item)
		case item.Type() != yamlfile.Int:
			r.quoted(r.shape(item, fmt.Sprintf("dbt stops: `%s:` must be a text or a whole number.", name), "Write the id as dbt platform shows it."), item)
		}
	}
}

func (r *projectReader) linkKey(key *yamlfile.Node, name string) {
	p := r.add(ProjectProblem{Kind: LinkKey, Span: spanOf(key), Key: name, Known: strings.Fields(linkKeys)})
	for _, known := range p.Known {
		if letters(known) == letters(name) {
			p.Repair = r.rename(key, known)
		}
	}
}

func (r *projectReader) bothTests(root *yamlfile.Node) {
	old, hasOld := root.Pair("tests")
	now, hasNow := root.Pair("data_tests")
	if hasOld && hasNow && !old.Value.IsNull() && !now.Value.IsNull() {
		p := r.shape(old.Key, "dbt v2 aborts: `tests:` and `data_tests:` are the same, and both stand here.", "Move everything below `data_tests:`.")
		p.Related = spanOf(now.Key)
	}
}

// section reads the settings of one kind of resource: folders, and settings
// that begin with a +.
func (r *projectReader) section(name string, value *yamlfile.Node) {
	if value.Type() != yamlfile.Map {
		r.shape(value, fmt.Sprintf("dbt stops: `%s:` must be a mapping.", name), "Write a folder, or a setting that begins with +, below it.")
		return
	}
	r.kind, r.seen = name, map[*yamlfile.Node]bool{}
	r.settings(value, nil, 0)
}

// settings reads one level. within is the key around it that is a setting
// without its +.
func (r *projectReader) settings(node, within *yamlfile.Node, depth int) {
	node = node.Resolved()
	if r.seen[node] || depth > yamlfile.MaxDepth {
		return
	}
	r.seen[node] = true
	for pair := range node.All() {
		name, ok := textKey(pair.Key)
		setting, plus := strings.CutPrefix(name, "+")
		value := pair.Value.Resolved()
		switch {
		case !ok:
			r.shape(pair.Key, "dbt stops: the name of a folder must be a text.", "Put it in quotes.")
		case plus && takesSetting(r.kind, setting), value.IsNull():
		case value.Kind == yamlfile.Mapping:
			r.folder(pair, within, depth)
		case plus:
			r.setting(pair.Key, setting)
		case within != nil:
			r.withoutPlus(within)
		case takesSetting(r.kind, name):
			r.withoutPlus(pair.Key)
		default:
			r.shape(pair.Key, fmt.Sprintf("dbt v2 stops: without a + it takes `%s` for a folder, and a folder holds only folders and settings.", name),
				"Remove it, or move it below `+meta:`.")
		}
	}
}

// folder reads a mapping that dbt takes for a folder, whatever is meant.
func (r *projectReader) folder(pair yamlfile.Pair, within *yamlfile.Node, depth int) {
	name := pair.Key.Value
	setting, plus := strings.CutPrefix(name, "+")
	if within == nil && word(mappingKeys, name) {
		within = pair.Key
	}
	before := len(r.problems)
	r.settings(pair.Value, within, depth+1)
	if plus && (len(kindsWith(settingGroups[:], setting)) > 0 || among(newerSettings[:], r.kind, setting)) && len(r.problems) > before {
		r.problems = r.problems[:before] // all of them say that this is no setting here
		r.setting(pair.Key, setting)
	}
}

func (r *projectReader) setting(key *yamlfile.Node, name string) {
	if r.has(key.Span) {
		return
	}
	p := r.shape(key, fmt.Sprintf("dbt v2 stops: it knows no setting `+%s`.", name), "Remove it, or move it below `+meta:`.")
	p.Newer = among(newerSettings[:], r.kind, name)
	kinds, since := kindsWith(settingGroups[:], name), ""
	if len(kinds) == 0 && !p.Newer {
		kinds, since = kindsWith(newerSettings[:], name), " since its 2.0.0"
	}
	if len(kinds) > 0 {
		p.Message = fmt.Sprintf("dbt v2 stops: it knows no setting `+%s` below `%s:`, but below %s%s.", name, r.kind, list(kinds), since)
		p.Remedy = "Remove it."
	}
	for known := range SettingsOf(r.kind) {
		if letters(known) == letters(name) {
			p.Remedy = fmt.Sprintf("Write `+%s`.", known)
			p.Repair = r.rename(key, "+"+known)
		}
	}
	if p.Newer && p.Repair == nil {
		p.Message = fmt.Sprintf("dbt v2 stops: it knows `+%s` below `%s:` since its 2.0.0.", name, r.kind)
		p.Remedy = "Update dbt, or remove the setting."
	}
}

// has reports whether a problem of a place is known.
func (r *projectReader) has(span text.Span) bool {
	return slices.ContainsFunc(r.problems, func(p ProjectProblem) bool { return p.Span == span })
}

// withoutPlus reports a setting once, whatever stands below it.
func (r *projectReader) withoutPlus(key *yamlfile.Node) {
	if r.has(key.Span) {
		return
	}
	p := r.shape(key, fmt.Sprintf("dbt v2 stops: without a + it takes `%s` for a folder.", key.Value), fmt.Sprintf("Write `+%s`.", key.Value))
	if key.Style == yamlfile.Plain {
		p.Repair = r.rename(key, "+"+key.Value)
	}
}

// quoted offers quotes around a number or a boolean that should be a text.
func (r *projectReader) quoted(p *ProjectProblem, value *yamlfile.Node) {
	source, ok := r.source(value)
	switch value.Type() {
	case yamlfile.Bool, yamlfile.Int, yamlfile.Float:
		if ok {
			p.Repair = &Repair{Title: "Put quotes around it", Edit: text.Edit{Span: value.Span, New: `"` + source + `"`}, Plain: true}
		}
	}
}

// source returns what a scalar is written as, if it needs no escape in quotes
// and nothing else in brackets.
func (r *projectReader) source(node *yamlfile.Node) (string, bool) {
	if node == nil || node.Kind != yamlfile.Scalar {
		return "", false
	}
	source := string(node.Span.Of(r.file.Content))
	plain := node.Style != yamlfile.Plain || !strings.ContainsAny(source, "\"\\\n\r,[]{}#:")
	return source, plain && !strings.ContainsAny(source, "\n\r")
}

// word reports whether a name is one of the words of a list.
func word(list, name string) bool {
	return name != "" && !strings.ContainsAny(name, " \n") &&
		(strings.Contains(list, " "+name+" ") || strings.Contains(list, "\n"+name+" ") ||
			strings.Contains(list, " "+name+"\n") || strings.Contains(list, "\n"+name+"\n"))
}
