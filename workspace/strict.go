package workspace

import "strings"

// profiles reports whether the text stands in profiles.yml.
func (u *unit) profiles() bool { return strings.HasPrefix(u.scope, "profiles:") }

// strict reports whether dbt fails in the text at a look into what is undefined,
// beyond files in which secrets are allowed: in dbt_project.yml, but for hooks,
// variables and the comment on queries.
func (u *unit) strict() bool {
	return u.scope == "project" && u.phase == onParse && u.field != "query-comment" && u.field != "comment"
}
