package dbt

import (
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// CloudState is what the engine makes of ~/.dbt/dbt_cloud.yml.
type CloudState int

// The states of the file.
const (
	CloudNoHome  CloudState = iota // there is no home folder to look in
	CloudAbsent                    // no file, without a word of dbt
	CloudInvalid                   // a warning (dbt1005); credentials are off
	CloudFine
)

// CloudFile is ~/.dbt/dbt_cloud.yml (dbt-schemas/src/schemas/dbt_cloud.rs).
type CloudFile struct {
	Path     string
	State    CloudState
	Problems []CloudProblem // why the state is CloudInvalid: the first is the one that dbt names
	BOM      bool           // it begins with a byte order mark, which dbt does not accept here

	ActiveHost    CloudField // context.active-host
	ActiveProject CloudField // context.active-project; only `dbt init` and sign-in use it
	DeferEnvID    CloudField // context.defer-env-id
	Entries       []CloudEntry
}

// CloudProblem is one thing that keeps dbt from reading the file.
type CloudProblem struct {
	Span    text.Span
	Message string // what is wrong, without a value
}

// CloudField is one text of the file. Numbers count as the text they are
// written as, null as the empty text.
type CloudField struct {
	Text string
	Span text.Span
	Set  bool // the key exists
}

// CloudEntry is one item of `projects:`.
type CloudEntry struct {
	Span                   text.Span
	ProjectName, ProjectID CloudField
	AccountName, AccountID CloudField
	AccountHost            CloudField
	TokenName              CloudField
	Token                  secret.Text // token-value
	TokenAt                text.Span
}

// ReadCloudFile reads the content of a dbt_cloud.yml. It never fails.
func ReadCloudFile(path string, file *yamlfile.File) *CloudFile {
	return &CloudFile{Path: path, State: CloudInvalid}
}

// Entry returns the entry of a project id, nil without one. Ids are compared
// as texts.
func (c *CloudFile) Entry(projectID string) *CloudEntry { return nil }

// Fitting returns the entries whose project name is the name of a dbt project,
// letter case and the characters between words aside.
func (c *CloudFile) Fitting(name string) []*CloudEntry { return nil }
