package dbt

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// BackupExtension is what `dbt init` adds to the name of the profiles.yml that it
// keeps, over one that is there.
const BackupExtension = ".bkp"

// InitTarget is the name of the one target that `dbt init` writes.
const InitTarget = "dev"

// Init is what `dbt init` would do to a profiles.yml, run in the project's folder
// (dbt-init/src/profile_setup.rs, 2026-08; tests/oracle shows it with July's).
type Init struct {
	Profile  string // that it writes: the text of `profile:`; "" where it asks
	Jinja    bool   // the text has Jinja, which it does not render
	Exists   bool   // the file has that profile
	Block    text.Span
	Targets  []InitPlace // the outputs that it replaces by one
	Calls    []InitPlace // the env_var() that it replaces by values
	Comments []InitPlace // that go with the profile
	// Leftover is where it stops to remove: a line of the profile that is not
	// indented, such as a comment. What follows stays behind, and breaks the file.
	Leftover *text.Span
	// Template are the values of the profile that somebody was to replace.
	Template []InitPlace
	Fetches  []string // the fields that it fetches from dbt platform for the adapter
}

// InitPlace is something in the profile.
type InitPlace struct {
	Name string // of the target, the variable or the field; "" for a comment
	At   text.Span
}

// InitPath returns the profiles.yml that `dbt init` writes: the one in the
// project's folder if there is one, else that of DBT_PROFILES_DIR or of ~/.dbt.
// Flags do not count. It is "" without a home folder.
func InitPath(root, home string, profilesDir Setting, exists func(path string) bool) string {
	local := filepath.Join(root, ProfilesFileName)
	switch {
	case exists(local):
		return local
	case profilesDir.Set && profilesDir.From.Kind != OriginFlag:
		dir := profilesDir.Value
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(root, dir)
		}
		return filepath.Join(dir, ProfilesFileName)
	case home == "":
		return ""
	}
	return filepath.Join(home, HomeFolder, ProfilesFileName)
}

// PlanInit says what `dbt init` would do to a profiles.yml, which may be nil.
func PlanInit(project, profiles *yamlfile.File, adapter string) *Init {
	i := &Init{Fetches: FetchedFields(adapter)}
	if node := project.Root.Get("profile"); node.Type() == yamlfile.String {
		i.Profile, i.Jinja = node.Value, HasJinja(node.Value)
	}
	if profiles == nil {
		return i
	}
	pair, ok := profiles.Root.Pair(i.Profile)
	if !ok {
		return i
	}
	i.Exists = true
	i.Block = removed(profiles, pair)
	if end := spanOf(pair.Value).End; i.Block.End < end && !blankBetween(profiles.Content, i.Block.End, end) {
		i.Leftover = &text.Span{Start: i.Block.End, End: profiles.Lines.Line(profiles.Lines.LineOf(i.Block.End)).End}
	}
	for output := range pair.Value.Get("outputs").All() {
		i.Targets = append(i.Targets, InitPlace{output.Key.Value, output.Key.Span})
	}
	texts := i.read(profiles)
	i.Comments = comments(profiles, i.Block, texts)
	return i
}

// removed is what dbt init takes away of a profile: from its key to the next
// line that is not indented.
func removed(file *yamlfile.File, pair yamlfile.Pair) text.Span {
	first := file.Lines.LineOf(pair.Key.Span.Start)
	span := text.Span{Start: pair.Key.Span.Start, End: len(file.Content)}
	for n := first + 1; n < file.Lines.Count(); n++ {
		line := file.Lines.Line(n)
		if content := line.Of(file.Content); len(bytes.TrimSpace(content)) > 0 && content[0] != ' ' && content[0] != '\t' {
			span.End = line.Start
			break
		}
	}
	return span
}

func blankBetween(content []byte, start, end int) bool {
	return len(bytes.TrimSpace(text.Span{Start: start, End: end}.Of(content))) == 0
}

// read notes the calls and the placeholders of the profile, and returns the
// places of all scalars of the file.
func (i *Init) read(file *yamlfile.File) []text.Span {
	var scalars []text.Span
	file.Walk(func(path []string, node *yamlfile.Node) bool {
		if node.Style != yamlfile.Plain || node.Value != "" {
			scalars = append(scalars, node.Span)
		}
		if len(path) == 0 || path[0] != i.Profile {
			return true
		}
		if HasJinja(node.Value) {
			at := node.SourceMap()
			for _, call := range jinja.Parse(node.Value).Calls {
				i.Calls = append(i.Calls, InitPlace{call.Name, text.Span{Start: at.At(call.Token.Start), End: at.At(call.Token.End)}})
			}
			return true
		}
		const depth = 4 // profile, outputs, target, field
		if len(path) >= depth && path[1] == "outputs" && IsPlaceholder(node) {
			i.Template = append(i.Template, InitPlace{path[3], node.Span})
		}
		return true
	})
	for output := range file.Root.Get(i.Profile).Get("outputs").All() {
		for field := range output.Value.Resolved().All() {
			if value := field.Value.Resolved(); value != nil && value.Kind != yamlfile.Scalar && isPlaceholderList(value) {
				i.Template = append(i.Template, InitPlace{field.Key.Value, value.Span})
			}
		}
	}
	slices.SortStableFunc(i.Template, func(a, b InitPlace) int { return a.At.Start - b.At.Start })
	i.Template = slices.CompactFunc(i.Template, func(a, b InitPlace) bool { return a.At == b.At })
	slices.SortFunc(scalars, func(a, b text.Span) int { return a.Start - b.Start })
	return scalars
}

// comments returns the comments that lie in a part of a file: what follows a #
// at the start of a line or behind a blank, outside of all values.
func comments(file *yamlfile.File, within text.Span, scalars []text.Span) []InitPlace {
	var found []InitPlace
	inside := func(at int) bool {
		n, exact := slices.BinarySearchFunc(scalars, at, func(s text.Span, at int) int { return s.Start - at })
		return exact || n > 0 && at < scalars[n-1].End
	}
	for n := file.Lines.LineOf(within.Start); n < file.Lines.Count(); n++ {
		line := file.Lines.Line(n)
		if line.Start >= within.End {
			break
		}
		content := string(line.Of(file.Content))
		for at := range len(content) {
			if content[at] == '#' && (at == 0 || strings.IndexByte(" \t", content[at-1]) >= 0) && !inside(line.Start+at) {
				found = append(found, InitPlace{At: text.Span{Start: line.Start + at, End: line.Start + len(strings.TrimRight(content, " \t\r\n"))}})
				break
			}
		}
	}
	return found
}

// InitOffers reports whether `dbt init` sets up profiles of an adapter.
func InitOffers(adapter string) bool {
	switch adapter {
	case "snowflake", "databricks", "bigquery", "clickhouse", "exasol", "postgres", "redshift", "fabric":
		return true
	}
	return false
}

// FetchedFields returns the fields that `dbt init` fetches from dbt platform for
// an adapter; passwords and tokens never (dbt-init/src/dbt_cloud_client.rs).
func FetchedFields(adapter string) []string {
	switch adapter {
	case "snowflake":
		return []string{"account", "user", "role", "database", "warehouse", "schema", "threads"}
	case "bigquery":
		return []string{"project", "schema", "threads", "location", "priority", "client_id", "token_uri"}
	case "redshift", "postgres":
		return []string{"user", "schema", "threads", "host", "dbname", "port"}
	case "databricks":
		return []string{"threads"}
	}
	return nil
}
