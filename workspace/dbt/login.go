package dbt

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// LoginSource is what `dbt login status` finds credentials of dbt platform in.
type LoginSource string

// The sources, in the order in which dbt looks at them.
const (
	LoginNone        LoginSource = ""
	LoginEnvironment LoginSource = "environment"
	LoginSession     LoginSource = "session" // of `dbt login`; whether it is still good is not known
	LoginFile        LoginSource = "dbt_cloud.yml"
)

// personalPrefix is how a personal token begins. dbt takes any other for one of a
// service.
const personalPrefix = "dbtu_"

// LoginQuery is all that the answer of `dbt login status` follows from.
type LoginQuery struct {
	Cloud   *CloudFile                            // nil counts as CloudNoHome
	Env     func(name string) (secret.Text, bool) // with what .env adds
	Project *yamlfile.File                        // the dbt_project.yml of the folder that dbt runs in; nil without one
	Session bool                                  // there is a ~/.dbt/oauth_sessions.json, whose format is nobody else's business
}

// Login is what `dbt login status` says. It is not the link: without a project id
// this follows from the project that dbt_cloud.yml calls active.
type Login struct {
	Via      LoginSource
	Personal bool        // the token is a person's, not a service's
	Entry    *CloudEntry // of dbt_cloud.yml, for LoginFile
	Problem  string      // what is wrong with dbt_cloud.yml, without a value and without the full stop
}

// ResolveLogin answers as dbt v2 does (`dbt login status`, asked in July 2026).
func ResolveLogin(q LoginQuery) Login {
	link := LinkQuery{Env: q.Env}
	if token := link.variable(TokenVariable); token.Known && link.variable(AccountHostVariable).Known && link.variable(AccountIDVariable).Known {
		return Login{Via: LoginEnvironment, Personal: IsPersonalToken(token.Value)}
	}
	login := q.file()
	if q.Session && login.Via == LoginNone {
		login.Via = LoginSession
	}
	return login
}

// wanted is the project or the host that a variable gives, or dbt_project.yml as it
// is written there, also an empty one: unlike for a link this is not rendered. Where
// neither does it is the active one.
func (q LoginQuery) wanted(variable, key string, active CloudField) string {
	if v := (LinkQuery{Env: q.Env}).variable(variable); v.Known {
		return v.Value.Reveal()
	}
	if q.Project == nil || q.Project.Broken() {
		return active.Text
	}
	if written := q.Project.Root.Get(CloudBlock).Resolved().Get(key); written != nil && !written.IsNull() {
		value, _ := written.Text()
		return value
	}
	return active.Text
}

// file looks for the entry of the wanted project on the wanted host.
func (q LoginQuery) file() Login {
	c := q.Cloud
	switch {
	case c == nil || c.State == CloudNoHome || c.State == CloudAbsent:
		return Login{}
	case c.State == CloudInvalid:
		return Login{Problem: "dbt cannot read the file"}
	}
	project, host := q.wanted(ProjectIDVariable, "project-id", c.ActiveProject), q.wanted(AccountHostVariable, "account-host", c.ActiveHost)
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.ProjectID.Text != project || e.AccountHost.Text != host {
			continue
		}
		if e.Token.Empty() {
			return Login{Problem: "`token-value` of the active project is empty"}
		}
		return Login{Via: LoginFile, Personal: IsPersonalToken(e.Token), Entry: e}
	}
	return Login{}
}

// IsPersonalToken reports whether a token is a person's. The token itself stays
// secret.
func IsPersonalToken(token secret.Text) bool {
	return strings.HasPrefix(token.Reveal(), personalPrefix)
}
