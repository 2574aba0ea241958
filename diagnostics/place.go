package diagnostics

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
)

// head is where a finding about the project as a whole stands: its `dbt-cloud:`
// block, or else its name.
func head(p *workspace.Project) workspace.Location { return p.File.At(p.HeadSpan()) }

// profileKey is the value of `profile:` in dbt_project.yml, or the head.
func profileKey(p *workspace.Project) workspace.Location {
	pair, ok := p.File.YAML().Root.Pair("profile")
	switch {
	case !ok:
		return head(p)
	case pair.Value == nil || pair.Value.IsNull():
		return p.File.At(pair.Key.Span)
	}
	return p.File.At(pair.Value.Span)
}

// origin returns the place of a setting; ok is false where it has none.
func origin(p *workspace.Project, o dbt.Origin) (workspace.Location, bool) {
	for _, file := range []*workspace.File{p.File, p.EnvFile, p.ProfilesFile, p.CloudFile, p.Dependencies, p.Packages} {
		if file.Exists() && file.Path == o.Path {
			return file.At(o.Span), true
		}
	}
	return workspace.Location{}, false
}

// by says who decided: "--target", "DBT_TARGET in the shell", "target: in profiles.yml".
func by(p *workspace.Project, o dbt.Origin) string {
	switch o.Kind {
	case dbt.OriginFlag:
		return o.Name
	case dbt.OriginShell:
		return o.Name + " in the shell"
	case dbt.OriginEnvFile:
		return o.Name + " in .env"
	case dbt.OriginEditor:
		return o.Name + " in the editor's settings"
	case dbt.OriginFile:
		if at, ok := origin(p, o); ok {
			return "`" + o.Name + ":` in " + name(p, at.File)
		}
	}
	return "dbt's own default"
}

// literal reports whether a setting is written out where it stands: what a
// variable gives is shown to nobody.
func literal(p *workspace.Project, from dbt.Origin) bool {
	switch from.Kind {
	case dbt.OriginFlag, dbt.OriginDefault:
		return true
	case dbt.OriginFile:
		at, ok := origin(p, from)
		return ok && !dbt.HasJinja(at.Text())
	}
	return false
}
