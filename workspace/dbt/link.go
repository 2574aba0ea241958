package dbt

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// The variables that link a checkout to dbt platform
// (dbt-cloud-config/src/resolve.rs).
const (
	ProjectIDVariable   = "DBT_CLOUD_PROJECT_ID"
	AccountIDVariable   = "DBT_CLOUD_ACCOUNT_ID"
	AccountHostVariable = "DBT_CLOUD_ACCOUNT_HOST"
	TokenVariable       = "DBT_CLOUD_TOKEN"
	DeferEnvVariable    = "DBT_CLOUD_DEFER_ENV_ID"
)

// LinkQuery is all that a link follows from.
type LinkQuery struct {
	Project     *yamlfile.File // dbt_project.yml
	ProjectPath string
	Cloud       *CloudFile
	Env         func(name string) (secret.Text, bool) // with what .env adds
	Origin      func(name string) Origin              // of a variable
	Context     *jinja.Context                        // for Jinja in the `dbt-cloud:` block
}

// Part is one value of a link. It is a secret, since it may be the value of a
// variable; Shown gives what may be printed.
type Part struct {
	Value secret.Text
	From  Origin // OriginNone: nothing gives it
	Known bool   // false also where Jinja gives it and a variable is missing
}

// Shown returns the value of a part that stands in a file, the mask where a
// variable gives it and reveal is false, "" where nothing does.
func (p Part) Shown(reveal bool) string { return "" }

// Link says which project of dbt platform a checkout belongs to.
type Link struct {
	ProjectID, AccountID, Host, Token Part
	DeferEnv                          Part
	// InProject is the project id as dbt_project.yml gives it, whatever the environment says.
	InProject Part
	Block     yamlfile.Pair // `dbt-cloud:` of dbt_project.yml; empty without it
	Entry     *CloudEntry   // of dbt_cloud.yml for InProject, nil without one
	Mixed     bool          // DBT_CLOUD_PROJECT_ID names another project than dbt_project.yml: the file is not used
	Linked    bool          // project id, account, host and token are all known and belong together
}

// ResolveLink finds the link as dbt v2 does: environment before
// dbt_project.yml before dbt_cloud.yml.
func ResolveLink(q LinkQuery) *Link { return &Link{} }

// Credentials reports whether account, host and token are all known.
func (l *Link) Credentials() bool { return false }

// UsesPlatform reports whether a project uses dbt platform: it has a
// `dbt-cloud:` block, lists `projects:`, has the four variables of a link, or
// exactly one entry of dbt_cloud.yml fits its name.
func UsesPlatform(q LinkQuery, packages, dependencies *PackagesFile) bool { return false }
