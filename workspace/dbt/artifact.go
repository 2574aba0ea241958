package dbt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
)

// PublicationsFolder is the folder below the target path in which dbt keeps what
// it fetched of other projects: <name>.json, and <name>.info with the time
// (dbt-loader/src/download_publication.rs).
const PublicationsFolder = "dbt_cloud_publications"

// PublicationsVariable names another such folder. Where it is set, to anything,
// dbt fetches nothing.
const PublicationsVariable = "DBT_CLOUD_PUBLICATIONS_DIR"

// publicationSchema is the version of the format that is read. Nothing is said
// of what is in a file of another one.
const publicationSchema = "v1"

// maxPublication is how much of a publication artifact is read, in bytes: the
// public models of a project take less than a kilobyte each.
const maxPublication = 32 << 20

// maxDepth is how deep lists and mappings may lie in each other.
const maxDepth = 1000

// Publication is a publication artifact: what another project lets others use.
type Publication struct {
	Problem   PublicationProblem
	Project   string        // project_name, "" where it does not say
	Schema    string        // version of the format: "v1"; "" where it does not say
	Version   string        // of the dbt that made it, "" where it does not say
	Generated time.Time     // zero where it does not say
	Models    []PublicModel // sorted by name and version; nil with a problem
}

// PublicModel is a model that other projects may name in ref().
type PublicModel struct {
	Name        string
	Version     string // of the model, "" for one without versions
	Latest      string // the version that a ref without one means
	Relation    string // database.schema.identifier as dbt writes it into SQL
	Description string
	Deprecated  string // the date, "" without one
}

// PublicationProblem is why nothing is known of what a publication artifact holds.
type PublicationProblem string

// The problems. All but the first two are of the content.
const (
	PublicationFine         PublicationProblem = ""
	PublicationNoFile       PublicationProblem = "no-file"    // a folder, a pipe or the like
	PublicationUnreadable   PublicationProblem = "unreadable" // the system does not let it be read
	PublicationTooLarge     PublicationProblem = "too-large"
	PublicationCut          PublicationProblem = "cut" // it ends too early: it is being written, or was cut off
	PublicationNotJSON      PublicationProblem = "not-json"
	PublicationEmpty        PublicationProblem = "empty" // JSON without public models
	PublicationOtherVersion PublicationProblem = "other-version"
	PublicationOtherProject PublicationProblem = "other-project"
)

// Sentence says what is wrong, as the end of "the file …".
func (p PublicationProblem) Sentence() string {
	switch p {
	case PublicationFine:
		return "is fine"
	case PublicationNoFile:
		return "is no file"
	case PublicationUnreadable:
		return "cannot be read"
	case PublicationTooLarge:
		return fmt.Sprintf("is larger than %d MiB and was not read", maxPublication>>20)
	case PublicationCut:
		return "ends too early"
	case PublicationNotJSON:
		return "is not JSON"
	case PublicationEmpty:
		return "lists no public models"
	case PublicationOtherVersion:
		return "has a format that is not known here"
	case PublicationOtherProject:
		return "is of another project"
	}
	return string(p)
}

// Has reports whether a model of a name is public, in any version.
func (p *Publication) Has(model string) bool {
	_, ok := p.Model(model)
	return ok
}

// Model returns the public model that a ref without a version means.
func (p *Publication) Model(name string) (PublicModel, bool) {
	at, found := slices.BinarySearchFunc(p.Models, name, func(m PublicModel, name string) int { return strings.Compare(m.Name, name) })
	if !found {
		return PublicModel{}, false
	}
	for i := at; i < len(p.Models) && p.Models[i].Name == name; i++ {
		if p.Models[i].Version == p.Models[i].Latest {
			return p.Models[i], true
		}
	}
	return p.Models[at], true
}

// Names returns the names of the public models, each once, sorted.
func (p *Publication) Names() []string {
	names := make([]string, 0, len(p.Models))
	for i := range p.Models {
		names = append(names, p.Models[i].Name)
	}
	return slices.Compact(names)
}

// ReadPublication reads the publication artifact of a project, as much of it as
// is allowed, and keeps only what is asked for later. It never fails: what is
// wrong is a Problem.
func ReadPublication(r io.Reader, project string) *Publication {
	counted := &io.LimitedReader{R: r, N: maxPublication + 1}
	reader := publicationReader{json: json.NewDecoder(counted)}
	err := reader.read()
	out := &reader.Publication
	var broken *json.SyntaxError
	switch {
	case counted.N <= 0:
		out.Problem = PublicationTooLarge
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		out.Problem = PublicationCut
	case errors.As(err, &broken), errors.Is(err, errNotPublication):
		out.Problem = PublicationNotJSON
	case err != nil:
		out.Problem = PublicationUnreadable
	case out.Schema != "" && out.Schema != publicationSchema:
		out.Problem = PublicationOtherVersion
	case !reader.listed:
		out.Problem = PublicationEmpty
	case out.Project != "" && out.Project != project:
		out.Problem = PublicationOtherProject
	}
	if out.Problem != PublicationFine {
		out.Models = nil
	}
	slices.SortFunc(out.Models, func(a, b PublicModel) int {
		return strings.Compare(a.Name+"\x00"+a.Version, b.Name+"\x00"+b.Version)
	})
	return out
}

// errNotPublication is the error of JSON that is nothing dbt would write.
var errNotPublication = errors.New("no publication artifact")

type publicationReader struct {
	Publication
	json   *json.Decoder
	listed bool // public_models is there
}

// read goes through the members of the file, one at a time.
func (r *publicationReader) read() error {
	first, err := r.json.Token()
	switch {
	case err != nil:
		return err
	case first == nil: // dbt platform answered without data
		return r.end()
	case first != json.Delim('{'):
		return errNotPublication
	}
	for r.json.More() {
		key, err := r.json.Token()
		if err != nil {
			return err
		}
		switch key {
		case "project_name":
			var name looseText
			err = r.decode(&name)
			r.Project = string(name)
		case "metadata":
			err = r.metadata()
		case "public_models":
			err = r.models()
		default:
			err = r.skip()
		}
		if err != nil {
			return err
		}
	}
	if _, err := r.json.Token(); err != nil {
		return err
	}
	return r.end()
}

// end holds that nothing stands behind the value.
func (r *publicationReader) end() error {
	switch _, err := r.json.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return errNotPublication
}

func (r *publicationReader) metadata() error {
	var raw struct {
		Schema    looseText `json:"dbt_schema_version"`
		Version   looseText `json:"dbt_version"`
		Generated looseText `json:"generated_at"`
	}
	if err := r.decode(&raw); err != nil {
		return err
	}
	if raw.Schema != "" { // https://schemas.getdbt.com/dbt/publication/v1.json
		r.Schema = strings.TrimSuffix(path.Base(string(raw.Schema)), ".json")
	}
	r.Version = string(raw.Version)
	r.Generated, _ = time.Parse(time.RFC3339Nano, string(raw.Generated)) // the zero time when it does not say
	return nil
}

// models reads public_models, a mapping by unique id.
func (r *publicationReader) models() error {
	first, err := r.json.Token()
	switch {
	case err != nil:
		return err
	case first == json.Delim('['):
		return r.rest(1)
	case first != json.Delim('{'):
		return nil
	}
	r.listed = true
	for r.json.More() {
		if _, err := r.json.Token(); err != nil {
			return err
		}
		var raw struct {
			Name        string    `json:"name"`
			Version     looseText `json:"version"`
			Latest      looseText `json:"latest_version"`
			Relation    string    `json:"relation_name"`
			Description string    `json:"description"`
			Deprecated  string    `json:"deprecation_date"`
		}
		if err := r.decode(&raw); err != nil {
			return err
		}
		if isModelName(raw.Name) {
			r.Models = append(r.Models, PublicModel{
				raw.Name, string(raw.Version), string(raw.Latest), printable(raw.Relation), printable(raw.Description), printable(raw.Deprecated),
			})
		}
	}
	_, err = r.json.Token()
	return err
}

// decode reads a value. One of another type than expected is read past: only
// what fits of it counts.
func (r *publicationReader) decode(into any) error {
	err := r.json.Decode(into)
	var other *json.UnmarshalTypeError
	if errors.As(err, &other) {
		return nil
	}
	return err
}

// skip reads past a value without keeping it.
func (r *publicationReader) skip() error {
	token, err := r.json.Token()
	if err != nil {
		return err
	}
	if token == json.Delim('{') || token == json.Delim('[') {
		return r.rest(1)
	}
	return nil
}

// rest reads past the rest of so many lists and mappings.
func (r *publicationReader) rest(depth int) error {
	for depth > 0 {
		token, err := r.json.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth > maxDepth {
			return errNotPublication
		}
	}
	return nil
}

// looseText is a text, or a number as it is written; "" for anything else.
type looseText string

// UnmarshalJSON never fails.
func (t *looseText) UnmarshalJSON(data []byte) error {
	var s string
	switch {
	case len(data) > 0 && data[0] == '"':
		if json.Unmarshal(data, &s) != nil {
			return nil
		}
	case bytes.IndexByte([]byte("-0123456789"), data[0]) >= 0:
		s = string(data)
	}
	*t = looseText(printable(s))
	return nil
}

// printable makes blanks of what steers a terminal.
func printable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, s))
}

// isModelName reports whether a name can stand between the quotes of ref().
func isModelName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("'\"\\{}", r)
	})
}
