package oracle

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// A reading is what somebody makes of profiles.yml: the target, and its schema,
// which says in which file it stands. Both are empty where dbt refuses.
type reading struct{ Target, Schema string }

// readerScenarios are projects with several profiles.yml.
func readerScenarios() []dbttest.Scenario {
	file := func(schema string) string {
		return "p:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x.duckdb, schema: " + schema + "}\n    prod: {type: duckdb, path: x.duckdb, schema: " + schema + "_prod}\n"
	}
	const project = "name: p\nversion: '1.0'\nprofile: p\n"
	with := func(name string, files, home, env map[string]string) dbttest.Scenario {
		s := dbttest.Scenario{Name: name, Files: map[string]string{"dbt_project.yml": project, "models/one.sql": "select 1 as x"}, Home: home, Env: env}
		maps.Copy(s.Files, files)
		return s
	}
	local, home := map[string]string{"profiles.yml": file("local")}, map[string]string{".dbt/profiles.yml": file("home")}
	both := func(name string, files, env map[string]string) dbttest.Scenario {
		all := map[string]string{"profiles.yml": file("local"), "conf/profiles.yml": file("conf")}
		maps.Copy(all, files)
		return with(name, all, home, env)
	}
	type env = map[string]string
	return []dbttest.Scenario{
		with("only in the project", local, env{".dbt/x": ""}, nil),
		with("only in the home folder", nil, home, nil),
		with("nowhere", nil, env{".dbt/x": ""}, nil),
		both("in both", nil, nil),
		both("the local one lacks the profile", env{"profiles.yml": strings.Replace(file("local"), "p:", "other:", 1)}, nil),
		both("a folder by the shell", nil, env{"DBT_PROFILES_DIR": "{root}/conf"}),
		both("a relative folder by the shell", nil, env{"DBT_PROFILES_DIR": "conf"}),
		both("a folder by the shell, under its newer name", nil, env{"DBT_ENGINE_PROFILES_DIR": "{root}/conf"}),
		both("a folder by .env", env{".env": "DBT_PROFILES_DIR={root}/conf\n"}, nil),
		both("a folder that lacks the file", env{"empty/x": ""}, env{"DBT_PROFILES_DIR": "{root}/empty"}),
		both("an empty name of a folder", nil, env{"DBT_PROFILES_DIR": ""}),
		both("a target by the shell", nil, env{"DBT_TARGET": "prod"}),
		both("a target by .env", env{".env": "DBT_TARGET=prod\n"}, nil),
		both("an empty target", nil, env{"DBT_TARGET": ""}),
		both("a target by a variable of .env", env{
			"profiles.yml": strings.Replace(file("local"), "target: dev", `target: "{{ env_var('T', 'dev') }}"`, 1), ".env": "T=prod\n",
		}, nil),
		both("a .env beside the models", env{"models/.env": "DBT_TARGET=prod\n"}, nil),
	}
}

// TestReadersAgree asks dbt v2 in the project's folder and in that of the models,
// and once without what only a terminal exports, as an editor starts it.
func TestReadersAgree(t *testing.T) {
	scenarios := readerScenarios()
	var asked []dbttest.Scenario
	for _, s := range scenarios {
		for _, kind := range []workspace.ReaderKind{workspace.ReaderTerminal, workspace.ReaderSubfolder, workspace.ReaderExtension} {
			asked = append(asked, asReader(s, kind))
		}
	}
	answers := dbttest.Find(t).Batch(t, asked)
	for i, s := range scenarios {
		ours := readings(t, s)
		for n, kind := range []workspace.ReaderKind{workspace.ReaderTerminal, workspace.ReaderSubfolder, workspace.ReaderExtension} {
			if theirs := readingOf(answers[3*i+n]); ours[kind] != theirs {
				t.Errorf("%s, %s: we say %+v, dbt %+v\n%s", s.Name, kind, ours[kind], theirs, answers[3*i+n].Stdout)
			}
		}
	}
	t.Logf("%d runs", len(asked))
}

// asReader makes a scenario one that a reader runs.
func asReader(s dbttest.Scenario, kind workspace.ReaderKind) dbttest.Scenario {
	s = dbttest.Probe(s, "target.name", "target.schema")
	if _, ok := readerFiles(s)["profiles.yml"]; !ok {
		delete(s.Files, "profiles.yml")
	}
	switch kind {
	case workspace.ReaderSubfolder:
		s.Cwd = "models"
	case workspace.ReaderExtension:
		s.Env = nil
	}
	return s
}

// readerFiles are the files of a scenario as it was before a probe was put in.
func readerFiles(s dbttest.Scenario) map[string]string {
	for _, original := range readerScenarios() {
		if original.Name == s.Name {
			return original.Files
		}
	}
	return nil
}

func readingOf(seen dbttest.Observation) reading {
	values, ok := seen.Probed()
	if !ok || len(values) != 2 || seen.Exit != 0 {
		return reading{}
	}
	target, _ := values[0].(string)
	schema, _ := values[1].(string)
	return reading{target, schema}
}

// readings are what we say of a scenario.
func readings(t *testing.T, s dbttest.Scenario) map[workspace.ReaderKind]reading {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root, home := filepath.Join(top, "root"), filepath.Join(top, "home")
	fill := strings.NewReplacer("{root}", root, "{home}", home).Replace
	writeAll(t, root, s.Files, fill)
	writeAll(t, home, s.Home, fill)
	machine := &workspace.Machine{Home: home, Environ: map[string]secret.Text{"HOME": secret.New(home)}}
	for name, value := range s.Environment() {
		machine.Environ[name] = secret.New(fill(value))
	}
	w := workspace.New(machine)
	w.SetEngine(running())
	w.SetFolders([]string{root})
	found := map[workspace.ReaderKind]reading{}
	for _, r := range w.Snapshot().Projects()[0].Readers() {
		if r.Profile.Problem == dbt.ProfileFine && r.Empty == "" {
			found[r.Kind] = reading{r.Profile.Target, r.Profile.Connection().Get("schema").Value}
		}
	}
	return found
}

// TestReadersAgreeWithV1 asks dbt v1. Its answers are kept, since one takes
// seconds.
func TestReadersAgreeWithV1(t *testing.T) {
	const path = "testdata/readers-v1.json"
	kept := map[string]reading{}
	if content, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(content, &kept); err != nil {
			t.Fatal(err)
		}
	}
	now := map[string]reading{}
	var unasked []dbttest.Scenario
	for _, s := range readerScenarios() {
		if answer, ok := kept[readerHash(t, s)]; ok {
			now[readerHash(t, s)] = answer
		} else {
			unasked = append(unasked, s)
		}
	}
	if len(unasked) > 0 {
		asked := make([]dbttest.Scenario, len(unasked))
		for i, s := range unasked {
			asked[i] = asReader(s, workspace.ReaderV1)
			asked[i].Timeout = dbttest.PatienceV1
		}
		for i, seen := range dbttest.FindV1(t).Batch(t, asked) {
			now[readerHash(t, unasked[i])] = readingOf(seen)
			t.Logf("%s: %+v", unasked[i].Name, readingOf(seen))
		}
	}
	if len(unasked) > 0 || len(kept) != len(now) {
		content, err := json.MarshalIndent(now, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(content, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range readerScenarios() {
		if ours, theirs := readings(t, s)[workspace.ReaderV1], now[readerHash(t, s)]; ours != theirs {
			t.Errorf("%s: we say %+v, dbt v1 %+v", s.Name, ours, theirs)
		}
	}
}

func readerHash(t *testing.T, s dbttest.Scenario) string {
	t.Helper()
	content, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(append([]byte(dbttest.VersionV1+"\n"), content...))
	return hex.EncodeToString(sum[:8])
}
