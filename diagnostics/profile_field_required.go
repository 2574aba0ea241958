package diagnostics

import (
	"fmt"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var profileFieldRequired = Rule{
	Code:     "profile-field-required",
	Section:  ProjectFiles,
	Rank:     150,
	Severity: Error,
	Scope:    Machine,
	Title:    "The target in profiles.yml lacks a field that its adapter needs",
	Fix:      "the field that is meant; insert it with env_var()",
	Check: func(p *workspace.Project, report func(Finding)) {
		if _, ok := adapterNode(p); !ok || p.EngineKind() == engine.KindV1 {
			return
		}
		connection := p.Profile.Connections[0]
		has := func(field string) bool { return !connection.Get(field).IsNull() }
		value := func(field string) string {
			if node := connection.Get(field); node != nil && !dbt.Templated(node) {
				return node.Value
			}
			return ""
		}
		var missing []dbt.RequiredField
		for _, field := range dbt.RequiredFields(p.Profile.Adapter) {
			if there := connection.Get(field.Names[0]) != nil; !given(field, has) && (there || !field.NotNull) {
				missing = append(missing, field)
			}
		}
		if len(missing) > 0 {
			report(stopsByList(p, lacks(p, connection, missing, "dbt v2 stops: the target %s lacks %s, which %s needs.")))
		}
		missing = dbt.ConnectFields(p.Profile.Adapter, has, value)
		if len(missing) > 0 {
			f := lacks(p, connection, missing, "dbt cannot connect: the target %s lacks %s, which %s needs for this way to sign in.")
			f.Severity = Warning
			report(f)
		}
	},
}

func given(field dbt.RequiredField, has func(string) bool) bool {
	for _, name := range field.Names {
		if has(name) {
			return true
		}
	}
	return false
}

func lacks(p *workspace.Project, connection *yamlfile.Node, missing []dbt.RequiredField, message string) Finding {
	names := make([]string, len(missing))
	fix := Fix{Title: "Add it with env_var()"}
	for i, field := range missing {
		names[i] = "`" + strings.Join(field.Names, "` or `") + "`"
	}
	f := Finding{
		At:      keyOf(p, p.Profile.Node.Get("outputs"), p.Profile.Target),
		Message: fmt.Sprintf(message, p.Profile.Target, list(names), p.Profile.Adapter),
		Remedy:  "Add it to the target.",
	}
	if len(missing) > 1 {
		f.Remedy, fix.Title = "Add them to the target.", "Add them with env_var()"
	}
	if !asKnown(p.ProfilesFile) {
		return f
	}
	perhaps, corrected := misspellings(p, connection, missing)
	f.Remedy, f.Fixes = f.Remedy+perhaps, corrected
	if connection == p.Profile.Output && connection.Style == yamlfile.Block {
		for _, field := range missing {
			call := `"{{ env_var('` + fieldVariable(p, field.Names[0]) + `') }}"`
			fix.Edits = append(fix.Edits, edits(p.ProfilesFile, p.ProfilesFile.YAML().InsertKey(connection, field.Names[0], call))...)
		}
		f.Fixes = append(f.Fixes, fix)
	}
	return f
}

// misspellings says which keys of a connection may be meant as fields that are
// missing, and corrects them if they are all of these.
func misspellings(p *workspace.Project, connection *yamlfile.Node, missing []dbt.RequiredField) (perhaps string, corrected []Fix) {
	var wrong []string
	var changes []text.Edit
	title := "Correct the fields that are misspelt"
	for _, field := range missing {
		if key, meant := misspelt(p, connection, field); key != nil {
			wrong = append(wrong, "`"+key.Value+"`")
			changes = append(changes, text.Edit{Span: key.Span, New: meant})
		}
	}
	switch len(wrong) {
	case 0:
		return "", nil
	case 1:
		perhaps, title = " Perhaps "+wrong[0]+" is misspelt.", "Write `"+changes[0].New+"` instead of "+wrong[0]
	default:
		perhaps = " Perhaps " + list(wrong) + " are misspelt."
	}
	if fix, ok := repair(p.ProfilesFile, title, changes...); ok && len(wrong) == len(missing) {
		corrected = []Fix{fix}
	}
	return perhaps, corrected
}

// misspelt returns the key of a connection that most likely means a field, and how
// the field is spelt; nil where no key that dbt does not know is like it.
func misspelt(p *workspace.Project, connection *yamlfile.Node, field dbt.RequiredField) (key *yamlfile.Node, meant string) {
	keys, names := map[string]*yamlfile.Node{}, []string(nil)
	for pair := range connection.All() {
		name := pair.Key.Value
		if pair.Key.Style == yamlfile.Plain && name != "type" && !dbt.KnowsField(p.Profile.Adapter, name) && p.ProfilesFile.At(pair.Key.Span).Text() == name {
			keys[name] = pair.Key
			names = append(names, name)
		}
	}
	for _, meant := range field.Names {
		if like := similar(meant, names); like != "" {
			return keys[like], meant
		}
	}
	return nil, ""
}

// fieldVariable is the name of a variable for a field of a connection.
func fieldVariable(p *workspace.Project, field string) string {
	prefix := "DBT_"
	if dbt.SecretField(field) {
		prefix = "DBT_ENV_SECRET_"
	}
	return prefix + envWord(p.Profile.Adapter) + "_" + envWord(field)
}
