package setup

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// TestDevContainer writes a new one; the golden file is what people get.
func TestDevContainer(t *testing.T) {
	dir := repository(t, map[string]string{".vscode/extensions.json": "{\n  // ours\n  \"recommendations\": [\"redhat.vscode-yaml\", \"DBTLABSINC.dbt\",],\n}\n"})
	twice(t, dir, DevContainer, standalone())
	got := read(t, filepath.Join(dir, devContainerFile))
	golden(t, "devcontainer.json", got)
	config := decode(t, got)
	for _, dead := range []string{"setup.sh", "downloads.getdbt.com", "dbt-fusion.sh", "brooklyn-data"} {
		if strings.Contains(got, dead) {
			t.Errorf("it holds %s of the guide", dead)
		}
	}
	if config["postStartCommand"] == nil || config["postCreateCommand"] != nil {
		t.Error("dbt is not brought at each start")
	}
}

// TestDevContainerOfTheOpenSourceBuild: a team that uses it gets no other.
func TestDevContainerOfTheOpenSourceBuild(t *testing.T) {
	dir := repository(t, nil)
	twice(t, dir, DevContainer, engine.Install{Kind: engine.KindV2OSS, Version: "2.0.0-alpha.4", Package: "dbt-core", Channel: engine.ChannelPip})
	golden(t, "devcontainer-open-source.json", read(t, filepath.Join(dir, devContainerFile)))
}

// TestDevContainerMerges adds what is missing, in the file's own way.
func TestDevContainerMerges(t *testing.T) {
	files, err := filepath.Glob("testdata/merge/*.before.json")
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".before.json")
		t.Run(name, func(t *testing.T) {
			before := read(t, file)
			dir := repository(t, map[string]string{devContainerFile: before})
			plan, err := Make(request(t, dir, standalone()), DevContainer)
			if err != nil {
				t.Fatal(err)
			}
			apply(t, plan)
			after := read(t, filepath.Join(dir, devContainerFile))
			onlyInserted(t, before, after, plan)
			golden(t, "merge/"+name+".after.json", after)
			golden(t, "merge/"+name+".notes.txt", strings.Join(plan.Notes, "\n"))
			keeps(t, decode(t, before), decode(t, after))
			if again, err := Make(request(t, dir, standalone()), DevContainer); err != nil || !again.Empty() {
				t.Errorf("the second time: %v %+v", err, again)
			}
		})
	}
}

// decode reads JSON with comments by another way than the code under test.
func decode(t *testing.T, content string) map[string]any {
	t.Helper()
	var config map[string]any
	if err := json.Unmarshal([]byte(plainJSON(content)), &config); err != nil {
		t.Fatalf("%v\n%s", err, content)
	}
	return config
}

// plainJSON blanks comments, and commas before closing brackets.
func plainJSON(s string) string {
	out := []byte(strings.TrimPrefix(s, "\ufeff"))
	quoted, comma := false, -1
	for i := 0; i < len(out); i++ {
		switch c := out[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted, comma = !quoted, -1
		case quoted:
		case c == '/' && i+1 < len(out) && (out[i+1] == '/' || out[i+1] == '*'):
			end := strings.IndexByte(string(out[i:]), '\n')
			if out[i+1] == '*' {
				end = strings.Index(string(out[i:]), "*/") + 2
			} else if end < 0 {
				end = len(out) - i
			}
			for ; end > 0; end-- {
				if out[i] != '\n' {
					out[i] = ' '
				}
				i++
			}
			i--
		case c == ',':
			comma = i
		case c == ']' || c == '}':
			if comma >= 0 {
				out[comma] = ' '
			}
			comma = -1
		case strings.IndexByte(" \t\r\n", c) < 0:
			comma = -1
		}
	}
	return string(out)
}

// keeps fails if something that was in a configuration is not as it was.
func keeps(t *testing.T, before, after any) {
	t.Helper()
	switch before := before.(type) {
	case map[string]any:
		after, ok := after.(map[string]any)
		if !ok {
			t.Fatalf("%v became %v", before, after)
		}
		for key, value := range before {
			keeps(t, value, after[key])
		}
	case []any:
		after, ok := after.([]any)
		if !ok || len(after) < len(before) || cmp.Diff(before, after[:len(before)]) != "" {
			t.Errorf("%v became %v", before, after)
		}
	default:
		if before != after {
			t.Errorf("%v became %v", before, after)
		}
	}
}

// TestDevContainersGenerated writes configurations in every style at random, with
// some of what is to be added in place: the result is JSON with comments, holds
// all of it, nothing moves, and the second time there is nothing to do.
func TestDevContainersGenerated(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for n := range 300 {
		before := randomContainer(random)
		dir := repository(t, map[string]string{devContainerFile: before})
		plan, err := Make(request(t, dir, standalone()), DevContainer)
		if err != nil {
			t.Fatalf("%d: %v\n%s", n, err, before)
		}
		apply(t, plan)
		after := read(t, filepath.Join(dir, devContainerFile))
		onlyInserted(t, before, after, plan)
		was, is := decode(t, before), decode(t, after)
		keeps(t, was, is)
		for _, want := range []string{extensionDbt, extensionOurs, "fs/install/install.sh"} {
			if !strings.Contains(strings.ToLower(after), strings.ToLower(want)) {
				t.Errorf("%d: no %s in\n%s", n, want, after)
			}
		}
		if !strings.Contains(after, "target=/home/vscode/.dbt") && len(plan.Notes) == 0 {
			t.Errorf("%d: no mount in\n%s", n, after)
		}
		if strings.Contains(before, "\r\n") && strings.Count(after, "\n") != strings.Count(after, "\r\n") {
			t.Errorf("%d: line ends differ in %q", n, after)
		}
		if !strings.Contains(before, "//") && !strings.Contains(before, "/*") && strings.Contains(after, "\t// ") {
			t.Errorf("%d: a file without comments has some now:\n%s", n, after)
		}
		if again, err := Make(request(t, dir, standalone()), DevContainer); err != nil || !again.Empty() {
			t.Errorf("%d, the second time: %v %+v\n%s", n, err, again, after)
		}
		if t.Failed() {
			t.Fatalf("before:\n%s", before)
		}
	}
}

// randomContainer writes a configuration.
func randomContainer(random *rand.Rand) string {
	unit := []string{"\t", "  ", "    ", " \t"}[random.IntN(4)]
	comments, oneLine, trailing := random.IntN(2) == 0, random.IntN(6) == 0, random.IntN(4) == 0
	maybe := func(n int) bool { return random.IntN(n) == 0 }
	var members []string
	add := func(s string) { members = append(members, s) }
	if !maybe(4) {
		add(`"name": "a // no comment, \" and { }"`)
	}
	if !maybe(3) {
		add([]string{`"image": "mcr.microsoft.com/devcontainers/python:3"`, `"image": "example.com/x"`, `"build": {"dockerfile": "Dockerfile"}`, `"image": "example.com/x", "remoteUser": "vscode"`}[random.IntN(4)])
	}
	array := func(items ...string) string {
		switch {
		case len(items) == 0 && !oneLine && maybe(2):
			return "[\n" + unit + "]"
		case oneLine || maybe(2):
			return "[" + strings.Join(items, ", ") + "]"
		}
		end := ""
		if trailing && len(items) > 0 {
			end = ","
		}
		return "[\n" + unit + unit + strings.Join(items, ",\n"+unit+unit) + end + "\n" + unit + "]"
	}
	for _, m := range []string{
		`"mounts": ` + array(), `"mounts": ` + array(`"source=a,target=/b,type=volume"`, `{"type": "volume", "target": "/c"}`),
		`"mounts": ` + array(`"source=x,target=/home/vscode/.dbt,type=bind"`),
	} {
		if maybe(6) {
			add(m)
			break
		}
	}
	for _, key := range []string{"postStartCommand", "initializeCommand", "postCreateCommand"} {
		if maybe(4) {
			add(fmt.Sprintf("%q: ", key) + []string{`"echo"`, `{}`, `{"a": "b"}`, `["a", "b"]`}[random.IntN(4)])
		}
	}
	if maybe(3) {
		add(`"remoteEnv": ` + []string{`{}`, `{"A": "b"}`, `{ "A": "b", }`}[random.IntN(3)])
	}
	if !maybe(3) {
		add(`"customizations": ` + []string{
			`{}`, `{"codespaces": {}}`, `{"vscode": {}}`, `{"vscode": {"settings": {}}}`, `{"vscode": {"extensions": ` + array() + `}}`,
			`{"vscode": {"extensions": ` + array(`"ms-python.python"`) + `, "settings": {"a.b": 1.5e3}}}`,
			`{"vscode": {"settings": {"dbt.dbtPath": "/x"}, "extensions": ` + array(`"dbtlabsinc.DBT"`) + `}}`,
		}[random.IntN(7)])
	}
	random.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	if oneLine {
		return strings.ReplaceAll("{"+strings.Join(members, ", ")+"}", "\n", "") + []string{"", "\n"}[random.IntN(2)]
	}
	var out strings.Builder
	if comments && maybe(2) {
		out.WriteString("// head\n")
	}
	out.WriteString("{\n")
	for i, m := range members {
		if comments && maybe(2) {
			out.WriteString(unit + "// about \"it\", {\n")
		}
		out.WriteString(unit + m)
		if i < len(members)-1 || trailing {
			out.WriteString(",")
		}
		if comments && maybe(3) {
			out.WriteString([]string{" // why", " /* why */", " /* two\n lines */"}[random.IntN(3)])
		}
		out.WriteString("\n")
	}
	if comments && maybe(2) {
		out.WriteString("\n" + unit + "// \"remoteUser\": \"root\"\n")
	}
	out.WriteString("}" + []string{"", "\n", "\n// tail\n"}[random.IntN(2+map[bool]int{true: 1}[comments])])
	if maybe(5) {
		return strings.ReplaceAll(out.String(), "\n", "\r\n")
	}
	return out.String()
}

// TestExtensionIDs: ours is the one that is published.
func TestExtensionIDs(t *testing.T) {
	content, err := os.ReadFile("../../package.json")
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct{ Publisher, Name string }
	if err := json.Unmarshal(content, &manifest); err != nil {
		t.Fatal(err)
	}
	if id := manifest.Publisher + "." + manifest.Name; !slices.Contains(extensions(nil), id) {
		t.Errorf("the extension is %s", id)
	}
}

// TestNamedDevContainers: .devcontainer/<name>/devcontainer.json counts where there
// is no other; of several, the only one that is about dbt.
func TestNamedDevContainers(t *testing.T) {
	const plain = "{\n  \"image\": \"mcr.microsoft.com/devcontainers/base:ubuntu\"\n}\n"
	const ofDbt = "{\n  \"name\": \"dbt\",\n  \"image\": \"mcr.microsoft.com/devcontainers/base:ubuntu\"\n}\n"
	for name, c := range map[string]struct {
		files         map[string]string
		changed, says string
	}{
		"one":                     {map[string]string{".devcontainer/data/devcontainer.json": plain}, ".devcontainer/data/devcontainer.json", ""},
		"beside one of no name":   {map[string]string{".devcontainer/data/devcontainer.json": ofDbt, devContainerShort: plain}, devContainerShort, ""},
		"two, one of dbt":         {map[string]string{".devcontainer/a/devcontainer.json": plain, ".devcontainer/b/devcontainer.json": ofDbt}, ".devcontainer/b/devcontainer.json", ""},
		"two, none of dbt":        {map[string]string{".devcontainer/a/devcontainer.json": plain, ".devcontainer/b/devcontainer.json": plain}, "", "there are 2 dev containers, .devcontainer/a/devcontainer.json, .devcontainer/b/devcontainer.json, and it is not clear"},
		"two, both of dbt":        {map[string]string{".devcontainer/a/devcontainer.json": ofDbt, ".devcontainer/b/devcontainer.json": ofDbt}, "", "Write dbt into the `name` of that one"},
		"a folder with no file":   {map[string]string{".devcontainer/scripts/setup.sh": "true\n"}, devContainerFile, ""},
		"in the project's folder": {map[string]string{"shop/dbt_project.yml": "name: shop\n", "shop/.devcontainer/data/devcontainer.json": plain}, "shop/.devcontainer/data/devcontainer.json", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := repository(t, c.files)
			r := request(t, dir, standalone())
			plan, err := Make(r, DevContainer)
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Fatalf("it says %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			apply(t, plan)
			if got := read(t, filepath.Join(dir, c.changed)); !strings.Contains(got, "\"postStartCommand\"") {
				t.Errorf("%s is %s", c.changed, got)
			}
			for file, before := range c.files {
				if after := read(t, filepath.Join(dir, file)); file != c.changed && after != before {
					t.Errorf("%s has changed", file)
				}
			}
			again := request(t, dir, standalone())
			if second, err := Make(again, DevContainer); err != nil || !second.Empty() {
				t.Errorf("the second time: %v %+v", err, second)
			}
			if offers := Offers(again.Project); offers[0].Path != filepath.Join(dir, c.changed) {
				t.Errorf("status takes %q for it", offers[0].Path)
			}
		})
	}
}
