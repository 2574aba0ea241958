package diagnostics

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var meshBoth = Rule{
	Code:     "mesh-both",
	Section:  Platform,
	Rank:     130,
	Severity: Error,
	Scope:    Repository,
	Title:    "Both packages.yml and dependencies.yml list packages",
	Fix:      "☆ move them to packages.yml",
	Check: func(p *workspace.Project, report func(Finding)) {
		if !p.Mesh.Both {
			return
		}
		f := Finding{
			Refuses: true,
			At:      p.Dependencies.At(packagesKey(p.DependenciesYAML)),
			Message: "dbt stops: packages.yml and dependencies.yml both list packages, and only one of them may.",
			Remedy:  "Move all packages into one of the two files.",
			Related: []Related{{p.Packages.At(packagesKey(p.PackagesYAML)), "the other list"}},
		}
		if fix, ok := movePackages(p); ok {
			f.Fixes = []Fix{fix}
		}
		report(f)
	},
}

// packagesKey is the place of the word `packages` in a file.
func packagesKey(file *dbt.PackagesFile) text.Span {
	if pair, ok := file.YAML.Root.Pair("packages"); ok {
		return pair.Key.Span
	}
	return text.Span{}
}

// movePackages moves the lines of one list to the end of the other. It is not
// offered where the two files do not read as meant afterwards.
func movePackages(p *workspace.Project) (Fix, bool) {
	from, to := p.DependenciesYAML.YAML, p.PackagesYAML.YAML
	source, ok := from.Root.Pair("packages")
	target, found := to.Root.Pair("packages")
	if !ok || !found || !isBlockList(source.Value) || !isBlockList(target.Value) {
		return Fix{}, false
	}
	first, last := from.Lines.LineOf(source.Key.Span.End)+1, from.Lines.LineOf(lastByte(source.Value))
	lines := string(from.Content[from.Lines.Line(first).Start:from.Lines.LineWithEnd(last).End])
	end := to.Lines.LineWithEnd(to.Lines.LineOf(lastByte(target.Value))).End
	indent := indentOf(string(to.Content[to.Lines.Line(to.Lines.LineOf(target.Value.Items[0].Span.Start)).Start:]))
	added := reindent(lines, indent, text.LineEnding(to.Content))
	if end > 0 && to.Content[end-1] != '\n' {
		added = text.LineEnding(to.Content) + added
	}
	add, remove := text.Edit{Span: text.At(end), New: added}, from.RemovePair(from.Root, source)
	if !joined(p, add, remove) {
		return Fix{}, false
	}
	return Fix{
		Title: "Move the packages of dependencies.yml to packages.yml", Preferred: true,
		Edits: append(edits(p.Packages, add), edits(p.Dependencies, remove)...),
	}, true
}

// isBlockList reports whether a node is a list that is written on lines of its own.
func isBlockList(node *yamlfile.Node) bool {
	return node.Kind == yamlfile.Sequence && node.Style != yamlfile.Flow && len(node.Items) > 0
}

// joined reports whether packages.yml has all packages after two edits, and
// dependencies.yml none.
func joined(p *workspace.Project, add, remove text.Edit) bool {
	packages, err := text.Apply(p.Packages.Content, []text.Edit{add})
	if err != nil {
		return false
	}
	dependencies, err := text.Apply(p.Dependencies.Content, []text.Edit{remove})
	if err != nil {
		return false
	}
	all := dbt.ReadPackagesFile(p.Packages.Path, yamlfile.Parse(packages))
	rest := dbt.ReadPackagesFile(p.Dependencies.Path, yamlfile.Parse(dependencies))
	return len(all.Packages) == len(p.PackagesYAML.Packages)+len(p.DependenciesYAML.Packages) &&
		len(rest.Packages) == 0 && len(rest.Projects) == len(p.DependenciesYAML.Projects)
}

// lastByte is the offset of the last byte of a node.
func lastByte(node *yamlfile.Node) int { return max(node.Span.Start, node.Span.End-1) }

func indentOf(line string) string {
	return line[:len(line)-len(strings.TrimLeft(line, " "))]
}

// reindent gives lines another indentation and line ending; the first line that
// is not empty or a comment says which they have.
func reindent(lines, indent, ending string) string {
	before := ""
	for line := range strings.Lines(lines) {
		if trimmed := strings.TrimSpace(line); trimmed != "" && trimmed[0] != '#' {
			before = indentOf(line)
			break
		}
	}
	var out strings.Builder
	for line := range strings.Lines(lines) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" {
			line = indent + strings.TrimPrefix(line, before)
		}
		out.WriteString(line + ending)
	}
	return out.String()
}
