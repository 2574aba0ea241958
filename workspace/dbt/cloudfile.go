package dbt

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

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
	BOM      bool           // a byte order mark is what makes it invalid: dbt takes it for a part of the first key

	ActiveHost    CloudField // context.active-host
	ActiveProject CloudField // context.active-project; only `dbt init` and sign-in use it
	DeferEnvID    CloudField // context.defer-env-id
	Entries       []CloudEntry
}

// CloudProblem is one thing that keeps dbt from reading the file.
type CloudProblem struct {
	Span    text.Span
	Message string // what is wrong, without a value and without the full stop
}

// CloudField is one text of the file. Numbers, booleans and null count as the
// text they are written as.
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

// ReadCloudFile reads the content of a dbt_cloud.yml. It never fails. Keys that
// dbt does not know, and merge keys, are passed over as dbt does.
func ReadCloudFile(path string, file *yamlfile.File) *CloudFile {
	c := &CloudFile{Path: path, State: CloudFine}
	r := cloudReader{file: c}
	if file.Broken() {
		r.broken(file)
	} else {
		if markBreaks(file.Content) {
			c.BOM = true
			r.problem(text.Span{End: len(byteOrderMark)}, "a byte order mark stands before the first key")
		}
		r.root(file.Root)
	}
	if len(c.Problems) > 0 {
		c.State = CloudInvalid
	}
	return c
}

// Entry returns the entry of a project id, nil without one. Ids are compared
// as texts.
func (c *CloudFile) Entry(projectID string) *CloudEntry {
	for i := range c.Entries {
		if c.Entries[i].ProjectID.Text == projectID {
			return &c.Entries[i]
		}
	}
	return nil
}

// Fitting returns the entries whose project name is the name of a dbt project,
// letter case and the characters between words aside.
func (c *CloudFile) Fitting(name string) []*CloudEntry {
	want := letters(name)
	if c == nil || want == "" {
		return nil
	}
	var fitting []*CloudEntry
	for i := range c.Entries {
		if letters(c.Entries[i].ProjectName.Text) == want {
			fitting = append(fitting, &c.Entries[i])
		}
	}
	return fitting
}

// letters keeps the letters and digits of a name, in lower case.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

const byteOrderMark = "\ufeff"

// markBreaks reports whether a content begins with a byte order mark that dbt
// does not get over: it moves the first key of a block mapping by one column.
// On a line that is empty, a comment or a flow mapping it does no harm.
func markBreaks(content []byte) bool {
	rest, ok := bytes.CutPrefix(content, []byte(byteOrderMark))
	if !ok {
		return false
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	line = bytes.TrimSpace(line)
	return len(line) > 0 && !bytes.ContainsRune([]byte("#{["), rune(line[0]))
}

// cloudReader fills a CloudFile and notes problems in the order in which dbt
// meets them: what is nested first, then what is missing around it.
type cloudReader struct {
	file *CloudFile
}

func (r cloudReader) problem(at text.Span, message string) {
	r.file.Problems = append(r.file.Problems, CloudProblem{at, message})
}

// broken keeps what stands before the error, for the entries that a fix may
// name. What is missing behind it is no problem of its own.
func (r cloudReader) broken(file *yamlfile.File) {
	r.root(file.Partial)
	r.file.Problems = nil
	for _, p := range file.Problems {
		r.problem(p.Span, p.Message)
	}
}

func (r cloudReader) root(node *yamlfile.Node) {
	if node == nil {
		r.problem(text.Span{}, "the file is empty")
		return
	}
	r.mapping(node, "the file", []field{
		{"version", func(n *yamlfile.Node) { r.text(n, "version") }},
		{"context", r.context},
		{"projects", r.projects},
	}, field{"state", func(n *yamlfile.Node) {
		if n.IsNull() {
			return
		}
		r.mapping(n, "`state`", []field{
			{"client-id", func(n *yamlfile.Node) { r.text(n, "client-id") }},
			{"client-secret", func(n *yamlfile.Node) { r.text(n, "client-secret") }},
		})
	}})
}

func (r cloudReader) context(node *yamlfile.Node) {
	c := r.file
	r.mapping(node, "`context`", []field{
		{"active-project", func(n *yamlfile.Node) { c.ActiveProject = r.text(n, "active-project") }},
		{"active-host", func(n *yamlfile.Node) { c.ActiveHost = r.text(n, "active-host") }},
	}, field{"defer-env-id", func(n *yamlfile.Node) { c.DeferEnvID = r.text(n, "defer-env-id") }})
}

func (r cloudReader) projects(node *yamlfile.Node) {
	if blank(node) {
		return // dbt takes a missing value for an empty list, though not the word null
	}
	if node.Kind != yamlfile.Sequence {
		r.problem(node.Span, "`projects` must be a list")
		return
	}
	for _, item := range node.Items {
		item = item.Resolved()
		e := CloudEntry{Span: spanOf(item)}
		keep := func(to *CloudField, key string) field {
			return field{key, func(n *yamlfile.Node) { *to = r.text(n, key) }}
		}
		r.mapping(item, "an entry of `projects`", []field{
			keep(&e.ProjectName, "project-name"), keep(&e.ProjectID, "project-id"),
			keep(&e.AccountName, "account-name"), keep(&e.AccountID, "account-id"),
			keep(&e.AccountHost, "account-host"), keep(&e.TokenName, "token-name"),
			{"token-value", func(n *yamlfile.Node) {
				token := r.text(n, "token-value")
				e.Token, e.TokenAt = secret.New(token.Text), token.Span
			}},
		})
		r.file.Entries = append(r.file.Entries, e)
	}
}

// field is a key of a mapping and what to do with its value.
type field struct {
	key  string
	read func(*yamlfile.Node)
}

// mapping reads the required and the optional keys of a mapping.
func (r cloudReader) mapping(node *yamlfile.Node, what string, required []field, optional ...field) {
	at := text.Span{}
	if node != nil {
		at = text.At(node.Span.Start)
	}
	if node != nil && node.Kind != yamlfile.Mapping && !blank(node) {
		r.problem(node.Span, what+" must be a mapping")
		return
	}
	found := map[string]bool{}
	if node != nil {
		for i, pair := range node.Pairs {
			key, _ := pair.Key.Text()
			if i == 0 {
				at = pair.Key.Span
			}
			for _, f := range append(required, optional...) {
				switch {
				case f.key != key:
				case found[key]:
					r.problem(pair.Key.Span, fmt.Sprintf("`%s` stands twice in %s", key, what))
				default:
					found[key] = true
					f.read(pair.Value.Resolved())
				}
			}
		}
	}
	for _, f := range required {
		if !found[f.key] {
			r.problem(at, fmt.Sprintf("%s has no `%s`", what, f.key))
		}
	}
}

// text reads a value that must be a text.
func (r cloudReader) text(node *yamlfile.Node, key string) CloudField {
	if node == nil {
		return CloudField{Set: true}
	}
	if node.Kind != yamlfile.Scalar {
		r.problem(node.Span, fmt.Sprintf("`%s` must be a text", key))
		return CloudField{Span: node.Span, Set: true}
	}
	return CloudField{Text: node.Value, Span: node.Span, Set: true}
}

// blank reports whether nothing stands where a value should.
func blank(node *yamlfile.Node) bool {
	return node == nil || node.Kind == yamlfile.Scalar && node.Style == yamlfile.Plain && node.Value == ""
}
