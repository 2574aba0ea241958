package diagnostics

import (
	"fmt"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var unusedSuppression = Rule{
	Code:     "unused-suppression",
	Section:  Tool,
	Rank:     20,
	Severity: Hint,
	Scope:    Either,
	Title:    "A comment suppresses a finding that is not there",
	Fix:      "★ take the rule out of the comment; not safe where it may be needed on another machine; the rule that is meant",
	Check:    func(*workspace.Project, func(Finding)) {}, // it needs what the others find: Check calls unused
}

// unused reports the rules of comments that suppressed nothing.
func (s *suppressor) unused(p *workspace.Project, o Options, report func(Finding)) {
	for _, c := range s.files {
		if c.Path != p.Rel(c.Path) && !(workspace.IsYAML(c.Path) && c.YAML().Broken()) { // else other projects, or what cannot be seen now, may need it
			for _, one := range c.all {
				one.unused(p, c, o, report)
			}
		}
	}
}

func (s *suppression) unused(p *workspace.Project, c *commented, o Options, report func(Finding)) {
	own := c.File == p.EnvFile
	everywhere := func(rule *Rule) bool { // what it finds here is the same on every machine
		return rule.Scope == Repository || rule.Scope == Either && c.File == p.Example
	}
	missed := func(r suppressed, rule *Rule) bool { // it looked, and found nothing
		return !r.used && o.could(rule) && (o.Scope == Machine || everywhere(rule))
	}
	if len(s.rules) == 0 {
		report(Finding{
			At: c.At(s.span), Shared: !own, Message: "This comment names no rule, so it suppresses nothing.",
			Remedy: "Name the rule, as in `ignore env-missing`.",
		})
	}
	idle := func(r suppressed) bool { // no machine needs it
		rule := ByCode(r.code)
		return rule != nil && !s.void && missed(r, rule) && (everywhere(rule) || own)
	}
	for _, r := range s.rules {
		f := Finding{At: c.At(r.span), Shared: !own}
		rule := ByCode(r.code)
		switch {
		case rule == nil:
			f.Message = fmt.Sprintf("There is no rule %s, so it suppresses nothing.", r.code)
			f.Remedy = "Remove it."
			if like := similar(r.code, ruleCodes()); like != "" {
				f.Remedy = fmt.Sprintf("Write %s if that is meant.", like)
				f.Fixes = []Fix{{Title: "Write " + like, Edits: edits(c.File, text.Edit{Span: r.span, New: like})}}
			}
		case s.void:
			f.Message = "This comment suppresses nothing: in " + c.Name() + " it needs a line of its own."
			f.Remedy = "Move it above the line."
		case !missed(r, rule):
			continue
		case idle(r):
			f.Message = fmt.Sprintf("This comment suppresses nothing: %s finds nothing here.", r.code)
			f.Remedy = "Remove it."
			fix := s.remove(idle)
			fix.Safe, fix.Preferred = true, true
			f.Fixes = []Fix{fix}
		default:
			f.Shared = false
			f.Message = fmt.Sprintf("This comment suppresses nothing on this machine: %s finds nothing here.", r.code)
			f.Remedy = "Remove it if no other machine needs it."
		}
		if !idle(r) {
			f.Fixes = append(f.Fixes, s.remove(func(other suppressed) bool { return other.code == r.code }))
		}
		report(f)
	}
}

func ruleCodes() []string {
	var all []string
	for _, rule := range Rules() {
		all = append(all, rule.Code)
	}
	return all
}

// remove is the fix that takes rules out of a comment, and the comment away
// with the last one.
func (s *suppression) remove(which func(suppressed) bool) Fix {
	var gone, kept []string
	for _, r := range s.rules {
		if which(r) {
			gone = append(gone, r.code)
		} else {
			kept = append(kept, r.code)
		}
	}
	edit := text.Edit{
		Span: text.Span{Start: s.rules[0].span.Start, End: s.rules[len(s.rules)-1].span.End},
		New:  strings.Join(kept, ", "),
	}
	if len(kept) == 0 {
		edit = s.away()
	}
	return Fix{Title: "Remove " + strings.Join(gone, ", ") + " from the comment", Edits: edits(s.file, edit)}
}

// away removes the comment: with its line where nothing else stands on that,
// else with the blanks before it.
func (s *suppression) away() text.Edit {
	if s.alone {
		return text.Edit{Span: s.file.Lines().LineWithEnd(s.lines[0])}
	}
	start := s.span.Start
	for start > 0 && (s.file.Content[start-1] == ' ' || s.file.Content[start-1] == '\t') {
		start--
	}
	return text.Edit{Span: text.Span{Start: start, End: s.span.End}}
}
