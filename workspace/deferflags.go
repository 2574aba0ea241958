package workspace

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/commands"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/vscode"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// The flags that keep a command from deferring to dbt platform.
const (
	NoDeferFlag    = "--no-defer"
	StateFlag      = "--state"
	DeferStateFlag = "--defer-state"
)

// DeferFlag is a flag that a file of the repository gives dbt, and that decides on
// deferral.
type DeferFlag struct {
	commands.Flag
	File *File
}

// At returns the place of the flag.
func (f *DeferFlag) At() Location { return f.File.At(f.Span) }

// DeferFlags returns the flags on deferral of all commands in the repository's
// tools. They are looked for once, until one of those files changes.
func (p *Project) DeferFlags() []DeferFlag { return p.around.deferFlags() }

func deferFlags(tools []*File) []DeferFlag {
	var all []DeferFlag
	for _, file := range tools {
		for _, flag := range commands.Flags(file.Path, file.Content, NoDeferFlag, StateFlag, DeferStateFlag) {
			all = append(all, DeferFlag{flag, file})
		}
	}
	return all
}

// DeferNote is something about deferral that is no reason for an ordinary command:
// a single command that does otherwise, a setting without effect.
type DeferNote struct {
	dbt.Reason
	Place Location   // where At is a file
	Flag  *DeferFlag // for a flag of a command
}

// DeferNotes looks for what people believe to decide on deferral, and for the
// commands that do otherwise. It reads the disk: it is for who asks, not for
// every keystroke.
func (p *Project) DeferNotes() []DeferNote {
	var notes []DeferNote
	add := func(at Location, code dbt.ReasonCode, message string) {
		from := dbt.Origin{Kind: dbt.OriginFile, Path: at.File.Path, Span: at.Span}
		notes = append(notes, DeferNote{Reason: dbt.Reason{Code: code, Message: message, At: from}, Place: at})
	}
	for _, r := range p.noops() {
		notes = append(notes, DeferNote{Reason: r, Place: p.placeOf(r.At)})
	}
	if pair, ok := p.File.YAML().Root.Get("flags").Pair("defer"); ok && pair.Value.Type() == yamlfile.Bool && !dbt.Truthy(pair.Value.Value) {
		add(p.File.At(pair.Key.Span), dbt.NoteNoop, "`flags: defer: false` of dbt_project.yml does nothing: only --no-defer switches deferral off.")
	}
	p.editorNotes(add)
	for _, flag := range p.DeferFlags() {
		code, message := dbt.ReasonLocalState, "This command defers to a local state, not to dbt platform, because of "+flag.Name+"."
		if flag.Name == NoDeferFlag {
			code, message = dbt.ReasonFlag, "This command does not defer, because of --no-defer."
		}
		add(flag.At(), code, message)
		notes[len(notes)-1].Flag = &flag
	}
	return notes
}

// noops returns the variables that do nothing, or not what they seem to.
func (p *Project) noops() []dbt.Reason {
	var notes []dbt.Reason
	for _, name := range p.Options {
		value, _ := p.Env.Lookup(name)
		if dbt.DeferNoop(name, value.Reveal()) {
			notes = append(notes, dbt.Reason{Code: dbt.NoteNoop, Message: name + " does nothing: only --no-defer switches deferral off.", At: p.Env.Origin(name)})
		}
	}
	for _, state := range []dbt.Setting{p.Env.Setting("STATE"), p.Env.Setting("DEFER_STATE")} {
		if state.Value == "" || p.hasManifest(state.Value) {
			continue
		}
		message := state.From.Name + " names a folder without a manifest.json: dbt defers to nothing, and does not say so."
		if strings.HasSuffix(state.From.Name, "DEFER_STATE") {
			message = state.From.Name + " names a folder without a manifest.json: dbt stops there."
		}
		notes = append(notes, dbt.Reason{Code: dbt.NoteNoState, Message: message, At: state.From})
	}
	return notes
}

// hasManifest reports whether a folder of a local state holds one. dbt looks from
// the folder that it runs in.
func (p *Project) hasManifest(dir string) bool {
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(p.WorkingDir, dir)
	}
	info, err := os.Stat(filepath.Join(dir, cacheManifest))
	return err == nil && info.Mode().IsRegular()
}

// editorNotes tells of settings of the dbt extension that a workspace holds, where
// no editor has told them: a terminal does not know them.
func (p *Project) editorNotes(add func(Location, dbt.ReasonCode, string)) {
	if p.Machine.Repository {
		return
	}
	for _, dir := range p.toolRoots() {
		for _, path := range vscode.SettingsFiles(dir) {
			file := readFile(path)
			if !file.Exists() {
				continue
			}
			settings := vscode.Settings(path, file.Content)
			if v := settings.Get("dbt.flag.defer"); v != nil && v.Text == "false" && p.Settings.Defer == nil {
				add(file.At(v.Span), dbt.ReasonSetting, "The dbt extension does not defer: dbt.flag.defer is off. A terminal does not look at it.")
			}
			if v := settings.Get("dbt.flag.state"); v != nil && v.Text != "" && p.Settings.State == "" {
				add(file.At(v.Span), dbt.ReasonLocalState, "The dbt extension defers to a local state: dbt.flag.state. A terminal does not look at it.")
			}
		}
	}
}

// placeOf returns the location of an origin that is a line of .env.
func (p *Project) placeOf(o dbt.Origin) Location {
	if o.Kind == dbt.OriginEnvFile && p.EnvFile.Exists() {
		return p.EnvFile.At(o.Span)
	}
	return Location{}
}
