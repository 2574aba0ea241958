package lsp

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.lsp.dev/protocol"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

const (
	refReach   = 512 // bytes in front of the cursor in which a call of ref begins
	refLimit   = 500 // models that are offered at once
	hoverWords = 300 // bytes of a description
)

// refTyping is a name that a person is about to write within the quotes of ref().
type refTyping struct {
	word    text.Span // the part that is there
	before  string    // the part in front of the cursor
	project string    // the first argument, where the second one is typed
	model   bool
}

// typingRef looks at what stands in front of a place: ref('…, or
// ref('project', '…. It reads the text only, so that it works in SQL, in YAML,
// and in what is half typed.
func typingRef(content []byte, at int) (refTyping, bool) {
	before := string(content[max(0, at-refReach):at])
	rest, ok := openCall(before)
	if !ok {
		return refTyping{}, false
	}
	word, project, ok := openQuote(rest)
	if !ok {
		return refTyping{}, false
	}
	end := at
	for end < len(content) && isNameByte(content[end]) {
		end++
	}
	return refTyping{
		word: text.Span{Start: at - len(word), End: end}, before: word,
		project: project, model: project != "",
	}, true
}

// openCall returns what stands behind the parenthesis of the last call of ref().
// What is typed may have these letters as well: ref('referrals.
func openCall(before string) (arguments string, ok bool) {
	for call := strings.LastIndex(before, "ref"); call >= 0; call = strings.LastIndex(before[:call], "ref") {
		rest, open := strings.CutPrefix(strings.TrimLeft(before[call+len("ref"):], " \t\r\n"), "(")
		if open {
			return rest, call == 0 || !isWord(rune(before[call-1]))
		}
	}
	return "", false
}

// openQuote reads arguments up to one whose quotes are not closed yet: the first
// one, or the second behind a first that is a literal.
func openQuote(arguments string) (word, first string, ok bool) {
	word, closed, ok := quoted(arguments)
	if !ok || closed < 0 {
		return word, "", ok
	}
	first = word
	rest, ok := strings.CutPrefix(strings.TrimLeft(arguments[closed:], " \t\r\n"), ",")
	if !ok || first == "" {
		return "", "", false
	}
	word, closed, ok = quoted(rest)
	return word, first, ok && closed < 0
}

// quoted reads a text in quotes; closed is the offset behind it, -1 where its
// quotes are open.
func quoted(s string) (word string, closed int, ok bool) {
	trimmed := strings.TrimLeft(s, " \t\r\n")
	if trimmed == "" || trimmed[0] != '\'' && trimmed[0] != '"' {
		return "", 0, false
	}
	inside := trimmed[1:]
	if end := strings.IndexByte(inside, trimmed[0]); end >= 0 {
		return inside[:end], len(s) - len(trimmed) + end + 2, true
	}
	return inside, -1, !strings.ContainsAny(inside, "\r\n'\"{}")
}

func isNameByte(c byte) bool {
	return isWord(rune(c)) || c == '-' || c == '.' || c >= 0x80
}

// refItems offers what may stand within the quotes of ref(): the projects and
// packages that have models, or the public models of a project as far as dbt has
// fetched them. ok is false where no ref is typed.
func (s *Server) refItems(snapshot *workspace.Snapshot, file *workspace.File, at int) (list *protocol.CompletionList, ok bool) {
	typed, ok := typingRef(file.Content, at)
	if !ok || workspace.IsEnvFile(file.Path) {
		return nil, false
	}
	list = &protocol.CompletionList{Items: []protocol.CompletionItem{}}
	seen := map[string]bool{}
	offer := func(name string, kind protocol.CompletionItemKind, detail, doc string) {
		switch {
		case seen[name] || typed.model && !strings.Contains(strings.ToLower(name), strings.ToLower(typed.before)):
			return
		case len(list.Items) == refLimit:
			list.IsIncomplete = true
			return
		}
		seen[name] = true
		item := protocol.CompletionItem{
			Label: name, Kind: kind, Detail: protocol.NewOptional(detail),
			TextEdit: &protocol.TextEdit{Range: s.rangeOf(file, typed.word), NewText: name},
		}
		if doc != "" {
			item.Documentation = &protocol.MarkupContent{Kind: protocol.MarkupKindPlainText, Value: doc}
		}
		list.Items = append(list.Items, item)
	}
	for _, p := range projectsOf(snapshot, file.Path) {
		if typed.model {
			offerModels(p, typed.project, offer)
		} else {
			offerProjects(p, offer)
		}
	}
	return list, true
}

type offerFunc func(name string, kind protocol.CompletionItemKind, detail, doc string)

func offerProjects(p *workspace.Project, offer offerFunc) {
	for _, entry := range p.Mesh.Projects {
		if entry.Name != "" && !dbt.HasJinja(entry.Name) {
			offer(entry.Name, protocol.CompletionItemKindModule, "project of dbt platform"+artifactPhrase(p, entry.Name), "")
		}
	}
	for _, name := range p.Installed() {
		offer(name, protocol.CompletionItemKindModule, "installed package", "")
	}
	if p.Name != "" && len(p.Mesh.Projects)+len(p.Installed()) > 0 {
		offer(p.Name, protocol.CompletionItemKindModule, "this project", "")
	}
}

func offerModels(p *workspace.Project, project string, offer offerFunc) {
	a := p.Artifact(project)
	if a == nil || a.Content() == nil {
		return
	}
	content := a.Content()
	detail := "public model of " + project + agePhrase(p, a)
	for _, name := range content.Names() {
		model, _ := content.Model(name)
		offer(name, protocol.CompletionItemKindReference, detail, strings.TrimSpace(model.Relation+"\n"+shortWords(model.Description)))
	}
}

// artifactPhrase says what is known of a declared project, as the end of a phrase.
func artifactPhrase(p *workspace.Project, project string) string {
	a := p.Artifact(project)
	if a == nil {
		return ""
	}
	content := a.Content()
	switch {
	case content == nil:
		return ", of which nothing is fetched yet"
	case content.Problem != dbt.PublicationFine:
		return ", of which nothing is known: the file that was fetched " + content.Problem.Sentence()
	case len(content.Names()) == 1:
		return ", 1 public model" + agePhrase(p, a)
	}
	return fmt.Sprintf(", %d public models%s", len(content.Names()), agePhrase(p, a))
}

// agePhrase says when dbt fetched an artifact, and whether it would again.
func agePhrase(p *workspace.Project, a *workspace.Artifact) string {
	now := p.Machine.Time()
	phrase := ""
	if age, ok := a.Age(now); ok {
		phrase = ", fetched " + dbt.Ago(age) + " ago"
	}
	if a.State(now) == workspace.ArtifactStale {
		phrase += ", too old for dbt"
	}
	return phrase
}

// refMention is a ref to another project at a place that a person points at.
type refMention struct {
	project *workspace.Project
	ref     workspace.Ref
	span    text.Span
	model   bool // it is the model's name, not that of its project
}

// refMentions returns the refs at a byte of a file, one for every project that
// reads it.
func refMentions(projects []*workspace.Project, path string, at func(*workspace.File) int) []refMention {
	var all []refMention
	for _, p := range projects {
		i := slices.IndexFunc(p.Refs, func(ref workspace.Ref) bool {
			return ref.At.File.Path == path && (ref.At.Span.Contains(at(ref.At.File)) || !ref.ModelAt.Span.Empty() && ref.ModelAt.Span.Contains(at(ref.At.File)))
		})
		if i < 0 {
			continue
		}
		ref := p.Refs[i]
		m := refMention{project: p, ref: ref, span: ref.At.Span}
		if !ref.At.Span.Contains(at(ref.At.File)) {
			m.span, m.model = ref.ModelAt.Span, true
		}
		all = append(all, m)
	}
	return all
}

// refHover says what is known of a project or of a model in ref(), and how dbt
// knows it; nil where there is nothing to say.
func (s *Server) refHover(snapshot *workspace.Snapshot, path string, p protocol.Position) *protocol.Hover {
	found := refMentions(snapshot.Projects(), path, func(f *workspace.File) int { return s.offsetOf(f, p) })
	var sections []string
	for _, m := range found {
		if section := s.describeRef(m); section != "" && !slices.Contains(sections, section) {
			sections = append(sections, section)
		}
	}
	if len(sections) == 0 {
		return nil
	}
	content := &protocol.MarkupContent{Kind: protocol.MarkupKindPlainText, Value: strings.Join(sections, "\n\n")}
	if s.client.markdown {
		content.Kind = protocol.MarkupKindMarkdown
	}
	at := s.rangeOf(found[0].ref.At.File, found[0].span)
	return &protocol.Hover{Contents: content, Range: &at}
}

func (s *Server) describeRef(m refMention) string {
	p, name := m.project, m.ref.Package
	entry, declared := p.Mesh.Project(name)
	if !declared {
		if slices.Contains(p.Installed(), name) && !m.model {
			return s.bold(name) + ": an installed package."
		}
		return ""
	}
	if m.model {
		return s.describeModel(m)
	}
	at := p.Dependencies
	if entry.File == p.PackagesYAML {
		at = p.Packages
	}
	lines := []string{
		s.bold(name) + ": a project of dbt platform" + artifactPhrase(p, name) + ".",
		fmt.Sprintf("Declared in %s, line %d.", at.Name(), at.At(entry.At).Line()),
	}
	if run := p.NextMeshRun(p.Machine.Time()); run.Message != "" {
		lines = append(lines, run.Message)
	}
	return strings.Join(lines, "\n\n")
}

func (s *Server) describeModel(m refMention) string {
	p, project := m.project, m.ref.Package
	a := p.Artifact(project)
	if a == nil || a.Content() == nil || a.Content().Problem != dbt.PublicationFine {
		return s.bold(m.ref.Model) + ": a model of " + project + artifactPhrase(p, project) + "."
	}
	content := a.Content()
	source := "From what dbt fetched of " + project
	if !a.Given {
		source = "From " + p.Rel(a.Path)
	}
	source += agePhrase(p, a) + "."
	model, public := content.Model(m.ref.Model)
	if !public {
		return s.bold(m.ref.Model) + ": not a public model of " + project + ".\n\n" + source
	}
	lines := []string{s.bold(model.Name) + ": a public model of " + project + "."}
	if model.Description != "" {
		lines = append(lines, s.plain(shortWords(model.Description)))
	}
	if model.Relation != "" {
		lines = append(lines, "Relation "+s.code(model.Relation)+".")
	}
	if model.Version != "" {
		lines = append(lines, "A ref without a version means version "+s.code(model.Version)+".")
	}
	if model.Deprecated != "" {
		lines = append(lines, "Deprecated from "+s.code(model.Deprecated)+" on.")
	}
	return strings.Join(append(lines, source), "\n\n")
}

// shortWords cuts a long text at a blank, if there is one.
func shortWords(words string) string {
	if len(words) <= hoverWords {
		return words
	}
	start := strings.ToValidUTF8(words[:hoverWords], "")
	if cut := strings.LastIndexFunc(start, unicode.IsSpace); cut > 0 {
		start = strings.TrimSpace(start[:cut])
	}
	return start + " …"
}

// plain writes a text of another project so that a client takes it for nothing
// but text: no link, no picture.
func (s *Server) plain(words string) string {
	if !s.client.markdown {
		return words
	}
	var out strings.Builder
	for _, r := range words {
		if r < 0x80 && unicode.IsPunct(r) || r < 0x80 && unicode.IsSymbol(r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// refPlaces leads from a ref to the line that declares its project.
func (s *Server) refPlaces(snapshot *workspace.Snapshot, path string, position protocol.Position) []protocol.Location {
	var places []protocol.Location
	for _, m := range refMentions(snapshot.Projects(), path, func(f *workspace.File) int { return s.offsetOf(f, position) }) {
		entry, declared := m.project.Mesh.Project(m.ref.Package)
		if !declared {
			continue
		}
		file := m.project.Dependencies
		if entry.File == m.project.PackagesYAML {
			file = m.project.Packages
		}
		places = append(places, s.location(file.At(entry.At)))
	}
	return places
}
