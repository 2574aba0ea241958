package dbt

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
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
	Session bool                                  // there is a ~/.dbt/oauth_sessions.json, whose format is nobody else's business
}

// Login is what `dbt login status` says. It is not the link: that follows from a
// project id, this from the project that dbt_cloud.yml calls active.
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
	login := q.Cloud.login()
	if q.Session && login.Via == LoginNone {
		login.Via = LoginSession
	}
	return login
}

// login looks for the entry of the active project on the active host.
func (c *CloudFile) login() Login {
	switch {
	case c == nil || c.State == CloudNoHome || c.State == CloudAbsent:
		return Login{}
	case c.State == CloudInvalid:
		return Login{Problem: "dbt cannot read the file"}
	}
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.ProjectID.Text != c.ActiveProject.Text || e.AccountHost.Text != c.ActiveHost.Text {
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
