package lsp

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// mention is a name of a variable, or a call without one, at a place that a
// person points at.
type mention struct {
	project  *workspace.Project
	file     *workspace.File
	span     text.Span
	call     *workspace.Call     // in SQL and YAML
	variable *workspace.Variable // nil for a call whose name is put together
}

// mentions returns what is at a byte of a file, in every project that reads it.
func mentions(projects []*workspace.Project, path string, at func(*workspace.File) int) []mention {
	var all []mention
	for _, p := range projects {
		if m, ok := envMention(p, path, at); ok {
			all = append(all, m)
			continue
		}
		if m, ok := callMention(p, path, at); ok {
			all = append(all, m)
		}
	}
	return all
}

// callMention looks through the calls of a project.
func callMention(p *workspace.Project, path string, at func(*workspace.File) int) (mention, bool) {
	var file *workspace.File
	var offset int
	for _, call := range p.Calls {
		if call.File != file && call.File.Path == path {
			file, offset = call.File, at(call.File)
		}
		if call.File != file || !call.Span.Contains(offset) {
			continue
		}
		m := mention{project: p, file: file, span: call.Span, call: call}
		if !call.Dynamic {
			m.span, m.variable = call.NameAt, p.Variable(call.Name)
		}
		return m, true
	}
	return mention{}, false
}

// envMention looks into the environment files of a project.
func envMention(p *workspace.Project, path string, at func(*workspace.File) int) (mention, bool) {
	for _, file := range []*workspace.File{p.EnvFile, p.Example} {
		if !file.Exists() || file.Path != path {
			continue
		}
		env, offset := file.Dotenv(), at(file)
		for _, list := range [][]dotenv.Entry{env.Entries, env.Commented} {
			for i := range list {
				entry := &list[i]
				whole := text.Span{Start: entry.Key().Start, End: max(entry.Key().End, entry.Value().End)}
				if whole.Contains(offset) {
					return mention{project: p, file: file, span: entry.Key(), variable: p.Variable(env.Name(entry))}, true
				}
			}
		}
	}
	return mention{}, false
}
