package lsp

import (
	"context"
	"path/filepath"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// completion offers the names of variables: as keys of an environment file, and
// within the quotes of env_var(). Within those of ref() it offers projects, and
// their public models.
func (s *Server) completion(p *protocol.CompletionParams) (any, error) {
	path, err := s.path(p.TextDocument)
	if err != nil {
		return nil, err
	}
	snapshot := s.workspace.Snapshot()
	return rpc.Later(func(context.Context) (any, error) {
		items := []protocol.CompletionItem{}
		file, ok := snapshot.Open(path)
		if !ok {
			return items, nil
		}
		if list, ok := s.refItems(snapshot, file, s.offsetOf(file, p.Position)); ok {
			return list, nil
		}
		place := s.typing(file, s.offsetOf(file, p.Position))
		if place.kind == typingNothing {
			return items, nil
		}
		seen := map[string]bool{}
		for _, project := range projectsOf(snapshot, path) {
			for _, v := range project.Variables {
				if !seen[v.Name] && place.offers(project, file, v) {
					seen[v.Name] = true
					items = append(items, s.completionItem(project, file, place, v))
				}
			}
		}
		return items, nil
	}), nil
}

type typingKind int

const (
	typingNothing typingKind = iota
	typingKey                // at the beginning of a line of an environment file
	typingName               // between the quotes of env_var()
)

// typing is what a person is about to write.
type typing struct {
	kind   typingKind
	word   text.Span // the part of the name that is there
	equals bool      // a key's equal sign is there
}

func (s *Server) typing(file *workspace.File, at int) typing {
	line := file.Lines().Line(file.Lines().LineOf(at))
	before := string(file.Content[line.Start:at])
	after := string(text.Span{Start: at, End: line.End}.Of(file.Content))
	kind, read := typingName, nameTyped
	if workspace.IsEnvFile(file.Path) {
		kind, read = typingKey, keyTyped
	}
	word, ok := read(before)
	if !ok {
		return typing{}
	}
	rest := strings.TrimLeftFunc(after, isWord)
	return typing{
		kind: kind, word: text.Span{Start: at - len(word), End: at + len(after) - len(rest)},
		equals: strings.HasPrefix(strings.TrimLeft(rest, " \t"), "="),
	}
}

// keyTyped returns the beginning of a key, if a line may hold one here.
func keyTyped(before string) (word string, ok bool) {
	before = strings.TrimLeft(before, " \t")
	if rest, found := strings.CutPrefix(before, "export "); found {
		before = strings.TrimLeft(rest, " \t")
	}
	ok = strings.TrimLeftFunc(before, isWord) == "" && (before == "" || before[0] < '0' || before[0] > '9')
	return before, ok
}

// nameTyped returns the beginning of a name behind `env_var('`.
func nameTyped(before string) (word string, ok bool) {
	rest := strings.TrimRightFunc(before, isWord)
	word = before[len(rest):]
	call, quoted := strings.CutSuffix(rest, "'")
	if !quoted {
		call, quoted = strings.CutSuffix(rest, `"`)
	}
	call, opened := strings.CutSuffix(strings.TrimRight(call, " \t"), "(")
	function, named := strings.CutSuffix(strings.TrimRight(call, " \t"), "env_var")
	return word, quoted && opened && named && strings.TrimRightFunc(function, isWord) == function
}

func isWord(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
}

// offers reports whether a variable is worth offering: a key only once in a
// file, and only names that something reads.
func (t typing) offers(p *workspace.Project, file *workspace.File, v *workspace.Variable) bool {
	if t.kind == typingName {
		return true
	}
	if len(v.Calls) == 0 && (v.Example == nil || p.Example == file) {
		return false
	}
	for _, e := range file.Dotenv().Entries {
		if e.Name == v.Name && !e.Key.Overlaps(t.word) {
			return false
		}
	}
	return true
}

func (s *Server) completionItem(p *workspace.Project, file *workspace.File, t typing, v *workspace.Variable) protocol.CompletionItem {
	newText := v.Name
	if t.kind == typingKey && !t.equals {
		newText += "="
	}
	return protocol.CompletionItem{
		Label:    v.Name,
		Kind:     protocol.CompletionItemKindVariable,
		Detail:   protocol.NewOptional(stateSentence(p, v)),
		TextEdit: &protocol.TextEdit{Range: s.rangeOf(file, t.word), NewText: newText},
	}
}

// projectsOf returns the projects that a file belongs to: those that read it,
// else the innermost one around it.
func projectsOf(snapshot *workspace.Snapshot, path string) []*workspace.Project {
	var reading []*workspace.Project
	var around *workspace.Project
	for _, p := range snapshot.Projects() {
		if p.Watched(path) {
			reading = append(reading, p)
		}
		if within(p.Root, filepath.Dir(path)) && (around == nil || len(p.Root) > len(around.Root)) {
			around = p
		}
	}
	if len(reading) == 0 && around != nil {
		return []*workspace.Project{around}
	}
	return reading
}
