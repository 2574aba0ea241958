package dbt

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// publicationHead is what stands in front of the public models.
const publicationHead = `{"project_name": "up", "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/publication/v1.json", "dbt_version": "2.0.8",
  "generated_at": "2026-11-27T10:00:00.5Z", "quoting": {"schema": true}}, "dependencies": ["other"], `

func TestReadPublication(t *testing.T) {
	const models = `"public_models": {
  "model.up.orders.v2": {"name": "orders", "version": 2, "latest_version": "1", "relation_name": "db.s.orders_v2", "public_node_dependencies": []},
  "model.up.orders.v1": {"name": "orders", "version": "1", "latest_version": "1", "relation_name": "db.s.orders"},
  "model.up.customers": {"name": "customers", "version": null, "relation_name": "\"db\".\"s\".\"customers\"", "description": "who\nbuys \u001b[31m", "deprecation_date": "2027-01-01T00:00:00Z"},
  "model.up.odd": {"name": "odd", "relation_name": {"a": [1, {"b": null}]}, "description": ["x"]},
  "model.up.no_name": {"relation_name": "x"}, "model.up.quoted": {"name": "a' b"}, "model.up.list": [], "model.up.null": null
}}`
	p := ReadPublication(strings.NewReader(publicationHead+models), "up")
	want := &Publication{
		Project: "up", Schema: "v1", Version: "2.0.8", Generated: time.Date(2026, 11, 27, 10, 0, 0, 5e8, time.UTC),
		Models: []PublicModel{
			{Name: "customers", Relation: `"db"."s"."customers"`, Description: "who buys  [31m", Deprecated: "2027-01-01T00:00:00Z"},
			{Name: "odd"},
			{Name: "orders", Version: "1", Latest: "1", Relation: "db.s.orders"},
			{Name: "orders", Version: "2", Latest: "1", Relation: "db.s.orders_v2"},
		},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	if m, ok := p.Model("orders"); !ok || m.Version != "1" {
		t.Errorf("a ref without a version means the latest one, not %+v", m)
	}
	if p.Has("Orders") || p.Has("order") || !p.Has("odd") {
		t.Error("a name is known as it is written, and in no other way")
	}
	if diff := cmp.Diff([]string{"customers", "odd", "orders"}, p.Names()); diff != "" {
		t.Error(diff)
	}
}

// TestPublicationProblems holds that whatever lies in the folder has a clear
// state, and that nothing is said of models then.
func TestPublicationProblems(t *testing.T) {
	const one = `"public_models": {"model.up.a": {"name": "a"}}`
	for name, c := range map[string]struct {
		content string
		want    PublicationProblem
	}{
		"fine":                     {publicationHead + one + "}\n", PublicationFine},
		"no public models at all":  {publicationHead + `"public_models": {}}`, PublicationFine},
		"only what is needed":      {"{" + one + "}", PublicationFine},
		"metadata of another type": {`{"metadata": [1], "project_name": 5e, ` + one + "}", PublicationNotJSON},
		"metadata is a list":       {`{"metadata": [1], ` + one + "}", PublicationFine},
		"nothing":                  {"", PublicationCut},
		"blanks":                   {" \n\t", PublicationCut},
		"half-written":             {publicationHead + `"public_models": {"model.up.a": {"name": "a"}, "model.up.b": {"na`, PublicationCut},
		"cut behind a member":      {publicationHead + one, PublicationCut},
		"written twice":            {publicationHead + one + "}}", PublicationNotJSON},
		"two values":               {publicationHead + one + "} {}", PublicationNotJSON},
		"binary":                   {"\x7fELF\x02\x01\x01\x00\x00", PublicationNotJSON},
		"zeros":                    {"\x00\x00\x00\x00", PublicationNotJSON},
		"an HTML page":             {"<!doctype html><html></html>", PublicationNotJSON},
		"UTF-16":                   {"\xff\xfe{\x00}\x00", PublicationNotJSON},
		"a list":                   {"[" + publicationHead + one + "}]", PublicationNotJSON},
		"a text":                   {`"x"`, PublicationNotJSON},
		"an answer without data":   {"null", PublicationEmpty},
		"another file of dbt":      {`{"metadata": {}, "nodes": {"a": {"b": [1, 2, {"c": null}]}}}`, PublicationEmpty},
		"models as a list":         {`{"public_models": [{"name": "a"}, [[]]]}`, PublicationEmpty},
		"models as a text":         {`{"public_models": "a"}`, PublicationEmpty},
		"other version":            {strings.Replace(publicationHead, "v1.json", "v2.json", 1) + one + "}", PublicationOtherVersion},
		"other project":            {strings.Replace(publicationHead, `"up"`, `"Up"`, 1) + one + "}", PublicationOtherProject},
		"nested without an end":    {strings.Repeat("[", 5e6), PublicationNotJSON},
		"nested in a member":       {`{"x": ` + strings.Repeat("[", 5e6), PublicationNotJSON},
		"nested in the models":     {`{"public_models": {"a": ` + strings.Repeat("[", 5e6), PublicationNotJSON},
	} {
		t.Run(name, func(t *testing.T) {
			p := ReadPublication(strings.NewReader(c.content), "up")
			if p.Problem != c.want {
				t.Errorf("the problem is %q, want %q", p.Problem, c.want)
			}
			if p.Problem != PublicationFine && p.Models != nil {
				t.Error("nothing is known of the models")
			}
			if p.Problem.Sentence() == "" {
				t.Error("a problem has words")
			}
		})
	}
	if p := ReadPublication(iotest.ErrReader(errors.New("bad disk")), "up"); p.Problem != PublicationUnreadable {
		t.Errorf("a file that cannot be read is %q", p.Problem)
	}
}

// endless writes public models without an end, and counts what is read of them.
type endless struct {
	begun bool
	read  int
	rest  string
}

func (e *endless) Read(into []byte) (int, error) {
	if !e.begun {
		e.begun, e.rest = true, `{"public_models": {`
	}
	if e.rest == "" {
		e.rest = fmt.Sprintf(`"model.up.m%d": {"name": "m", "description": "%s"},`, e.read, strings.Repeat("x", 1000))
	}
	n := copy(into, e.rest)
	e.rest = e.rest[n:]
	e.read += n
	return n, nil
}

func TestPublicationIsReadUpToItsLimit(t *testing.T) {
	source := &endless{}
	if p := ReadPublication(source, "up"); p.Problem != PublicationTooLarge || source.read > maxPublication+1 {
		t.Errorf("%q after %d bytes", p.Problem, source.read)
	}
	long := io.MultiReader(strings.NewReader(`{"public_models": {"a": {"name": "`), zeros{})
	if p := ReadPublication(long, "up"); p.Problem != PublicationTooLarge {
		t.Errorf("a name without an end: %q", p.Problem)
	}
}

type zeros struct{}

func (zeros) Read(into []byte) (int, error) {
	for i := range into {
		into[i] = '0'
	}
	return len(into), nil
}

// TestPublicationIsStreamed holds that the parts that nobody asks for are not
// kept: the memory held at the end is that of the models.
func TestPublicationIsStreamed(t *testing.T) {
	var content strings.Builder
	content.WriteString(`{"other": [`)
	for content.Len() < 20<<20 {
		content.WriteString(`{"compiled_code": "select 1 from somewhere", "n": [1, 2, 3]},`)
	}
	content.WriteString(`null], "public_models": {"model.up.a": {"name": "a"}}}`)
	text := content.String()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	p := ReadPublication(strings.NewReader(text), "up")
	runtime.GC()
	runtime.ReadMemStats(&after)
	if !p.Has("a") {
		t.Fatalf("%+v", p)
	}
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > 1<<20 {
		t.Errorf("%d bytes are held", held)
	}
	runtime.KeepAlive(p)
}

func FuzzReadPublication(f *testing.F) {
	f.Add(publicationHead + `"public_models": {"model.up.a": {"name": "a", "version": 1.5}}}`)
	f.Add(`{"public_models": {"a": [{}]}, "metadata": 5}`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, content string) {
		p := ReadPublication(strings.NewReader(content), "up")
		if p.Problem != PublicationFine && p.Models != nil {
			t.Error("models of a file with a problem")
		}
		for _, m := range p.Models {
			if _, ok := p.Model(m.Name); !ok || !isModelName(m.Name) {
				t.Errorf("%q is not found", m.Name)
			}
		}
	})
}

// BenchmarkReadPublication reads the artifact of a project with 10,000 public
// models.
func BenchmarkReadPublication(b *testing.B) {
	var content strings.Builder
	content.WriteString(publicationHead + `"public_models": {`)
	for i := range 10_000 {
		fmt.Fprintf(&content, `"model.up.model_%d": {"name": "model_%d", "package_name": "up", "unique_id": "model.up.model_%d", "relation_name": "\"analytics\".\"prod\".\"model_%d\"",
"database": "analytics", "schema": "prod", "identifier": "model_%d", "version": null, "latest_version": null, "public_node_dependencies": [], "generated_at": "2026-11-27T10:00:00.5Z"},`, i, i, i, i, i)
	}
	text := strings.TrimSuffix(content.String(), ",") + "}}"
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if len(ReadPublication(strings.NewReader(text), "up").Models) != 10_000 {
			b.Fatal("models are missing")
		}
	}
}
