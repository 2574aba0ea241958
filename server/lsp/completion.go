package lsp

import (
	"context"
	"path/filepath"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/dbt-hybrid/dbt-hybrid/server/lsp/rpc"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
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
		at := s.offsetOf(file, p.Position)
		place := s.typing(file, at)
		if place.kind == typingNothing {
			return items, nil
		}
		all := place.offered(snapshot, file)
		some := all
		if len(all) > completionLimit {
			some = closest(all, string(file.Content[place.word.Start:at]))
		}
		where := s.rangeOf(file, place.word)
		for _, o := range some {
			items = append(items, completionItem(o, place, where))
		}
		if len(some) < len(all) {
			return &protocol.CompletionList{IsIncomplete: true, Items: items}, nil
		}
		return items, nil
	}), nil
}

// completionLimit is how many names are sent at most. Nobody reads more, and
// every key that follows asks again.
const completionLimit = 200

// An offer is a variable that may be taken.
type offer struct {
	project  *workspace.Project
	variable *workspace.Variable
}

// closest returns the first of many offers that editors would show behind what is
// typed: those that begin with it, then those with its letters in this order.
func closest(all []offer, typed string) []offer {
	var begin, contain []offer
	for _, o := range all {
		name := o.variable.Name
		switch {
		case len(name) >= len(typed) && strings.EqualFold(name[:len(typed)], typed):
			begin = append(begin, o)
		case len(contain) < completionLimit && hasLetters(name, typed):
			contain = append(contain, o)
		}
		if len(begin) == completionLimit {
			return begin
		}
	}
	some := append(begin, contain...)
	return some[:min(len(some), completionLimit)]
}

// hasLetters reports whether a name has some letters, of either case, in their
// order.
func hasLetters(name, letters string) bool {
	for i := 0; i < len(name) && letters != ""; i++ {
		if strings.EqualFold(name[i:i+1], letters[:1]) {
			letters = letters[1:]
		}
	}
	return letters == ""
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

// offered returns the variables that are worth offering: a key only once in a
// file, and only names that something reads.
func (t typing) offered(snapshot *workspace.Snapshot, file *workspace.File) []offer {
	taken := map[string]bool{}
	if t.kind == typingKey {
		env := file.Dotenv()
		for i := range env.Entries {
			if e := &env.Entries[i]; !e.Key().Overlaps(t.word) {
				taken[env.Name(e)] = true
			}
		}
	}
	var all []offer
	projects := projectsOf(snapshot, file.Path)
	for _, p := range projects {
		for _, v := range p.SortedVariables() {
			read := len(v.Calls) > 0 || v.Example != nil && p.Example != file
			if taken[v.Name] || t.kind == typingKey && !read {
				continue
			}
			if all = append(all, offer{p, v}); len(projects) > 1 {
				taken[v.Name] = true
			}
		}
	}
	return all
}

func completionItem(o offer, t typing, where protocol.Range) protocol.CompletionItem {
	newText := o.variable.Name
	if t.kind == typingKey && !t.equals {
		newText += "="
	}
	return protocol.CompletionItem{
		Label:    o.variable.Name,
		Kind:     protocol.CompletionItemKindVariable,
		Detail:   protocol.NewOptional(stateSentence(o.project, o.variable)),
		TextEdit: &protocol.TextEdit{Range: where, NewText: newText},
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
		if fspath.Within(p.Root, filepath.Dir(path)) && (around == nil || len(p.Root) > len(around.Root)) {
			around = p
		}
	}
	if len(reading) == 0 && around != nil {
		return []*workspace.Project{around}
	}
	return reading
}
