package diagnostics

import (
	"fmt"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var engineRequire = Rule{
	Code:     "engine-require",
	Section:  Engines,
	Rank:     70,
	Severity: Info,
	Scope:    Either,
	Title:    "require-dbt-version leaves out the dbt that runs here, or all of dbt v2",
	Fix:      "widen the range to dbt v2",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.EngineKind() == engine.KindV1 || p.EngineKind() == engine.KindPlatformCLI {
			return
		}
		node := p.File.YAML().Root.Get("require-dbt-version")
		bounds := versionBounds(node)
		if len(bounds) == 0 {
			return
		}
		first, found := p.Engine.First()
		version, err := engine.ParseVersion(first.Version)
		f := Finding{Remedy: "Widen the range if the project is meant for dbt v2."}
		switch {
		case leavesOutV2(bounds):
			f.Shared = true
			f.Message = "The range leaves out dbt v2. dbt v2 does not look at it; dbt v1 and dbt platform do."
		case found && err == nil && !allows(bounds, version):
			f.Message = fmt.Sprintf("The range leaves out the dbt that runs here, %s. dbt v2 does not look at it; dbt v1 and dbt platform do.", first.Version)
		default:
			return
		}
		f.At = p.File.At(node.Span)
		if fix, ok := widen(p.File, bounds); ok {
			f.Fixes = []Fix{fix}
		}
		report(f)
	},
}

// bound is one condition on a version, such as <2.0.0.
type bound struct {
	operator string
	version  engine.Version
	at       text.Span // of the version in the file; empty where it is not written as it is
}

// versionBounds reads a text or a list of texts. One that cannot be read leaves
// none: nothing is claimed then.
func versionBounds(node *yamlfile.Node) []bound {
	node = node.Resolved()
	items := []*yamlfile.Node{node}
	if node.Type() == yamlfile.List {
		items = node.Items
	}
	var bounds []bound
	for _, item := range items {
		value, ok := item.Text()
		if !ok || item.Type() != yamlfile.String || dbt.HasJinja(value) {
			return nil
		}
		at := 0
		for part := range strings.SplitSeq(value, ",") {
			b, ok := readBound(item.Resolved(), part, at)
			if !ok {
				return nil
			}
			bounds = append(bounds, b)
			at += len(part) + 1
		}
	}
	return bounds
}

func readBound(node *yamlfile.Node, part string, at int) (bound, bool) {
	trimmed := strings.TrimLeft(part, " ")
	number := strings.TrimLeft(trimmed, "<>=!~")
	operator := trimmed[:len(trimmed)-len(number)]
	digits := strings.TrimSpace(number)
	version, err := engine.ParseVersion(digits)
	if err != nil {
		return bound{}, false
	}
	start := at + strings.Index(part, digits)
	return bound{operator, version, text.Span{Start: node.Source(start), End: node.Source(start + len(digits))}}, true
}

func (b bound) allows(v engine.Version) bool {
	order := v.Compare(b.version)
	switch b.operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "=", "==", "":
		return order == 0
	}
	return true
}

func allows(bounds []bound, v engine.Version) bool {
	for _, b := range bounds {
		if !b.allows(v) {
			return false
		}
	}
	return true
}

// leavesOutV2 reports whether no release of dbt v2 can lie in a range: one of
// its upper ends is below 2.
func leavesOutV2(bounds []bound) bool {
	two, _ := engine.ParseVersion("2.0.0")
	for _, b := range bounds {
		below := b.version.Compare(two) < 0
		switch b.operator {
		case "<":
			if b.version.Compare(two) <= 0 {
				return true
			}
		case "<=", "=", "==", "":
			if below {
				return true
			}
		}
	}
	return false
}

// widen lets an upper end reach all of dbt v2.
func widen(file *workspace.File, bounds []bound) (Fix, bool) {
	fix := Fix{Title: "Allow dbt v2: <3.0.0"}
	three, _ := engine.ParseVersion("3.0.0")
	for _, b := range bounds {
		if b.operator != "<" || b.version.Compare(three) >= 0 || string(b.at.Of(file.Content)) == "" {
			continue
		}
		fix.Edits = append(fix.Edits, edits(file, text.Edit{Span: b.at, New: "3.0.0"})...)
	}
	return fix, len(fix.Edits) > 0
}
