package workspace

import (
	"bytes"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// connections are the units of a profiles.yml, and what they follow from.
type connections struct {
	from  selection
	units []*unit
	// The templates of the newest content that can be read as YAML, and of the
	// newest that cannot, for the contents that follow.
	values, texts []*jinja.Template
}

// A selection is what the units of profiles.yml follow from.
type selection struct {
	file            *File
	profile, target string
	from            dbt.OriginKind // of the target
}

// profileUnits reads the units of profiles.yml, or returns those of the project
// before.
func (b *builder) profileUnits() []*unit {
	p := b.Project
	p.connections = b.before.connections
	from := selection{p.ProfilesFile, p.Profile.Name, p.Profile.Target, p.Profile.TargetFrom.Kind}
	if from == p.connections.from {
		return p.connections.units
	}
	_, own := fspath.Rel(p.Root, p.ProfilesFile.Path)
	c := &p.connections
	if c.from = from; p.ProfilesFile.YAML().Broken() {
		c.units = profileTexts(p.ProfilesFile, p.Profile.Name, own, &templates{before: c.texts})
		c.texts = templatesOf(c.units)
	} else {
		c.units = profileUnits(p.ProfilesFile, p.Profile, own, &templates{before: c.values})
		c.values = templatesOf(c.units)
	}
	return c.units
}

// templates parses texts, most of which were parsed before in nearly the same
// order.
type templates struct {
	before []*jinja.Template
	at     int // of before, the one that is expected next
}

func (t *templates) parse(text string) *jinja.Template {
	const near = 16
	for i := t.at; i < min(t.at+near, len(t.before)); i++ {
		if t.before[i].Source == text {
			t.at = i + 1
			return t.before[i]
		}
	}
	return jinja.Parse(strings.Clone(text)) // the content around it is not to be kept in memory
}

func templatesOf(units []*unit) []*jinja.Template {
	all := make([]*jinja.Template, len(units))
	for i, u := range units {
		all[i] = u.template
	}
	return all
}

// profileTexts finds the calls in a profiles.yml that cannot be read as YAML,
// profile by profile, each of which begins its line.
func profileTexts(file *File, profile string, whole bool, parsed *templates) []*unit {
	var units []*unit
	lines, content := file.Lines(), file.Content
	for first, end := 0, 0; first < lines.Count(); first = end {
		for end = first + 1; end < lines.Count() && !beginsEntry(lines.Line(end).Of(content)); end++ {
			continue
		}
		head := lines.Line(first)
		name, _, _ := bytes.Cut(head.Of(content), []byte(":"))
		selected := profile != "" && string(bytes.Trim(name, "'\" ")) == profile
		text := withoutComments(content[head.Start:lines.LineWithEnd(end-1).End])
		if !whole && !selected || !dbt.HasJinja(text) {
			continue
		}
		u := &unit{file: file, template: parsed.parse(text), shift: -head.Start, scope: "profiles:", secrets: true, selected: selected, aside: !selected, phase: onTarget}
		if selected {
			u.phase = onParse
		}
		units = append(units, u)
	}
	return units
}

func beginsEntry(line []byte) bool {
	return len(line) > 0 && bytes.IndexByte([]byte(" \t#-"), line[0]) < 0
}

// profileUnits reads the targets of one profile. A value that merge keys bring
// into several targets belongs to each of them; the selected one counts.
func profileUnits(file *File, profile *dbt.Profile, whole bool, parsed *templates) []*unit {
	p := &profileReader{file: file, profile: profile, parsed: parsed}
	if file.YAML().HasAliases() {
		p.seen = map[*yamlfile.Node]*unit{}
	}
	for pair := range file.YAML().Root.All() {
		name := pair.Key.Value
		if !whole && name != profile.Name {
			continue
		}
		p.read(name, pair.Value.Resolved())
	}
	return p.units
}

type profileReader struct {
	file    *File
	profile *dbt.Profile
	parsed  *templates
	units   []*unit
	block   []unit // what is left of the last block of units
	// What aliases lead to again; nil without aliases.
	seen   map[*yamlfile.Node]*unit
	walked map[*yamlfile.Node]bool // collections of the output that is being read
}

func (p *profileReader) read(name string, node *yamlfile.Node) {
	if target := node.Get("target"); target != nil {
		p.add(target, p.output(name, p.profile.Target, p.profile.TargetNode == target && p.profile.TargetFrom.Kind == dbt.OriginFile))
	}
	outputs := node.Get("outputs")
	if outputs == nil || outputs.Kind != yamlfile.Mapping {
		return
	}
	for pair := range outputs.All() {
		if p.seen != nil {
			p.walked = map[*yamlfile.Node]bool{}
		}
		p.below(pair.Value, p.output(name, pair.Key.Value, p.profile.Output != nil && pair.Key.Value == p.profile.Target), 0)
	}
}

// unit returns a unit that is to be filled in. A long file has thousands.
func (p *profileReader) unit() *unit {
	if len(p.block) == 0 {
		p.block = make([]unit, min(len(p.units)+1, 64))
	}
	u := &p.block[0]
	p.block = p.block[1:]
	return u
}

// An output is a target that is being read.
type output struct {
	scope           string
	selected, aside bool
}

func (p *profileReader) output(profile, target string, selected bool) output {
	own := profile == p.profile.Name
	return output{"profiles:" + profile + "/" + target, own && selected, !own}
}

// below reads all values of an output, at any depth.
func (p *profileReader) below(node *yamlfile.Node, o output, depth int) {
	node = node.Resolved()
	switch {
	case node == nil:
		return
	case node.Kind == yamlfile.Scalar:
		p.add(node, o)
		return
	case p.walked[node] || depth > yamlfile.MaxDepth:
		return
	}
	if p.walked != nil {
		p.walked[node] = true
	}
	switch node.Kind {
	case yamlfile.Mapping:
		for pair := range node.All() {
			p.below(pair.Value, o, depth+1)
		}
	case yamlfile.Sequence:
		for _, item := range node.Items {
			p.below(item, o, depth+1)
		}
	}
}

func (p *profileReader) add(node *yamlfile.Node, o output) {
	node = node.Resolved()
	if node == nil || node.Kind != yamlfile.Scalar || !dbt.HasJinja(node.Value) {
		return
	}
	u := p.seen[node]
	if u == nil {
		u = p.unit()
		u.file, u.node, u.template, u.secrets = p.file, node, p.parsed.parse(node.Value), true
		if p.seen != nil {
			p.seen[node] = u
		}
		p.units = append(p.units, u)
	} else if u.selected || !o.selected {
		return
	}
	u.scope, u.selected, u.aside, u.phase = o.scope, o.selected, o.aside, onTarget
	if o.selected {
		u.phase = onParse
	}
}
