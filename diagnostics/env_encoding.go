package diagnostics

import (
	"bytes"

	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dotenv"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

var envEncoding = Rule{
	Code:     "env-encoding",
	Section:  EnvironmentFiles,
	Rank:     260,
	Severity: Error,
	Scope:    Either,
	Title:    "dbt cannot read the bytes of .env as they are meant",
	Fix:      "★ rewrite the file as UTF-8 with LF",
	Check: func(p *workspace.Project, report func(Finding)) {
		for _, file := range envFiles(p) {
			f, found := encoding(p, file)
			if !found {
				continue
			}
			f.Shared = file == p.Example
			if content, ok := file.Dotenv().Reencode(); ok && !f.Refuses {
				f.Fixes = []Fix{{
					Title: "Rewrite the file as UTF-8 with LF", Safe: keepsValues(file.Dotenv(), content), Preferred: true,
					Edits: edits(file, text.Edit{Span: text.Span{End: len(file.Content)}, New: string(content)}),
				}}
			}
			report(f)
		}
	},
}

func encoding(p *workspace.Project, file *workspace.File) (Finding, bool) {
	parsed := file.Dotenv()
	switch {
	case badEncoding(parsed):
		f := Finding{At: file.Start(), Remedy: "Save it as UTF-8."}
		switch {
		case parsed.Encoding == dotenv.OtherEncoding:
			f.Message = "The file has bytes that are not UTF-8: dbt reads nothing from their line on, without a word."
			if parsed.Stop != nil {
				f.At = file.At(parsed.Stop.At)
			}
		default:
			f.Message = "The file is UTF-16, as PowerShell writes it: dbt reads nothing of it, without a word."
		}
		return f, true
	case parsed.CROnly:
		return Finding{
			Severity: Warning, At: file.Start(), Remedy: "Save it with LF line ends.",
			Message: "The lines end in a lone CR: dbt reads the whole file as one line.",
		}, true
	}
	if file == p.EnvFile && bytes.IndexByte(file.Content, 0) >= 0 {
		for _, v := range parsed.Values(p.Machine.Lookup).All() {
			if v.Fatal {
				return Finding{
					Refuses: true, At: file.At(v.Entry.Key()), Remedy: "Remove it.",
					Message: "The value of " + v.Name + " has a NUL byte: dbt dies, and prints the value.",
				}, true
			}
		}
	}
	return Finding{}, false
}

// badEncoding reports whether dbt stops because of the bytes themselves.
func badEncoding(file *dotenv.File) bool {
	return file.Encoding != dotenv.UTF8 && file.Encoding != dotenv.UTF8BOM
}

// keepsValues reports whether every variable that dbt reads from a file has the
// same value in another content. Of a file whose lines end in a lone CR dbt
// reads the lines below as a part of a value; they are not meant to be in it.
func keepsValues(file *dotenv.File, content []byte) bool {
	now := map[string]string{}
	for _, v := range dotenv.Parse(content).Values(nil).All() {
		if v.Effective() {
			now[v.Name] = v.Text.Reveal()
		}
	}
	for _, v := range file.Values(nil).All() {
		before := v.Text.Reveal()
		line, _, _ := strings.Cut(before, "\r")
		if value, ok := now[v.Name]; v.Effective() && (!ok || value != before && value != line) {
			return false
		}
	}
	return true
}
