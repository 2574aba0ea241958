package diagnostics

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// Remedy is a change of files that does away with something about deferral, or
// with a choice that is left to make.
type Remedy struct {
	Reason dbt.Reason // that it does away with; the zero value for a choice
	Fix
}

// DeferRemedies returns what can be done about deferral by changing files, in the
// order of the reasons, then of the notes, then the choices.
func DeferRemedies(p *workspace.Project, notes []workspace.DeferNote) []Remedy {
	var all []Remedy
	add := func(r dbt.Reason, fixes []Fix) {
		for _, fix := range fixes {
			all = append(all, Remedy{r, fix})
		}
	}
	for _, r := range p.Deferral.Reasons {
		add(r, deferFixes(p, r))
	}
	for i := range notes {
		add(notes[i].Reason, noteFixes(p, &notes[i]))
	}
	if fix, ok := setDeferEnvironment(p); ok {
		add(dbt.Reason{}, []Fix{fix})
	}
	return all
}

// deferFixes do away with a reason for which dbt does not defer.
func deferFixes(p *workspace.Project, reason dbt.Reason) []Fix {
	switch reason.Code {
	case dbt.ReasonNoProjectID:
		if p.Link.InProject.From.Kind == dbt.OriginNone {
			return linkFixes(p)
		}
	case dbt.ReasonUnknown:
		if at, ok := origin(p, p.Link.InProject.From); ok {
			return otherProjects(p, at)
		}
	case dbt.ReasonLocalState, dbt.ReasonMixed:
		return withoutVariable(p, reason.At.Name)
	case dbt.ReasonNoCloudFile:
		if len(p.CloudCopies) > 0 {
			return []Fix{renameCloudCopy(p)}
		}
	case dbt.ReasonCloudInvalid:
		return withoutMark(p)
	}
	return nil
}

// noteFixes do away with what a note tells of.
func noteFixes(p *workspace.Project, note *workspace.DeferNote) []Fix {
	switch {
	case note.Flag != nil && note.Flag.Name == workspace.NoDeferFlag:
		return removeFlag(note.Flag)
	case note.Code == dbt.NoteNoop && note.At.Path == p.File.Path:
		flags := p.File.YAML().Root.Get("flags")
		if pair, ok := flags.Pair("defer"); ok && !p.File.YAML().Broken() {
			return []Fix{{Title: "Remove `defer: false`", Edits: edits(p.File, p.File.YAML().RemovePair(flags.Resolved(), pair))}}
		}
	case note.Code == dbt.NoteNoop || note.Code == dbt.NoteNoState:
		return withoutVariable(p, note.At.Name)
	}
	return nil
}

// withoutVariable takes a variable out of .env, if it stands there.
func withoutVariable(p *workspace.Project, name string) []Fix {
	entry, ok := p.Env.Entry(name)
	if !ok {
		return nil
	}
	env := p.EnvFile.Dotenv()
	edit := env.CommentOut(entry)
	if strings.Count(edit.New, "\n") <= 1 { // the value need not travel to the editor
		edit = text.Edit{Span: text.At(edit.Start), New: strings.TrimSuffix(edit.New, string(edit.Span.Of(p.EnvFile.Content)))}
	}
	return []Fix{{Title: "Comment " + env.Name(entry) + " out", Edits: edits(p.EnvFile, edit)}}
}

// otherProjects offers the projects of dbt_cloud.yml for an id that is not there.
func otherProjects(p *workspace.Project, at workspace.Location) []Fix {
	var fixes []Fix
	for i := range p.Cloud.Entries {
		entry := &p.Cloud.Entries[i]
		fixes = append(fixes, Fix{
			Title: fmt.Sprintf("Use the project %s (%s)", entry.ProjectName.Text, entry.ProjectID.Text),
			Edits: edits(p.File, text.Edit{Span: at.Span, New: `"` + entry.ProjectID.Text + `"`}),
		})
	}
	return fixes
}

func renameCloudCopy(p *workspace.Project) Fix {
	file := p.CloudCopies[0]
	return Fix{
		Title: "Rename " + file.Name() + " to " + dbt.CloudFileName, Delete: []string{file.Path},
		Create: []NewFile{{p.CloudFile.Path, string(file.Content)}},
	}
}

// withoutMark removes the byte order mark that keeps dbt from reading
// dbt_cloud.yml.
func withoutMark(p *workspace.Project) []Fix {
	if !p.Cloud.BOM {
		return nil
	}
	const mark = 3 // bytes
	return []Fix{{Title: "Remove the byte order mark", Edits: edits(p.CloudFile, text.Edit{Span: text.Span{End: mark}})}}
}

// deferEnvKey is the key of `dbt-cloud:` that names the environment to defer to.
const deferEnvKey = "defer-env-id"

// setDeferEnvironment inserts the key that names the environment to defer to, for a
// person to fill in. It is a choice of linked projects that have made none.
func setDeferEnvironment(p *workspace.Project) (Fix, bool) {
	file := p.File.YAML()
	if !p.Platform || !p.Link.Linked || p.Link.DeferEnv.From.Kind != dbt.OriginNone || file.Root == nil || file.Broken() {
		return Fix{}, false
	}
	block := file.Root.Get(dbt.CloudBlock)
	var edit text.Edit
	switch {
	case block != nil && block.Resolved().Kind == yamlfile.Mapping:
		edit = setKey(file, block.Resolved(), deferEnvKey, "")
	case block == nil:
		edit = file.AppendTopLevel(dbt.CloudBlock + ":\n  " + deferEnvKey + ": ")
	default:
		return Fix{}, false
	}
	at := strings.LastIndex(edit.New, deferEnvKey+":")
	if at < 0 { // the key stands there without a value
		at = len(edit.New)
	} else {
		at += len(deferEnvKey) + 2
	}
	return Fix{
		Title: "Choose the environment to defer to: `" + deferEnvKey + "` in " + filepath.Base(p.File.Path),
		Edits: edits(p.File, edit), Cursor: &Cursor{p.File.Path, edit.Start + min(at, len(edit.New))},
	}, true
}
