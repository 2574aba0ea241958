package diagnostics

import (
	"fmt"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var configInvalid = Rule{
	Code:     "config-invalid",
	Section:  Tool,
	Rank:     10,
	Severity: Warning,
	Scope:    Repository,
	Title:    "dbt-hybrid.yml has something that this program does not take",
	Fix:      "the name that is meant; remove it",
	Check:    func(*workspace.Project, func(Finding)) {}, // it needs the table of rules: Check calls checkConfigs
}

func checkConfigs(p *workspace.Project, report func(Finding)) {
	for _, file := range p.Config.Files {
		checkConfig(file, report)
	}
}

// configKeys are the keys of dbt-hybrid.yml.
var configKeys = [...]string{"rules", "ignore", "target", "workingDirectory"}

func checkConfig(file *workspace.File, report func(Finding)) {
	content := file.YAML()
	for _, problem := range content.Problems {
		report(Finding{
			At: file.At(problem.Span), Message: fmt.Sprintf("dbt-hybrid cannot read %s: %s.", file.Name(), strings.TrimSuffix(problem.Message, ".")),
			Remedy: "Mend the line, or the one above it.",
		})
	}
	root := content.Root
	switch {
	case len(content.Problems) > 0 || root == nil || root.IsNull():
		return
	case root.Kind != yamlfile.Mapping:
		report(Finding{At: file.At(root.Span), Message: file.Name() + " has no keys, so that it has no effect.", Remedy: "Write `rules:` with a rule below it."})
		return
	}
	for pair := range root.All() {
		c := configPair{file, root, pair}
		value := pair.Value.Resolved()
		switch pair.Key.Value {
		case "rules":
			c.checkRules(value, report)
		case "ignore":
			c.checkIgnore(value, report)
		case "target", "workingDirectory":
			if value != nil && value.Kind != yamlfile.Scalar {
				report(c.shape(value, "a text"))
			}
		default:
			f := Finding{At: file.At(pair.Key.Span), Message: fmt.Sprintf("%s has no key `%s`: it has no effect.", file.Name(), pair.Key.Value)}
			c.mend(&f, pair.Key.Span, similar(pair.Key.Value, configKeys[:]), "Its keys are rules, ignore, target and workingDirectory.")
			report(f)
		}
	}
}

// configPair is one key of dbt-hybrid.yml, or of its rules, with its value.
type configPair struct {
	file   *workspace.File
	parent *yamlfile.Node
	yamlfile.Pair
}

// shape is the finding that a value is something else than it should be.
func (c configPair) shape(value *yamlfile.Node, want string) Finding {
	return Finding{
		At: c.file.At(value.Span), Message: fmt.Sprintf("`%s` has to be %s: what stands here has no effect.", c.Key.Value, want),
		Remedy: "Write it as the page of this rule shows.",
	}
}

// mend says what to write at a place, and offers it. Otherwise is the remedy
// where nobody knows.
func (c configPair) mend(f *Finding, span text.Span, like, otherwise string) {
	f.Remedy = otherwise
	if like != "" {
		f.Remedy = fmt.Sprintf("Write %s if that is meant.", like)
		if fix, ok := repair(c.file, "Write "+like, text.Edit{Span: span, New: like}); ok {
			f.Fixes = append(f.Fixes, fix)
		}
	}
	f.Fixes = append(f.Fixes, Fix{Title: "Remove `" + c.Key.Value + "`", Edits: edits(c.file, c.file.YAML().RemovePair(c.parent, c.Pair))})
}

func (c configPair) checkRules(rules *yamlfile.Node, report func(Finding)) {
	switch {
	case rules == nil || rules.IsNull():
		return
	case rules.Kind != yamlfile.Mapping:
		report(c.shape(rules, "a mapping of rules to severities"))
		return
	}
	for pair := range rules.All() {
		line := configPair{c.file, rules, pair}
		code, value := pair.Key.Value, pair.Value.Resolved()
		if ByCode(code) == nil {
			f := Finding{At: c.file.At(pair.Key.Span), Message: fmt.Sprintf("There is no rule %s: the line has no effect.", code)}
			line.mend(&f, pair.Key.Span, similar(code, ruleCodes()), "`dbt-hybrid explain` lists the rules.")
			report(f)
			continue
		}
		word, at := "", pair.Key.Span
		if value != nil && value.Kind == yamlfile.Scalar && !value.IsNull() {
			word, at = value.Value, value.Span
		} else if value != nil && !value.Span.Empty() {
			at = value.Span
		}
		if _, ok := ParseSeverity(word); !ok {
			f := Finding{At: c.file.At(at), Message: fmt.Sprintf("%s needs a severity: the line has no effect.", code)}
			if word != "" {
				f.Message = fmt.Sprintf("There is no severity `%s`: the line has no effect.", word)
			}
			line.mend(&f, at, meant(word), "Write error, warning, info, hint or off.")
			report(f)
		}
	}
}

// meant returns the severity that is meant by a word that is none, "" where
// nobody knows: other programs have other words.
func meant(word string) string {
	switch strings.ToLower(word) {
	case "":
		return ""
	case "warn":
		return Warning.String()
	case "note", "notice", "information":
		return Info.String()
	case "false", "none", "ignore", "never", "disabled", "0":
		return Off.String()
	}
	return similar(word, severities())
}

func (c configPair) checkIgnore(list *yamlfile.Node, report func(Finding)) {
	switch {
	case list == nil || list.IsNull():
	case list.Kind != yamlfile.Sequence:
		report(c.shape(list, "a list of patterns"))
	default:
		for _, item := range list.Items {
			if item = item.Resolved(); item != nil && item.Kind != yamlfile.Scalar {
				report(c.shape(item, "a list of patterns"))
			}
		}
	}
}
