package diagnostics

import (
	"bytes"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

var envParse = Rule{
	Code:     "env-parse",
	Section:  EnvironmentFiles,
	Rank:     10,
	Severity: Error,
	Scope:    Either,
	Title:    "dbt cannot read a line of .env, and drops everything below it",
	Fix:      "★ quote the value, or write the line as NAME=value",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, file := range envFiles(p) {
			if stop := file.Dotenv().Stop; stop != nil && !badEncoding(file.Dotenv()) {
				report(stopped(p, file, stop))
			}
		}
	},
}

func stopped(p *workspace.Project, file *workspace.File, stop *dotenv.Stop) Finding {
	f := Finding{At: file.At(stop.At), Remedy: remedy(file, stop)}
	because := ": " + lowerFirst(stop.Reason.Message())
	lost, all := lostNames(file.Dotenv())
	switch {
	case file == p.Example:
		f.Severity, f.Shared = Warning, true
		f.Message = "A .env copied from this file stops here" + because
	case p.EngineKind() == engine.KindV1:
		f.Severity = Warning
		f.Message = "dbt v1 reads on here, but dbt v2 stops and sets nothing that stands below" + because
	case len(lost) > 0:
		f.Message = "dbt stops reading here, without a word, and does not set " + listOf(lost, all) + because
	default:
		f.Message = "dbt stops reading here, without a word" + because
	}
	f.MakeFixes = func() []Fix {
		changes, title, ok := file.Dotenv().Repair()
		if !ok {
			return nil
		}
		return []Fix{{Title: title, Safe: true, Preferred: true, Edits: edits(file, changes...)}}
	}
	return f
}

// lowerFirst makes a sentence the second part of another one.
func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// remedy says what to do. Single quotes would end what a $ does in a value.
func remedy(file *workspace.File, stop *dotenv.Stop) string {
	if stop.Reason == dotenv.BlankInValue && stop.Entry != nil && bytes.ContainsRune(stop.Entry.Value().Of(file.Content), '$') {
		return "Put the value in double quotes, with ${NAME} for a variable; or in single quotes, if the $ is only a $."
	}
	return remedies[stop.Reason]
}

// remedies say what to do about each reason.
var remedies = [...]string{
	dotenv.BlankInValue:         "Put the value in single quotes.",
	dotenv.TextAfterQuote:       "Put the whole value in one pair of quotes, and a blank before a comment.",
	dotenv.TextAfterReference:   "Write ${NAME}, and put the whole value in double quotes.",
	dotenv.UnknownEscape:        "Put the value in single quotes, in which a backslash is only a backslash.",
	dotenv.QuoteNotClosed:       "Close the quote, or put the whole value in quotes of the other kind.",
	dotenv.QuoteInComment:       "Put the comment on a line of its own.",
	dotenv.BackslashBeforeQuote: "Use double quotes, with every backslash doubled.",
	dotenv.QuoteAfterReference:  "Write ${NAME} for a variable; put a value with a real $ in single quotes.",
	dotenv.BraceNotClosed:       "Close the brace, or put the value in single quotes.",
	dotenv.NoEqualSign:          "Write NAME=value, or put a # in front.",
	dotenv.Colon:                "Write an = instead of the colon.",
	dotenv.BadKey:               "Choose another name.",
	dotenv.ShellCommand:         "Write NAME=value, without the command.",
	dotenv.CommentStyle:         "Begin the comment with #.",
	dotenv.NotAnAssignment:      "Put a # in front, or delete the line.",
	dotenv.BlankAtEnd:           "Delete the blank, or end the line with a line break.",
	dotenv.BackslashAtEnd:       "Delete the backslash.",
	dotenv.InvalidUTF8:          "Save the file as UTF-8.",
}
