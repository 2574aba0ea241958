package diagnostics

import (
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var yamlDuplicateKey = Rule{
	Code:     "yaml-duplicate-key",
	Section:  ProjectFiles,
	Rank:     20,
	Severity: Error,
	Scope:    Either,
	Title:    "A key stands twice in one mapping of a YAML file",
	Fix:      "remove the one that dbt v1 ignored",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, file := range yamlFiles(p) {
			if file.YAML().Broken() {
				continue
			}
			for _, problem := range file.YAML().Problems {
				if problem.Kind == yamlfile.DuplicateKey {
					report(duplicateKey(p, file, problem))
				}
			}
		}
	},
}

func duplicateKey(p *workspace.Project, file *workspace.File, problem yamlfile.Problem) Finding {
	first := file.At(problem.Related)
	f := stops(p, Finding{
		Shared:  inRepository(p, file),
		At:      file.At(problem.Span),
		Message: fmt.Sprintf("dbt v2 stops: this key stands twice in one mapping, first on line %d. dbt v1 took the last.", first.Line()),
		Remedy:  "Remove one of the two.",
		Related: []Related{{first, "the first is here"}},
	})
	if file == p.ProfilesFile {
		f.Message = fmt.Sprintf("dbt v2 stops, whatever the target: this key stands twice in one mapping, first on line %d. dbt v1 took the last.", first.Line())
	}
	if mapping, pair, ok := earlier(file.YAML().Root, problem); ok {
		f.Fixes = []Fix{{
			Title: fmt.Sprintf("Remove the one on line %d, which dbt v1 ignored", file.At(pair.Key.Span).Line()),
			Edits: edits(file, file.YAML().RemovePair(mapping, pair)),
		}}
	}
	return f
}

// earlier finds the mapping in which a key stands twice, and the last pair of
// that key before the place of the problem.
func earlier(node *yamlfile.Node, problem yamlfile.Problem) (mapping *yamlfile.Node, found yamlfile.Pair, ok bool) {
	if node == nil || node.Kind == yamlfile.Scalar || !node.Span.Contains(problem.Span.Start) {
		return nil, yamlfile.Pair{}, false
	}
	for _, item := range node.Items {
		if mapping, found, ok = earlier(item, problem); ok {
			return mapping, found, true
		}
	}
	for _, pair := range node.Pairs {
		if pair.Key.Span == problem.Span {
			return node, found, ok
		}
		if pair.Key.Span == problem.Related || ok && pair.Key.Value == found.Key.Value {
			found, ok = pair, true
		}
	}
	for _, pair := range node.Pairs {
		if mapping, found, ok = earlier(pair.Value, problem); ok {
			return mapping, found, true
		}
	}
	return nil, yamlfile.Pair{}, false
}
