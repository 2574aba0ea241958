package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

var (
	terminal  = engine.User{Reader: engine.Terminal, From: "PATH"}
	extension = engine.User{Reader: engine.Extension, From: "dbt.fusionPath"}
	venv      = engine.User{Reader: engine.Python, From: ".venv"}
)

// statusWith is the status of a project on a machine with the given dbts, and
// the lines of its engine.
func statusWith(t *testing.T, files map[string]string, e *workspace.Engine) (StatusProject, []string) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(root, "home")
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := range e.Installs {
		in := &e.Installs[i]
		in.Path = strings.Replace(in.Path, "~", home, 1)
	}
	w := workspace.New(&workspace.Machine{Environ: map[string]secret.Text{}, Home: home})
	w.SetFolders([]string{filepath.Join(root, "shop")})
	w.SetEngine(e)
	status := NewStatus(w.Snapshot(), filepath.Join(root, "shop"), false)
	if len(status.Projects) != 1 {
		t.Fatalf("%d projects", len(status.Projects))
	}
	var node Node
	for _, n := range status.Projects[0].Concerns {
		if n.Key == "engine" {
			node = n
		}
	}
	node.Children = slices.DeleteFunc(node.Children, func(n Node) bool { return n.Key == "setup" }) // has tests of its own
	return status.Projects[0], outline(node, "")
}

// outline is a node with those below it, a line each.
func outline(n Node, indent string) []string {
	mark := string(n.Mark)
	if mark == "" {
		mark = "-"
	}
	line := indent + mark + " " + n.Label + ": " + n.Value
	if n.From != nil {
		line += " (" + n.From.Text + ")"
	}
	for _, a := range n.Actions {
		line += " [" + a.Title + ": " + a.Shell + "]"
	}
	all := []string{line}
	for _, child := range n.Children {
		all = append(all, outline(child, indent+"  ")...)
	}
	return all
}

var plainShop = map[string]string{"shop/dbt_project.yml": "name: shop\nprofile: shop\n"}

var platformShop = map[string]string{
	"shop/dbt_project.yml": "name: shop\nprofile: shop\ndbt-cloud:\n  project-id: 1\n",
	"home/.dbt/dbt_cloud.yml": "version: 1\ncontext: {active-host: h.dbt.com, active-project: 1}\nprojects:\n" +
		"  - {project-name: s, project-id: 1, account-name: a, account-id: 1, account-host: h.dbt.com, token-name: t, token-value: c4n4ry}\n",
}

func releases(latest string) engine.Releases {
	return engine.Releases{From: engine.FromNetwork, Channels: map[string]engine.Release{
		"latest": {Version: latest}, "stable": {Version: "2.0.7"}, "canary": {Version: "2.1.0-preview.3"},
	}}
}

func TestEngineNode(t *testing.T) {
	v2 := engine.Install{Path: "~/.local/bin/dbt", Kind: engine.KindV2, Version: "2.0.8", Channel: engine.ChannelStandalone, Update: "dbt system update"}
	v1 := engine.Install{Path: "~/shop/.venv/bin/dbt", Kind: engine.KindV1, Version: "1.12.6", Channel: engine.ChannelPip, Update: "pip…", OffPath: true}
	cli := engine.Install{Path: "/opt/homebrew/bin/dbt", Kind: engine.KindPlatformCLI, Version: "0.40.18", Channel: engine.ChannelHomebrew}
	with := func(in engine.Install, users ...engine.User) engine.Install {
		in.Users = users
		return in
	}
	off := func(in engine.Install) engine.Install {
		in.OffPath = true
		return in
	}
	bad := releases("2.0.9")
	bad.KnownBad = []string{"2.0.8"}
	follow := func(channel string) engine.Releases {
		r := releases("2.0.8")
		r.Follow = channel
		return r
	}
	local := []string{
		"  - local path: local dbt v2",
		"    - credentials: profiles.yml; `dbt init` fetches it from dbt platform, once",
		"    - variables: .env in the folder that dbt runs in, and the shell; nothing comes from dbt platform",
		"    - versions: yours to update; dbt platform's release track goes its own way",
	}
	for name, c := range map[string]struct {
		files map[string]string
		e     workspace.Engine
		want  []string
	}{
		"nothing": {plainShop, workspace.Engine{Releases: releases("2.0.8")}, []string{
			"error engine: no dbt on the search path [Install dbt v2: " + engine.InstallCommand(runtime.GOOS) + "]",
			"  - newest release: 2.0.8 (network list)",
		}},
		"a dbt that is silent": {plainShop, workspace.Engine{Releases: releases("2.0.8"), Installs: []engine.Install{
			{Path: "/opt/dbt", Kind: engine.KindUnknown, Silent: "did not answer within 5s", Users: []engine.User{terminal}},
			{Path: "/opt/my dbt", Kind: engine.KindUnknown, Silent: "failed: exit status 3", Users: []engine.User{extension}},
		}}, []string{
			"warning engine: a dbt that did not answer within 5s [See what it says: /opt/dbt --version]",
			"  - → /opt/dbt: a dbt that did not answer within 5s, terminal (PATH)",
			"  warning /opt/my dbt: a dbt that failed: exit status 3, dbt extension (dbt.fusionPath) [See what it says: \"/opt/my dbt\" --version]",
			"  - newest release: 2.0.8 (network list)",
		}},
		"a silent dbt whose files say its version": {plainShop, workspace.Engine{Releases: releases("2.0.8"), Installs: []engine.Install{
			{Path: "/opt/dbt", Kind: engine.KindV2, Version: "2.0.8", Silent: "did not answer within 5s", Users: []engine.User{terminal}},
		}}, []string{
			"ok engine: dbt v2 2.0.8, current",
			"  - → /opt/dbt: dbt v2 2.0.8, terminal (PATH)",
			"  - newest release: 2.0.8 (network list)",
		}},
		"a dbt that was not started": {plainShop, workspace.Engine{Releases: releases("2.0.8"), Installs: []engine.Install{
			{Path: "/opt/dbt", Kind: engine.KindUnknown, Users: []engine.User{terminal}},
		}}, []string{
			"ok engine: a dbt whose version is not known",
			"  - → /opt/dbt: a dbt whose version is not known, terminal (PATH)",
			"  - newest release: 2.0.8 (network list)",
		}},
		"current": {plainShop, workspace.Engine{Releases: releases("2.0.8"), Installs: []engine.Install{with(v2, terminal, extension), with(v1)}}, []string{
			"ok engine: dbt v2 2.0.8, current",
			"  - → ~/.local/bin/dbt: dbt v2 2.0.8, terminal (PATH), dbt extension (dbt.fusionPath)",
			"  off ~/shop/.venv/bin/dbt: dbt v1 1.12.6, used by nobody",
			"  - newest release: 2.0.8 (network list)",
		}},
		"outdated": {plainShop, workspace.Engine{Releases: releases("2.0.9"), Installs: []engine.Install{with(v2, terminal)}}, []string{
			"warning engine: dbt v2 2.0.8, newest is 2.0.9 [Update dbt: dbt system update]",
			"  - → ~/.local/bin/dbt: dbt v2 2.0.8, terminal (PATH)",
			"  - newest release: 2.0.9 (network list)",
		}},
		"a release that was taken back": {plainShop, workspace.Engine{Releases: releases("2.0.7"), Installs: []engine.Install{with(v2, terminal)}}, []string{
			"ok engine: dbt v2 2.0.8, differs from the newest release 2.0.7",
			"  - → ~/.local/bin/dbt: dbt v2 2.0.8, terminal (PATH)",
			"  - newest release: 2.0.7 (network list)",
		}},
		"a known-bad release": {plainShop, workspace.Engine{Releases: bad, Installs: []engine.Install{with(v2, terminal)}}, []string{
			"warning engine: dbt v2 2.0.8, on dbt's list of known-bad releases, newest is 2.0.9 [Update dbt: dbt system update]",
			"  - → ~/.local/bin/dbt: dbt v2 2.0.8, terminal (PATH)",
			"  - newest release: 2.0.9 (network list)",
		}},
		"another channel": {plainShop, workspace.Engine{Releases: follow("canary"), Installs: []engine.Install{with(v2, terminal)}}, []string{
			"warning engine: dbt v2 2.0.8, newest is 2.1.0-preview.3 [Update dbt: dbt system update]",
			"  - → ~/.local/bin/dbt: dbt v2 2.0.8, terminal (PATH)",
			"  - newest release: 2.1.0-preview.3 (network list, channel canary)",
		}},
		"a track of dbt platform": {plainShop, workspace.Engine{Releases: follow("fusion-stable"), Installs: []engine.Install{with(v2, terminal)}}, []string{
			"ok engine: dbt v2 2.0.8, differs from the newest release 2.0.7",
			"  - → ~/.local/bin/dbt: dbt v2 2.0.8, terminal (PATH)",
			"  - newest release: 2.0.7 (network list, channel stable, v2 Stable on dbt platform)",
		}},
		"a channel that is not in the list": {plainShop, workspace.Engine{Releases: follow("nightly"), Installs: []engine.Install{with(v2, terminal)}}, []string{
			"ok engine: dbt v2 2.0.8",
			"  - → ~/.local/bin/dbt: dbt v2 2.0.8, terminal (PATH)",
			"  - newest release: unknown (network list, channel nightly)",
		}},
		"the extension's is outdated, the terminal has none": {plainShop, workspace.Engine{Releases: releases("2.0.9"), Installs: []engine.Install{off(with(v2, extension)), with(v1, venv)}}, []string{
			"error engine: no dbt on the search path [Install dbt v2: " + engine.InstallCommand(runtime.GOOS) + "]",
			"  warning ~/.local/bin/dbt: dbt v2 2.0.8, newest is 2.0.9, dbt extension (dbt.fusionPath) [Update ~/.local/bin/dbt: dbt system update]",
			"  - ~/shop/.venv/bin/dbt: dbt v1 1.12.6, Python environment (.venv)",
			"  - newest release: 2.0.9 (network list)",
		}},
		"the extension is pointed at dbt v1, and another setting at nothing": {plainShop, workspace.Engine{
			Releases: releases("2.0.8"), Installs: []engine.Install{with(v2, terminal), with(v1, extension)},
			Absent: []engine.Absent{{User: engine.User{Reader: engine.Extension, From: "dbt.dbtPath"}, Path: "/opt/gone"}},
		}, []string{
			"ok engine: dbt v2 2.0.8, current",
			"  - → ~/.local/bin/dbt: dbt v2 2.0.8, terminal (PATH)",
			"  warning ~/shop/.venv/bin/dbt: dbt v1 1.12.6, dbt extension (dbt.fusionPath): the extension needs dbt v2",
			"  warning dbt.dbtPath: names /opt/gone, where there is no program",
			"  - newest release: 2.0.8 (network list)",
		}},
		"the local engine of a project on dbt platform": {platformShop, workspace.Engine{Releases: releases("2.0.8"), Installs: []engine.Install{with(v2, terminal, extension)}}, append([]string{
			"ok engine: dbt v2 2.0.8, current",
			"  - → ~/.local/bin/dbt: dbt v2 2.0.8, terminal (PATH), dbt extension (dbt.fusionPath)",
			"  - newest release: 2.0.8 (network list)",
		}, append(local, "    - Mesh, deferral: refs to other projects and deferral work: the project is linked")...)},
		"the platform CLI": {plainShop, workspace.Engine{Releases: releases("2.0.8"), Installs: []engine.Install{with(cli, terminal)}}, []string{
			"ok engine: platform CLI 0.40.18",
			"  - → /opt/homebrew/bin/dbt: platform CLI 0.40.18, terminal (PATH)",
			"  - newest release: 2.0.8 (network list)",
			"  - local path: platform CLI",
			"    - credentials: dbt platform keeps them; profiles.yml is not used",
			"    - variables: those of the development environment on dbt platform, with your own values there; not .env",
			"    - versions: the release track of dbt platform; `dbt system update` means nothing here",
			"    - Mesh, deferral: done by dbt platform; deferral is on without --no-defer",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			_, got := statusWith(t, c.files, &c.e)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Both of the guide's paths at once: the terminal has the platform CLI, the
// editor a local dbt v2. It fits on a screen with the other concerns.
func TestBothLocalPaths(t *testing.T) {
	e := &workspace.Engine{Found: true, Releases: releases("2.0.8"), Installs: []engine.Install{
		{Path: "/opt/homebrew/bin/dbt", Kind: engine.KindPlatformCLI, Version: "0.40.18", Channel: engine.ChannelHomebrew, Users: []engine.User{terminal}},
		{Path: "~/.local/bin/dbt", Kind: engine.KindV2OSS, Version: "2.0.8", OffPath: true, Users: []engine.User{extension}},
	}}
	project, lines := statusWith(t, platformShop, e)
	text := strings.Join(lines, "\n")
	for _, want := range []string{"local path: platform CLI in the terminal, local dbt v2 in the dbt extension", "off: the open-source build fetches nothing"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	var paths []string
	for _, p := range project.Engine.Paths {
		paths = append(paths, p.Path+" "+p.Reader)
	}
	if diff := cmp.Diff([]string{"platform-cli terminal", "local-engine dbt-extension"}, paths); diff != "" {
		t.Error(diff)
	}
}

// What the guide's reference table says of the local engine follows the link.
func TestMeshFollowsTheLink(t *testing.T) {
	e := func() *workspace.Engine {
		return &workspace.Engine{Found: true, Releases: releases("2.0.8"), Installs: []engine.Install{{Path: "/opt/dbt", Kind: engine.KindV2, Version: "2.0.8", Users: []engine.User{terminal}}}}
	}
	if p, _ := statusWith(t, plainShop, e()); !strings.Contains(p.Engine.Paths[0].Mesh, "not linked") {
		t.Errorf("not linked: %s", p.Engine.Paths[0].Mesh)
	}
	if p, _ := statusWith(t, platformShop, e()); !strings.Contains(p.Engine.Paths[0].Mesh, "is linked") {
		t.Errorf("linked: %s", p.Engine.Paths[0].Mesh)
	}
}

// The fields of the agreement, and those that came later, are all there.
func TestEngineJSON(t *testing.T) {
	e := &workspace.Engine{Found: true, Extension: "0.107.8", Releases: releases("2.0.9"), Installs: []engine.Install{
		{Path: "/opt/dbt", Kind: engine.KindV2, Version: "2.0.8", Channel: engine.ChannelPip, Update: "pip install --upgrade dbt", Users: []engine.User{terminal}},
		{Path: "/other/dbt", Kind: engine.KindUnknown, OffPath: true},
	}}
	project, _ := statusWith(t, plainShop, e)
	var out bytes.Buffer
	if err := encode(&out, project.Engine); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "paths")
	install := map[string]any{
		"path": "/opt/dbt", "kind": "v2", "version": "2.0.8", "channel": "pip", "state": "stale", "knownBad": false,
		"update": "pip install --upgrade dbt", "problem": nil, "users": []any{map[string]any{"reader": "terminal", "from": "PATH"}},
	}
	want := map[string]any{
		"first": install,
		"all": []any{install, map[string]any{
			"path": "/other/dbt", "kind": "unknown", "version": nil, "channel": nil, "state": "unknown", "knownBad": false, "update": nil, "problem": nil, "users": []any{},
		}},
		"latest": "2.0.9", "latestFrom": "network", "latestChannel": "latest", "state": "stale", "knownBad": false,
		"update": "pip install --upgrade dbt", "absent": []any{}, "extension": "0.107.8",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestSettingsOfNestedFolders has a setting of a workspace's folder that counts for
// the project's own as well: it is said once, and no two lines are one.
func TestSettingsOfNestedFolders(t *testing.T) {
	around := extension
	around.Folder = filepath.VolumeName(t.TempDir()) + string(filepath.Separator)
	_, lines := statusWith(t, plainShop, &workspace.Engine{
		Found:    true,
		Installs: []engine.Install{{Path: "/opt/dbt", Kind: engine.KindV2, Version: "2.0.8", OffPath: true, Users: []engine.User{extension, around}}},
		Absent:   []engine.Absent{{User: extension, Path: "/opt/gone"}, {User: around, Path: "/opt/gone"}, {User: around, Path: "/opt/other"}},
	})
	want := []string{
		"  - /opt/dbt: dbt v2 2.0.8, dbt extension (dbt.fusionPath)",
		"  warning dbt.fusionPath: names /opt/gone, where there is no program",
		"  warning dbt.fusionPath: names /opt/other, where there is no program",
	}
	if diff := cmp.Diff(want, lines[1:4]); diff != "" {
		t.Error(diff)
	}
}

func TestSiblingsHaveKeysOfTheirOwn(t *testing.T) {
	nodes := distinct([]Node{{Key: "a"}, {Key: "b", Children: []Node{{Key: "a"}, {Key: "a"}}}, {Key: "a"}})
	got := []string{nodes[0].Key, nodes[1].Key, nodes[1].Children[0].Key, nodes[1].Children[1].Key, nodes[2].Key}
	if diff := cmp.Diff([]string{"a", "b", "a", "a#2", "a#2"}, got); diff != "" {
		t.Error(diff)
	}
}
