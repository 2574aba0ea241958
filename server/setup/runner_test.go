package setup

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

const profiles = "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x.duckdb, schema: main}\n"

// TestDevTarget: where the target goes, and with which commands.
func TestDevTarget(t *testing.T) {
	const head = "# Start of a session: the newest dbt, then a test of the connection.\n"
	const added = head + ".PHONY: dev\ndev:\n\tdbt system update\n\tdbt debug\n"
	for name, test := range map[string]struct {
		files   map[string]string
		install []engine.Install
		want    map[string]string // files that differ afterwards
		notes   string
	}{
		"no file":                 {nil, nil, map[string]string{"Makefile": added}, ""},
		"the repository's target": {map[string]string{"profiles.yml": profiles}, nil, map[string]string{"Makefile": strings.Replace(added, "dbt debug", "dbt debug --target dev", 1)}, ""},
		"a target of a variable":  {map[string]string{"profiles.yml": strings.Replace(profiles, "target: dev", `target: "{{ env_var('T', 'dev') }}"`, 1)}, nil, map[string]string{"Makefile": added}, ""},
		"one person's target":     {map[string]string{"profiles.yml": profiles, ".env": "DBT_TARGET=dev\n"}, nil, map[string]string{"Makefile": added}, ""},
		"dbt-hybrid.yml's target": {map[string]string{"profiles.yml": profiles, "dbt-hybrid.yml": "target: dev\n"}, nil, map[string]string{"Makefile": strings.Replace(added, "dbt debug", "dbt debug --target dev", 1)}, ""},
		"Homebrew": {nil, []engine.Install{{Kind: engine.KindV2, Version: "2.0.8", Update: "brew upgrade dbt"}},
			map[string]string{"Makefile": strings.Replace(added, "dbt system update", "brew upgrade dbt", 1)}, ""},
		"v1": {nil, []engine.Install{{Kind: engine.KindV1, Version: "1.12.6", Update: `pip install --upgrade "dbt-core<2"`}},
			map[string]string{"Makefile": strings.Replace(added, "dbt system update", `pip install --upgrade "dbt-core<2"`, 1)}, ""},
		"the platform CLI": {nil, []engine.Install{{Kind: engine.KindPlatformCLI, Version: "0.40.18"}},
			map[string]string{"Makefile": "# Start of a session: a test of the connection.\n.PHONY: dev\ndev:\n\tdbt parse\n"}, "nothing to update"},
		"unknown ways": {nil, []engine.Install{{Kind: engine.KindV2, Version: "2.0.8"}},
			map[string]string{"Makefile": "# Start of a session: a test of the connection.\n.PHONY: dev\ndev:\n\tdbt debug\n"}, "cannot be told"},
		"no dbt": {nil, []engine.Install{}, map[string]string{"Makefile": strings.Replace(added, "dbt system update", "curl -fsSL https://public.cdn.getdbt.com/fs/install/install.sh | sh -s -- --update", 1)}, "No dbt was found"},

		"a Makefile":          {map[string]string{"Makefile": "all: a\n\techo\n"}, nil, map[string]string{"Makefile": "all: a\n\techo\n\n" + added}, ""},
		"no line end":         {map[string]string{"Makefile": "all: a\n\techo"}, nil, map[string]string{"Makefile": "all: a\n\techo\n\n" + added}, ""},
		"a continued end":     {map[string]string{"Makefile": "A = b \\\n"}, nil, map[string]string{"Makefile": "A = b \\\n\n" + added}, ""},
		"CRLF":                {map[string]string{"Makefile": "A = b\r\n"}, nil, map[string]string{"Makefile": "A = b\r\n\r\n" + strings.ReplaceAll(added, "\n", "\r\n")}, ""},
		"a prefix":            {map[string]string{"Makefile": ".RECIPEPREFIX = >\n\nall:\n>true\n"}, nil, map[string]string{"Makefile": ".RECIPEPREFIX = >\n\nall:\n>true\n\n" + strings.ReplaceAll(added, "\t", ">")}, ""},
		"an empty Makefile":   {map[string]string{"Makefile": ""}, nil, map[string]string{"Makefile": added}, ""},
		"the target is there": {map[string]string{"Makefile": "dev:\n\techo mine\n"}, nil, nil, "Makefile has a target dev already, which is left alone."},
		"a justfile":          {map[string]string{"justfile": "set shell := [\"bash\", \"-c\"]\n\nbuild:\n\tdbt build\n"}, nil, map[string]string{"justfile": "set shell := [\"bash\", \"-c\"]\n\nbuild:\n\tdbt build\n\n" + head + "dev:\n\tdbt system update\n\tdbt debug\n"}, ""},
		"a Taskfile": {map[string]string{"Taskfile.yml": "version: '3'\n\ntasks:\n  build:\n    cmds: [dbt build]\n\n  test:\n    cmds:\n      - dbt test\n\nvars: {A: b}\n"}, nil,
			map[string]string{"Taskfile.yml": "version: '3'\n\ntasks:\n  build:\n    cmds: [dbt build]\n\n  test:\n    cmds:\n      - dbt test\n\n  dev:\n    desc: 'Start of a session: the newest dbt, then a test of the connection.'\n    cmds:\n      - dbt system update\n      - dbt debug\n\nvars: {A: b}\n"}, ""},
		"two runners, the second has it": {map[string]string{"Makefile": "all:\n", "justfile": "dev:\n  echo\n"}, nil, nil, "justfile has a target dev"},
		"below the repository": {map[string]string{"shop/dbt_project.yml": "name: shop\nprofile: shop\n", "Makefile": "all:\n"}, nil,
			map[string]string{"Makefile": "all:\n\n" + head + ".PHONY: dev\ndev:\n\tcd shop && dbt system update\n\tcd shop && dbt debug\n"}, ""},
		"below, without a file": {map[string]string{"shop/dbt_project.yml": "name: shop\nprofile: shop\n"}, nil, map[string]string{"shop/Makefile": added}, ""},
		"below, a Taskfile": {map[string]string{"shop/dbt_project.yml": "name: shop\nprofile: shop\n", "Taskfile.yml": "version: '3'\ntasks:\n"}, nil,
			map[string]string{"Taskfile.yml": "version: '3'\ntasks:\n  dev:\n    desc: 'Start of a session: the newest dbt, then a test of the connection.'\n    dir: shop\n    cmds:\n      - dbt system update\n      - dbt debug\n"}, ""},
		"a script that fills .env": {map[string]string{"scripts/dbt-env.sh": "#\n"}, nil, map[string]string{"Makefile": strings.Replace(added, "\tdbt system", "\tsh scripts/dbt-env.sh\n\tdbt system", 1)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := repository(t, test.files)
			install := []engine.Install{standalone()}
			if test.install != nil {
				install = test.install
			}
			want := tree(t, dir)
			for name, content := range test.want {
				want[name] = content
			}
			notes := strings.Join(twice(t, dir, DevTarget, install...), "\n")
			if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
				t.Error(diff)
			}
			if (test.notes == "") != (notes == "") || !strings.Contains(notes, test.notes) {
				t.Errorf("notes: %q", notes)
			}
		})
	}
}

// TestHasTarget: what is a target of the name and what only looks like one.
func TestHasTarget(t *testing.T) {
	for _, test := range []struct {
		has  func(content, name string) bool
		yes  []string
		none []string
	}{
		{makeHas, []string{
			"dev:\n", "dev: deps\n", "a dev b: c\n", "dev::\n", " dev :\n", "a \\\n dev: x\n", "dev: X := 1\n", "dev:;echo\n", "dev&: x\n",
			"define X\na\nendef\ndev:\n", "ifeq ($(OS),Windows_NT)\nA = 1\nelse ifdef B\ndev:\nendif\n",
		}, []string{
			"", ".PHONY: dev\n", "dev := 1\n", "dev = a:b\n", "DEV:\n", "develop:\n", "a: dev\n", "# dev:\n", "\tdev: no\n", "define X\ndev: a\nendef\n", "override define X =\nifdef A\ndev: a\nendef\n", "define X\ndefine Y\nendef\ndev: a\nendef\n", "dev ::= 1\n", "dev :::= 1\n",
		}},
		{justHas, []string{
			"dev:\n", "@dev:\n", "dev a b='x':\n", "dev *args: build\n", "alias dev := build\n", "dev target=\"a:b\":\n",
		}, []string{"", "dev := 'x'\n", "dev:='x'\n", "# dev:\n", "  dev: x\n", "build: dev\n", "alias d := dev\n", "export dev := 'a'\n"}},
		{taskHas, []string{
			"tasks:\n  dev: x\n", "tasks: {dev: x}\n", "tasks:\n  'dev':\n", "tasks:\n  a:\n    aliases: [d, dev]\n",
		}, []string{"", "dev: x\n", "vars:\n  dev: x\n", "tasks:\n  # dev:\n  a: b\n", "tasks:\n  a:\n    dev: x\n"}},
	} {
		for _, content := range test.yes {
			if !test.has(content, "dev") {
				t.Errorf("%q has it", content)
			}
		}
		for _, content := range test.none {
			if test.has(content, "dev") {
				t.Errorf("%q does not have it", content)
			}
		}
	}
}

// TestRunnersRead asks make, just and task, as far as they are here, what they
// would run.
func TestRunnersRead(t *testing.T) {
	for _, runner := range []struct {
		file, content, program string
		args                   []string
		required               bool
	}{
		{"Makefile", "all:\n\techo no\n", "make", []string{"-n", "dev"}, true},
		{"Makefile", ".RECIPEPREFIX := >\nall:\n>echo no\n", "make", []string{"-n", "dev"}, true},
		{"Makefile", "define X\nx\nendef\nifdef A\nB = \\\n c\nendif", "make", []string{"-n", "dev"}, true},
		{"justfile", "x := 'y'\n\nall:\n   echo no\n", "just", []string{"--dry-run", "dev"}, false},
		{"Taskfile.yml", "version: '3'\n\ntasks:\n    all:\n        cmds:\n            - |\n              echo a\n              echo b\n", "task", []string{"--dry", "dev"}, false},
	} {
		program, err := exec.LookPath(runner.program)
		if err != nil && !runner.required {
			t.Logf("there is no %s here", runner.program)
			continue
		}
		dir := repository(t, map[string]string{runner.file: runner.content})
		folder := filepath.Join(dir, "shop $x") // which a shell takes for something else
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "dbt_project.yml"), filepath.Join(folder, "dbt_project.yml")); err != nil {
			t.Fatal(err)
		}
		twice(t, dir, DevTarget, engine.Install{Kind: engine.KindV1, Version: "1.12.6", Update: `pip install --upgrade "dbt-core<2"`})
		cmd := exec.Command(program, runner.args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), `pip install --upgrade "dbt-core<2"`) || !strings.Contains(string(out), "dbt debug") {
			t.Errorf("%s: %v\n%s\n%s", runner.program, err, out, read(t, filepath.Join(dir, runner.file)))
		}
		if runner.program == "make" && !strings.Contains(string(out), "cd 'shop $x' && dbt debug\n") {
			t.Errorf("%s", out)
		}
	}
}

// TestTaskfiles: each stays YAML whose other tasks are as they were, with the new
// one among them, whatever its indentation and its end.
func TestTaskfiles(t *testing.T) {
	for _, content := range []string{
		"tasks:\n",
		"tasks:",
		"tasks: # none yet\n",
		"tasks: ~\n",
		"version: '3'\n",
		"",
		"# only a comment\n",
		"tasks:\n  a: echo\n",
		"tasks:\n  a: echo",
		"tasks:\n      a:\n          cmds:\n          - |\n            x\n\n\n# the end\n",
		"tasks:\n  a:\n    cmds:\n    - >-\n      folded\n      text\n  b:\n    desc: \"two\n      lines\"\n\nincludes: {}\n",
		"tasks:\r\n  a:\r\n    cmds: [x]\r\n  # last words\r\nvars:\r\n  A: 1\r\n",
		"---\ntasks:\n  a: &x\n    cmds: [x]\n  b: *x\n...\n",
		"tasks:\n- a\n",
	} {
		dir := repository(t, map[string]string{"Taskfile.yml": content})
		plan, err := Make(request(t, dir, standalone()), DevTarget)
		if err != nil {
			if !strings.Contains(content, "- a") && !strings.Contains(content, "~") {
				t.Errorf("%q: %v", content, err)
			}
			continue
		}
		apply(t, plan)
		onlyInserted(t, content, read(t, filepath.Join(dir, "Taskfile.yml")), plan)
		before, after := yamlfile.Parse([]byte(content)), yamlfile.Parse([]byte(read(t, filepath.Join(dir, "Taskfile.yml"))))
		if after.Broken() || after.Root.Path("tasks", "dev", "cmds") == nil {
			t.Errorf("%q became %q", content, after.Content)
			continue
		}
		for pair := range before.Root.Get("tasks").All() {
			if got := after.Root.Path("tasks", pair.Key.Value); got == nil || !bytes.Equal(bytes.TrimSpace(got.Span.Of(after.Content)), bytes.TrimSpace(pair.Value.Resolved().Span.Of(before.Content))) {
				t.Errorf("%q: the task %s changed", content, pair.Key.Value)
			}
		}
		if again, err := Make(request(t, dir, standalone()), DevTarget); err != nil || !again.Empty() {
			t.Errorf("%q, the second time: %v, %+v", content, err, again)
		}
	}
}

// onlyInserted fails if a plan does anything to a file but to insert.
func onlyInserted(t *testing.T, before, after string, plan *Plan) {
	t.Helper()
	var undo []text.Edit
	grown := 0
	for _, e := range plan.Edits {
		if !e.Span.Empty() {
			t.Errorf("%d bytes are replaced", e.Span.Len())
		}
	}
	edits := make([]text.Edit, 0, len(plan.Edits))
	for _, e := range plan.Edits {
		edits = append(edits, e.Edit)
	}
	sortEdits(edits)
	for _, e := range edits {
		undo = append(undo, text.Edit{Span: text.Span{Start: e.Start + grown, End: e.Start + grown + len(e.New)}})
		grown += len(e.New)
	}
	if undone, err := text.Apply([]byte(after), undo); err != nil || string(undone) != before {
		t.Errorf("%v: without what was inserted it is %q, it was %q", err, undone, before)
	}
}

// TestMakefilesGenerated puts Makefiles together at random: nothing moves, make
// reads the result, and the second time there is nothing to do.
func TestMakefilesGenerated(t *testing.T) {
	pieces := []string{
		"A := b\n", "\n", "# dev:\n", "all: x\n\techo $@\n", "x:\n\t@true \\\n\t  && true\n", "define M\ndev: y\nendef\n", ".PHONY: all\n",
		"ifdef X\nY = 1\nelse\nY = 2\nendif\n", "%.o: %.c\n\tcc $<\n", "z: export B = 1\nz:\n\ttrue\n", "A += c", "   \n", "\t\n",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 60 {
		var content strings.Builder
		for range random.IntN(7) {
			content.WriteString(pieces[random.IntN(len(pieces))])
		}
		dir := repository(t, map[string]string{"Makefile": content.String()})
		was := exec.Command("make", "-n", "-f", "Makefile", ".PHONY")
		was.Dir = dir
		if out, err := was.CombinedOutput(); err != nil && strings.Contains(string(out), "***") && !strings.Contains(string(out), "No rule") && !strings.Contains(string(out), "No targets") {
			continue // make does not read it as it is
		}
		plan, err := Make(request(t, dir, standalone()), DevTarget)
		if err != nil {
			t.Fatal(err)
		}
		if plan.Empty() {
			t.Fatalf("%q: %v", content.String(), plan.Notes)
		}
		apply(t, plan)
		after := read(t, filepath.Join(dir, "Makefile"))
		onlyInserted(t, content.String(), after, plan)
		cmd := exec.Command("make", "-n", "dev")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil || !strings.HasSuffix(string(out), "dbt system update\ndbt debug\n") {
			t.Errorf("%d: %q: %v\n%s", n, after, err, out)
		}
		if again, err := Make(request(t, dir, standalone()), DevTarget); err != nil || !again.Empty() {
			t.Errorf("the second time: %v, %+v", err, again)
		}
	}
}

// TestEnvTarget: the script gets a target where targets are, and no file for it
// where there are none.
func TestEnvTarget(t *testing.T) {
	dir := repository(t, map[string]string{"Makefile": "all:\n", ".env.example": "A=op://a/b/c\n"})
	twice(t, dir, EnvScript, standalone())
	if got, want := read(t, filepath.Join(dir, "Makefile")), "all:\n\n# Fill .env from the secrets manager, at the start of a session.\n.PHONY: env\nenv:\n\tsh scripts/dbt-env.sh\n"; got != want {
		t.Errorf("%q", got)
	}
	dir = repository(t, map[string]string{"Makefile": "env:\n\techo mine\n", ".env.example": "A=op://a/b/c\n"})
	if notes := fmt.Sprint(twice(t, dir, EnvScript, standalone())); !strings.Contains(notes, "a target env already") || read(t, filepath.Join(dir, "Makefile")) != "env:\n\techo mine\n" {
		t.Error(notes)
	}
}

// TestTargetUnderACondition is left alone, and that it is not always there is said.
func TestTargetUnderACondition(t *testing.T) {
	for content, want := range map[string]string{
		"ifeq ($(OS),Windows_NT)\ndev:\n\techo no\nendif\n":      "Makefile has a target dev already, within `ifeq` only, which is left alone.",
		"ifdef A\ndev:\n\techo a\nelse\ndev:\n\techo b\nendif\n": "Makefile has a target dev already, within `ifdef` only, which is left alone.",
		"dev:\n\techo a\n": "Makefile has a target dev already, which is left alone.",
	} {
		plan, err := Make(request(t, repository(t, map[string]string{"Makefile": content}), standalone()), DevTarget)
		if err != nil || !plan.Empty() || !slices.Contains(plan.Notes, want) {
			t.Errorf("%q: %v %+v", content, err, plan)
		}
	}
}
