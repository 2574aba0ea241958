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
	DeferJobVariable    = "DBT_CLOUD_DEFER_JOB_ID" // since preview.198
	StateOrgVariable    = "DBT_CLOUD_STATE_ORG_ID"
)

// CloudBlock is the key of dbt_project.yml that links a project.
const CloudBlock = "dbt-cloud"

// LinkQuery is all that a link follows from.
type LinkQuery struct {
	Project     *yamlfile.File // dbt_project.yml
	ProjectPath string
	Cloud       *CloudFile                            // nil counts as CloudNoHome
	Env         func(name string) (secret.Text, bool) // with what .env adds; nil for none
	Origin      func(name string) Origin              // of a variable; nil for a plain OriginShell
	Context     *jinja.Context                        // for Jinja in the `dbt-cloud:` block; nil for one of Env alone
}

// Part is one value of a link. It is a secret, since it may be the value of a
// variable; Shown gives what may be printed.
type Part struct {
	Value secret.Text
	From  Origin // OriginNone: nothing gives it
	Known bool   // it is given, not empty, and what it renders to is known

	literal bool // it stands in a file as it is
}

// Shown returns the value of a part that stands in a file as it is, the mask
// where a variable gives it and reveal is false, "" where it is not known.
func (p Part) Shown(reveal bool) string {
	switch {
	case !p.Known:
		return ""
	case p.literal || reveal:
		return p.Value.Reveal()
	}
	return secret.Mask
}

// Link says which project of dbt platform a checkout belongs to.
type Link struct {
	ProjectID, AccountID, Host, Token Part
	DeferEnv, DeferJob                Part          // what a manifest is asked of
	StateOrg                          Part          // the organization of dbt State, which has no part in deferral to dbt platform
	InProject                         Part          // the project id as dbt_project.yml gives it, whatever the environment says
	Block                             yamlfile.Pair // `dbt-cloud:` of dbt_project.yml; empty without it
	Entry                             *CloudEntry   // of dbt_cloud.yml for InProject, nil without one; not used when Mixed
	Mixed                             bool          // DBT_CLOUD_PROJECT_ID names another project than dbt_project.yml: nothing of the file is used
	Linked                            bool          // project id, account, host and token are all known
}

// ResolveLink finds the link as dbt v2 does: environment before
// dbt_project.yml before the entry of dbt_cloud.yml that dbt_project.yml names.
// An empty value counts as none.
func ResolveLink(q LinkQuery) *Link {
	l := &Link{}
	l.Block, _ = q.Project.Root.Pair(CloudBlock)
	block := linkBlock{l.Block.Value.Resolved(), q.ProjectPath, q.context()}

	l.InProject = block.part("project-id")
	l.ProjectID = first(q.variable(ProjectIDVariable), l.InProject)
	l.Mixed = l.InProject.Known && l.ProjectID.Known && l.InProject.Value != l.ProjectID.Value
	if l.InProject.Known && q.Cloud != nil && q.Cloud.State == CloudFine {
		l.Entry = q.Cloud.Entry(l.InProject.Value.Reveal())
	}
	var account, host, token, deferEnv Part
	if l.Entry != nil && !l.Mixed {
		account = q.Cloud.part("account-id", l.Entry.AccountID)
		host = q.Cloud.part("account-host", l.Entry.AccountHost)
		token = q.Cloud.part("token-value", CloudField{Text: l.Entry.Token.Reveal(), Span: l.Entry.TokenAt})
		token.literal = false
		deferEnv = q.Cloud.part("defer-env-id", q.Cloud.DeferEnvID)
	}
	l.AccountID = first(q.variable(AccountIDVariable), block.part("account_id"), account)
	l.Host = first(q.variable(AccountHostVariable), block.part("tenant_hostname"), block.part("account-host"), host)
	l.Token = first(q.variable(TokenVariable), token)
	l.DeferEnv = first(q.variable(DeferEnvVariable), block.part("defer-env-id"), deferEnv)
	l.DeferJob = q.variable(DeferJobVariable)
	l.StateOrg = first(q.variable(StateOrgVariable), block.part("state-org-id"))
	l.Linked = l.ProjectID.Known && l.Credentials()
	return l
}

// Credentials reports whether account, host and token are all known.
func (l *Link) Credentials() bool { return l.AccountID.Known && l.Host.Known && l.Token.Known }

// Missing names what a link lacks, in the words of dbt_cloud.yml.
func (l *Link) Missing() []string {
	var missing []string
	for _, part := range []struct {
		name string
		Part
	}{
		{"project-id", l.ProjectID}, {"account-id", l.AccountID}, {"account-host", l.Host}, {"token-value", l.Token},
	} {
		if !part.Known {
			missing = append(missing, part.name)
		}
	}
	return missing
}

// first returns the first part that is given. One whose value hangs on a
// variable that is missing still hides those that follow.
func first(parts ...Part) Part {
	for _, p := range parts {
		if p.From.Kind != OriginNone {
			return p
		}
	}
	return Part{}
}

func (q LinkQuery) variable(name string) Part {
	if q.Env == nil {
		return Part{}
	}
	value, ok := q.Env(name)
	if !ok || value.Empty() {
		return Part{}
	}
	from := Origin{}
	if q.Origin != nil {
		from = q.Origin(name)
	}
	if from.Kind == OriginNone {
		from = Origin{Kind: OriginShell, Name: name}
	}
	return Part{Value: value, From: from, Known: true}
}

func (q LinkQuery) context() *jinja.Context {
	if q.Context != nil {
		return q.Context
	}
	return &jinja.Context{Env: q.Env}
}

// part makes a part of a field of dbt_cloud.yml.
func (c *CloudFile) part(key string, f CloudField) Part {
	if f.Text == "" {
		return Part{}
	}
	return Part{
		Value: secret.New(f.Text), Known: true, literal: true,
		From: Origin{Kind: OriginFile, Name: key, Path: c.Path, Span: f.Span},
	}
}

// linkBlock is `dbt-cloud:` of dbt_project.yml.
type linkBlock struct {
	node    *yamlfile.Node
	path    string
	context *jinja.Context
}

func (b linkBlock) part(key string) Part {
	node := b.node.Get(key)
	value := Render(node, b.context)
	if !value.Present || node.Kind != yamlfile.Scalar || value.Known && value.Text == "" {
		return Part{}
	}
	return Part{
		Value: secret.New(value.Text), Known: value.Known, literal: value.Literal,
		From: Origin{Kind: OriginFile, Name: CloudBlock + "." + key, Path: b.path, Span: node.Span},
	}
}

// UsesPlatform reports whether a project uses dbt platform: it has a
// `dbt-cloud:` block, lists `projects:`, has the four variables of a link, or
// exactly one entry of dbt_cloud.yml fits its name. Either of the two files may
// be nil.
func UsesPlatform(q LinkQuery, packages, dependencies *PackagesFile) bool {
	if _, ok := q.Project.Root.Pair(CloudBlock); ok {
		return true
	}
	for _, file := range []*PackagesFile{packages, dependencies} {
		if file != nil && len(file.Projects) > 0 {
			return true
		}
	}
	if q.variable(ProjectIDVariable).Known && q.variable(AccountIDVariable).Known &&
		q.variable(AccountHostVariable).Known && q.variable(TokenVariable).Known {
		return true
	}
	name, _ := ProjectFile{YAML: q.Project}.Name()
	return len(q.Cloud.Fitting(name)) == 1
}
