package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var yamlSyntax = Rule{
	Code:     "yaml-syntax",
	Section:  ProjectFiles,
	Rank:     10,
	Severity: Error,
	Scope:    Either,
	Title:    "A YAML file that dbt reads does not parse",
	Fix:      "★ tabs become blanks",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, file := range append(allYAML(p), p.PackageFiles...) {
			problem, broken := syntaxProblem(file.YAML())
			if !broken {
				continue
			}
			f := Finding{
				Refuses: true,
				Shared:  inRepository(p, file),
				At:      file.At(problem.Span),
				Message: "dbt cannot read " + name(p, file) + ": " + problem.Message + ".",
				Remedy:  yamlRemedies[problem.Kind],
			}
			if problem.Related.Len() > 0 && problem.Related.Start != problem.Span.Start {
				f.Related = []Related{{file.At(problem.Related), "what is not finished begins here"}}
			}
			if changes := file.YAML().TabEdits(); len(changes) > 0 {
				f.Fixes = []Fix{{Title: "Replace tabs by blanks", Safe: true, Preferred: true, Edits: edits(file, changes...)}}
			}
			report(f)
		}
	},
}

var yamlRemedies = [...]string{
	yamlfile.Syntax:        "Mend the line, or the one above it.",
	yamlfile.Tab:           "Indent with blanks.",
	yamlfile.DuplicateKey:  "Remove one of the two.",
	yamlfile.Documents:     "Keep one document: remove the second ---.",
	yamlfile.Encoding:      "Save the file as UTF-8.",
	yamlfile.UnquotedJinja: "Put the value in quotes.",
	yamlfile.BadValue:      "Write another value, or put it in quotes.",
	yamlfile.Depth:         "Nest less deeply.",
	yamlfile.Size:          "Split the file.",
}

// syntaxProblem returns the first problem that keeps dbt from reading a file.
// Jinja without quotes and duplicate keys have rules of their own.
func syntaxProblem(file *yamlfile.File) (yamlfile.Problem, bool) {
	unquoted := false
	for _, problem := range file.Problems {
		switch problem.Kind {
		case yamlfile.DuplicateKey:
		case yamlfile.UnquotedJinja:
			unquoted = true
		case yamlfile.Syntax:
			if !unquoted {
				return problem, true
			}
		default:
			return problem, true
		}
	}
	return yamlfile.Problem{}, false
}

// yamlFiles are the YAML files of a project that dbt reads.
func yamlFiles(p *workspace.Project) []*workspace.File {
	var files []*workspace.File
	for _, file := range append([]*workspace.File{p.File, p.ProfilesFile, p.Packages, p.Dependencies, p.Selectors}, p.Properties...) {
		if file.Exists() {
			files = append(files, file)
		}
	}
	return files
}

// allYAML are these files and vars.yml, in which a key may stand twice.
func allYAML(p *workspace.Project) []*workspace.File {
	files := yamlFiles(p)
	if p.VarsFile().Exists() {
		files = append(files, p.VarsFile())
	}
	return files
}

// inRepository reports whether a file is one of the project, not of the home folder.
func inRepository(p *workspace.Project, file *workspace.File) bool {
	return p.Rel(file.Path) != file.Path
}
