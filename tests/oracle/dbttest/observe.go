package dbttest

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Diag is an error or a warning of the engine, taken from its output.
type Diag struct {
	Level string // "error" or "warning"
	Name  string // "JinjaError", empty for the argument parser's
	Code  string // "dbt1501", empty for the argument parser's
	Text  string // may have several lines
	File  string // relative to the project, empty if none is named
	Line  int    // from 1, 0 if none is named
	Col   int
}

// diagsOf reads "[error] [Name (dbtNNNN)]: text", more lines of text, and a
// place: "(in file:line:col)" or "--> file:line:col".
func diagsOf(output string) []Diag {
	head := regexp.MustCompile(`^\[(error|warning)\] \[(\w+) \((dbt\d{4})\)\]: (.*)$`)
	flags := regexp.MustCompile(`^(error): (.*)$`)
	place := regexp.MustCompile(`^(?:\(in (.*?):(\d+):(\d+)\)|\s*--> (.*?)(?::(\d+):(\d+))?)$`)
	var diags []Diag
	open := false
	for line := range strings.Lines(output) {
		line = strings.TrimSuffix(line, "\n")
		if m := head.FindStringSubmatch(line); m != nil {
			diags, open = append(diags, Diag{Level: m[1], Name: m[2], Code: m[3], Text: m[4]}), true
			continue
		}
		if m := flags.FindStringSubmatch(line); m != nil {
			diags, open = append(diags, Diag{Level: m[1], Text: m[2]}), true
			continue
		}
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "==") {
			open = false
		}
		if !open {
			continue
		}
		last := &diags[len(diags)-1]
		m := place.FindStringSubmatch(line)
		switch {
		case m == nil:
			last.Text += "\n" + line
		case last.File == "":
			last.File, last.Line, last.Col = m[1]+m[4], number(m[2]+m[5]), number(m[3]+m[6])
		}
	}
	return diags
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func missingIn(output string) []string {
	missing := regexp.MustCompile(`nvironment variable '([^']*)' not found|Env var required but not provided: '([^']*)'`)
	var names []string
	for _, m := range missing.FindAllStringSubmatch(output, -1) {
		names = append(names, m[1]+m[2])
	}
	return names
}

func withoutColours(s string) string {
	return regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]`).ReplaceAllString(s, "")
}

// metaOf returns config.meta of every node and source of a manifest. It reads
// no further than it must: nearly all of a manifest are dbt's own macros.
func metaOf(manifest string) (map[string]map[string]any, error) {
	type node struct {
		Name   string
		Config struct{ Meta map[string]any }
	}
	values := make(map[string]map[string]any)
	decoder := json.NewDecoder(strings.NewReader(manifest))
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("read manifest.json: %w", err)
	}
	for left := 2; left > 0 && decoder.More(); {
		key, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("read manifest.json: %w", err)
		}
		if key != "nodes" && key != "sources" {
			var skipped json.RawMessage
			if err := decoder.Decode(&skipped); err != nil {
				return nil, fmt.Errorf("read manifest.json: %w", err)
			}
			continue
		}
		var nodes map[string]node
		if err := decoder.Decode(&nodes); err != nil {
			return nil, fmt.Errorf("read %v of manifest.json: %w", key, err)
		}
		for _, n := range nodes {
			if n.Config.Meta != nil {
				values[n.Name] = n.Config.Meta
			}
		}
		left--
	}
	return values, nil
}

// Project and Profiles are the files of the smallest project that parses.
const (
	Project  = "name: p\nversion: '1.0'\nprofile: p\n"
	Profiles = "p:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      path: x.duckdb\n      schema: main\n"
)

// WithProject returns s with the smallest project under what it has itself.
func WithProject(s Scenario) Scenario {
	files := map[string]string{"dbt_project.yml": Project, "profiles.yml": Profiles}
	maps.Copy(files, s.Files)
	s.Files = files
	return s
}

// Probe returns s with a model whose meta shows what Jinja expressions yield,
// any number of them in one run; Probed reads the answers. env_var() renders
// the value it returns as Jinja, so values with {{, {% or {# do not arrive as
// they are. Without a project of its own s gets the smallest one.
func Probe(s Scenario, expressions ...string) Scenario {
	s = WithProject(s)
	var model strings.Builder
	model.WriteString("{{ config(meta={")
	for i, expression := range expressions {
		fmt.Fprintf(&model, "'%d': (%s), ", i, expression)
	}
	model.WriteString("}) }} select 1 as x\n")
	s.Files["models/probe.sql"] = model.String()
	return s
}

// Probed returns the values of a probe's expressions in their order, as JSON
// knows them; ok is false if dbt did not come so far.
func (o Observation) Probed() (values []any, ok bool) {
	meta, ok := o.Values["probe"]
	if !ok {
		return nil, false
	}
	values = make([]any, len(meta))
	for key, value := range meta {
		i, err := strconv.Atoi(key)
		if err != nil || i >= len(values) {
			return nil, false
		}
		values[i] = value
	}
	return values, true
}

// Variables returns a scenario that shows any number of environment variables;
// Observation.Variables reads the answer. It needs a quarter of the time of a
// Probe, because dbt ends at once: the name of a profile that does not exist
// holds the values. The names must be words.
func Variables(s Scenario, names []string) Scenario {
	s = WithProject(s)
	var profile strings.Builder
	profile.WriteString("name: p\nversion: '1.0'\nprofile: \"values {{ {")
	for _, name := range names {
		fmt.Fprintf(&profile, "'%s': env_var('%s', 0), ", name, name)
	}
	profile.WriteString("} | tojson }} end\"\n")
	s.Files["dbt_project.yml"] = profile.String()
	return s
}

// Variables returns the variables asked for that exist; ok is false if dbt did
// not come so far.
func (o Observation) Variables() (values map[string]string, ok bool) {
	_, rest, found := strings.Cut(o.Stdout+o.Stderr, "Profile 'values ")
	answer, _, end := strings.Cut(rest, " end' not found in profiles.yml")
	var all map[string]any
	if !found || !end || json.Unmarshal([]byte(answer), &all) != nil {
		return nil, false
	}
	values = make(map[string]string)
	for name, value := range all {
		if value, isText := value.(string); isText {
			values[name] = value
		}
	}
	return values, true
}

// Fatal returns the missing names that are errors: in a hook, for example, a
// missing name is a warning, and dbt goes on.
func (o Observation) Fatal() []string {
	var names []string
	for _, d := range o.Diags {
		if d.Level == "error" {
			names = append(names, missingIn(d.Text)...)
		}
	}
	return names
}

// Errors returns the codes of the errors, sorted, each once.
func (o Observation) Errors() []string {
	var codes []string
	for _, d := range o.Diags {
		if d.Level == "error" {
			codes = append(codes, d.Code)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}
