package diagnostics

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

var profileStructure = Rule{
	Code:     "profile-structure",
	Section:  ProjectFiles,
	Rank:     120,
	Severity: Error,
	Scope:    Machine,
	Title:    "profiles.yml does not have the shape that dbt reads",
	Fix:      "remove one of two spellings of a field; ★ where both say the same",
	Check: func(p *workspace.Project, report func(Finding)) {
		if p.ProfilesFile == nil {
			return
		}
		if !p.ProfilesFile.Exists() {
			f := Finding{
				Refuses: true, At: profileKey(p),
				Message: "dbt stops: " + name(p, p.ProfilesFile) + " cannot be read, " + p.ProfilesFile.Unreadable() + ".",
				Remedy:  "Put a file in its place.",
			}
			if errors.Is(p.ProfilesFile.Err, fs.ErrPermission) {
				f.Remedy = "Make it readable."
			}
			report(f)
			return
		}
		if pair, ok := p.ProfilesFile.YAML().Root.Pair("config"); ok && v2(p) {
			report(Finding{
				Refuses: true, At: p.ProfilesFile.At(pair.Key.Span),
				Message: "dbt v2 stops at `config:` in profiles.yml, whatever it holds.",
				Remedy:  "Move the settings to `flags:` of dbt_project.yml, and remove the key.",
			})
			return
		}
		if f, wrong := misshapen(p); wrong {
			f.Refuses = true
			report(f)
		}
		reportFieldTwice(p, report)
	},
}

// reportFieldTwice reports two spellings of one field in the connection that
// dbt v2 makes: `project` beside `database`, say.
func reportFieldTwice(p *workspace.Project, report func(Finding)) {
	if _, ok := adapterNode(p); !ok || !v2(p) {
		return
	}
	connection := p.Profile.Connections[0]
	first := map[string]yamlfile.Pair{}
	for pair := range connection.All() {
		field := dbt.FieldName(p.Profile.Adapter, pair.Key.Value)
		before, twice := first[field]
		switch {
		case !twice:
			first[field] = pair
		case before.Key.Value != pair.Key.Value: // else it is a key that stands twice
			report(stopsByList(p, fieldTwice(p, connection, before, pair)))
		}
	}
}

func fieldTwice(p *workspace.Project, connection *yamlfile.Node, first, second yamlfile.Pair) Finding {
	f := Finding{
		At:      p.ProfilesFile.At(second.Key.Span),
		Message: fmt.Sprintf("dbt v2 stops: `%s` and `%s` are one field of %s.", first.Key.Value, second.Key.Value, p.Profile.Adapter),
		Remedy:  "Keep one of the two.",
		Related: []Related{{p.ProfilesFile.At(first.Key.Span), "the same field"}},
	}
	equal := sameScalar(first.Value, second.Value)
	for _, pair := range []yamlfile.Pair{second, first} {
		if !asKnown(p.ProfilesFile) || !slices.Contains(connection.Pairs, pair) { // a merge key brings it
			continue
		}
		f.Fixes = append(f.Fixes, Fix{
			Title: "Remove `" + pair.Key.Value + "`",
			Safe:  equal && pair == second, Preferred: equal && pair == second,
			Edits: edits(p.ProfilesFile, p.ProfilesFile.YAML().RemovePair(connection, pair)),
		})
	}
	return f
}

// sameScalar reports whether two values are the same for certain.
func sameScalar(a, b *yamlfile.Node) bool {
	return a.Kind == yamlfile.Scalar && b.Kind == yamlfile.Scalar && a.Type() == b.Type() && a.Value == b.Value
}

func misshapen(p *workspace.Project) (Finding, bool) {
	profile := p.Profile
	switch profile.Problem {
	case dbt.ProfileWithoutOutputs:
		return Finding{
			At:      keyOf(p, p.ProfilesFile.YAML().Root, profile.Name),
			Message: fmt.Sprintf("dbt stops: the profile %s has no `outputs:`.", profile.Name),
			Remedy:  "Add `outputs:` with a target, and indent the targets below it.",
		}, true
	case dbt.TargetShape:
		return Finding{
			At:      keyOf(p, profile.Node.Get("outputs"), profile.Target),
			Message: fmt.Sprintf("dbt stops: the target %s is not a mapping.", profile.Target),
			Remedy:  "Write its `type:` and the other fields indented below it.",
		}, true
	case dbt.AdapterMissing:
		return Finding{
			At:      keyOf(p, profile.Node.Get("outputs"), profile.Target),
			Message: fmt.Sprintf("dbt stops: the target %s has no `type:` that is a name.", profile.Target),
			Remedy:  "Add `type:` with the name of the adapter, such as snowflake.",
		}, true
	}
	return Finding{}, false
}

// keyOf is the place of a key in profiles.yml.
func keyOf(p *workspace.Project, mapping *yamlfile.Node, key string) workspace.Location {
	if pair, ok := mapping.Pair(key); ok {
		return p.ProfilesFile.At(pair.Key.Span)
	}
	return p.ProfilesFile.At(text.Span{})
}
