//go:build unix

package engine

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// search looks for all dbts of a machine whose search path has the given
// folders, and for the projects in others.
func (m machine) search(variables map[string]string, path []string, folders ...Folder) Found {
	values := map[string]string{"PATH": "", "HOME": m.path("home/u")}
	for _, f := range path {
		values["PATH"] += m.path(f) + string(filepath.ListSeparator)
	}
	for name, value := range variables {
		values[name] = value
	}
	found := Search{Env: lookup(values), Folders: folders, Everywhere: true}.All()
	// What this computer has of its own is no part of a test.
	found.Installs = slices.DeleteFunc(found.Installs, func(in Install) bool { return !strings.HasPrefix(in.Path, m.root) })
	return found
}

// used is an install in short: who starts it, and whether it may be started.
func (m machine) used(in Install) string {
	users := []string{}
	for _, u := range in.Users {
		folder := ""
		if u.Folder != "" {
			folder = " in " + m.short(u.Folder)
		}
		users = append(users, fmt.Sprintf("%s by %s%s", u.Reader, u.From, folder))
	}
	if len(users) == 0 {
		users = append(users, "nobody")
	}
	text := fmt.Sprintf("%s | %s %s %s | %s", m.short(in.Path), in.Kind, in.Version, in.Channel, strings.Join(users, ", "))
	if in.Excluded {
		text += " | never started"
	}
	return text
}

func (m machine) short(path string) string {
	return strings.TrimPrefix(path, m.root+string(filepath.Separator))
}

func (m machine) allUsed(found Found) []string {
	var all []string
	for _, in := range found.Installs {
		all = append(all, m.used(in))
	}
	return all
}

// Where a dbt lies that neither the search path nor a setting gives.
func TestAllFindsUsualPlaces(t *testing.T) {
	venv := func(prefix string) func(machine) {
		return func(m machine) { m.pip(prefix, "dbt", "2.0.8", native) }
	}
	for name, c := range map[string]struct {
		make      func(machine)
		variables func(machine) map[string]string
		want      string
	}{
		"~/.local/bin": {
			make: func(m machine) { m.program("home/u/.local/bin/dbt", native) },
			want: "home/u/.local/bin/dbt | unknown  standalone | nobody",
		},
		"Homebrew": {
			make: func(m machine) {
				m.program("brew/Cellar/dbt/2.0.8/bin/dbt", native)
				m.link("brew/bin/dbt", "brew/Cellar/dbt/2.0.8/bin/dbt")
			},
			variables: func(m machine) map[string]string { return map[string]string{"HOMEBREW_PREFIX": m.path("brew")} },
			want:      "brew/bin/dbt | v2 2.0.8 homebrew | nobody",
		},
		"Homebrew, not linked": {
			make: func(m machine) {
				m.program("brew/Cellar/dbt-core/1.12.6/bin/dbt", script)
				m.link("brew/opt/dbt-core", "brew/Cellar/dbt-core/1.12.6")
			},
			variables: func(m machine) map[string]string { return map[string]string{"HOMEBREW_PREFIX": m.path("brew")} },
			want:      "brew/opt/dbt-core/bin/dbt | v1 1.12.6 homebrew | nobody",
		},
		"pipx":               {make: venv("home/u/.local/pipx/venvs/dbt"), want: "home/u/.local/pipx/venvs/dbt/bin/dbt | v2 2.0.8 pipx | nobody"},
		"pipx, newer":        {make: venv("home/u/.local/share/pipx/venvs/dbt"), want: "home/u/.local/share/pipx/venvs/dbt/bin/dbt | v2 2.0.8 pipx | nobody"},
		"uv tool":            {make: venv("home/u/.local/share/uv/tools/dbt"), want: "home/u/.local/share/uv/tools/dbt/bin/dbt | v2 2.0.8 uv-tool | nobody"},
		"pyenv":              {make: venv("home/u/.pyenv/versions/3.12.1"), want: "home/u/.pyenv/versions/3.12.1/bin/dbt | v2 2.0.8 pyenv | nobody"},
		"asdf":               {make: venv("home/u/.asdf/installs/python/3.12.1"), want: "home/u/.asdf/installs/python/3.12.1/bin/dbt | v2 2.0.8 asdf | nobody"},
		"mise":               {make: venv("home/u/.local/share/mise/installs/python/3.12"), want: "home/u/.local/share/mise/installs/python/3.12/bin/dbt | v2 2.0.8 mise | nobody"},
		"rye":                {make: venv("home/u/.rye/tools/dbt"), want: "home/u/.rye/tools/dbt/bin/dbt | v2 2.0.8 rye | nobody"},
		"virtualenvwrapper":  {make: venv("home/u/.virtualenvs/shop"), want: "home/u/.virtualenvs/shop/bin/dbt | v2 2.0.8 pipenv | nobody"},
		"poetry":             {make: venv("home/u/.cache/pypoetry/virtualenvs/shop-x-py3.12"), want: "home/u/.cache/pypoetry/virtualenvs/shop-x-py3.12/bin/dbt | v2 2.0.8 poetry | nobody"},
		"conda, the base":    {make: venv("home/u/miniconda3"), want: "home/u/miniconda3/bin/dbt | v2 2.0.8 pip | nobody"},
		"conda, one of envs": {make: venv("home/u/miniforge3/envs/dbt"), want: "home/u/miniforge3/envs/dbt/bin/dbt | v2 2.0.8 pip | nobody"},
		"conda, by its list": {
			make: func(m machine) {
				m.pip("data/env", "dbt", "2.0.8", native)
				m.write("data/env/conda-meta/history", "", 0o644)
				m.write("data/env/lib/python3.12/site-packages/dbt-2.0.8.dist-info/INSTALLER", "conda\n", 0o644)
				m.write("home/u/.conda/environments.txt", "relative\n"+m.path("data/gone")+"\n"+m.path("data/env")+"\n", 0o644)
			},
			want: "data/env/bin/dbt | v2 2.0.8 conda | nobody",
		},
		"PIPX_HOME": {
			make:      venv("tools/venvs/dbt"),
			variables: func(m machine) map[string]string { return map[string]string{"PIPX_HOME": m.path("tools")} },
			want:      "tools/venvs/dbt/bin/dbt | v2 2.0.8 pipx | nobody",
		},
		"UV_TOOL_DIR": {
			make:      venv("tools/dbt"),
			variables: func(m machine) map[string]string { return map[string]string{"UV_TOOL_DIR": m.path("tools")} },
			want:      "tools/dbt/bin/dbt | v2 2.0.8 uv-tool | nobody",
		},
		"PYENV_ROOT": {
			make:      venv("pyenv/versions/3.12.1"),
			variables: func(m machine) map[string]string { return map[string]string{"PYENV_ROOT": m.path("pyenv")} },
			want:      "pyenv/versions/3.12.1/bin/dbt | v2 2.0.8 pyenv | nobody",
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			c.make(m)
			var variables map[string]string
			if c.variables != nil {
				variables = c.variables(m)
			}
			if diff := cmp.Diff([]string{c.want}, m.allUsed(m.search(variables, nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUsualPlacesOfWindows(t *testing.T) {
	env := lookup(map[string]string{
		"USERPROFILE": `C:\Users\u`, "LOCALAPPDATA": `C:\Users\u\AppData\Local`, "APPDATA": `C:\Users\u\AppData\Roaming`, "ChocolateyInstall": `C:\choco`,
		"ProgramFiles": `C:\Program Files`, "ProgramData": `C:\ProgramData`, "SCOOP": `D:\scoop`,
	})
	var all []string
	for _, p := range usualPlaces(env, "windows") {
		all = append(all, p.root+"/"+p.pattern)
	}
	for _, want := range []string{
		"C:/Users/u/.local/bin",
		"C:/Users/u/AppData/Local/Microsoft/WinGet/Links",
		"C:/Users/u/AppData/Local/Microsoft/WinGet/Packages/dbtLabs.dbt*",
		"C:/Program Files/WinGet/Links",
		"C:/Program Files/WinGet/Packages/dbtLabs.dbt*",
		"C:/Users/u/scoop/shims",
		"D:/scoop/shims",
		"C:/ProgramData/scoop/apps/dbt*/current",
		"C:/Users/u/scoop/apps/dbt*/current",
		"C:/choco/bin",
		"C:/Users/u/pipx/venvs/*/Scripts",
		"C:/Users/u/AppData/Roaming/uv/tools/*/Scripts",
		"C:/Users/u/miniconda3/envs/*/Scripts",
	} {
		if !slices.Contains(all, want) {
			t.Errorf("%s is not looked at", want)
		}
	}
	for _, path := range all {
		if strings.Contains(path, "homebrew") {
			t.Errorf("%s on Windows", path)
		}
	}
}

func TestWhoUsesWhich(t *testing.T) {
	for name, c := range map[string]struct {
		make      func(machine)
		path      []string
		variables func(machine) map[string]string
		folders   func(machine) []Folder
		want      []string
	}{
		"the first of the search path is the terminal's": {
			make: func(m machine) {
				m.pip("a", "dbt-core", "1.12.6", script)
				m.pip("home/u/.local", "dbt", "2.0.8", native)
			},
			path: []string{"a/bin", "home/u/.local/bin"},
			want: []string{
				"a/bin/dbt | v1 1.12.6 pip | terminal by PATH",
				"home/u/.local/bin/dbt | v2 2.0.8 pip | nobody",
			},
		},
		"an environment that is active": {
			make:      func(m machine) { m.pip("env", "dbt", "2.0.8", native) },
			path:      []string{"env/bin"},
			variables: func(m machine) map[string]string { return map[string]string{"VIRTUAL_ENV": m.path("env")} },
			want:      []string{"env/bin/dbt | v2 2.0.8 pip | terminal by PATH, python by VIRTUAL_ENV"},
		},
		"conda, active": {
			make:      func(m machine) { m.pip("env", "dbt", "2.0.8", native) },
			variables: func(m machine) map[string]string { return map[string]string{"CONDA_PREFIX": m.path("env")} },
			want:      []string{"env/bin/dbt | v2 2.0.8 pip | python by CONDA_PREFIX"},
		},
		"the virtual environments of a folder, and above it in the work tree": {
			make: func(m machine) {
				m.pip("ws/shop/.venv", "dbt", "2.0.8", native)
				m.write("ws/shop/.venv/pyvenv.cfg", "", 0o644)
				m.pip("ws/shop/old env", "dbt-core", "1.12.6", script)
				m.write("ws/shop/old env/pyvenv.cfg", "", 0o644)
				m.pip("ws/env", "dbt-core", "1.11.1", script)
				m.write("ws/env/pyvenv.cfg", "", 0o644)
				m.write("ws/.git/HEAD", "", 0o644)
				m.pip("venv", "dbt-core", "1.10.1", script) // outside the work tree
				m.write("venv/pyvenv.cfg", "", 0o644)
				m.pip("ws/shop/bin-only", "dbt", "2.0.8", native) // no environment
			},
			folders: func(m machine) []Folder { return []Folder{{Path: m.path("ws/shop")}} },
			want: []string{
				"ws/shop/.venv/bin/dbt | v2 2.0.8 pip | python by .venv in ws/shop | never started",
				"ws/shop/old env/bin/dbt | v1 1.12.6 pip | python by old env in ws/shop | never started",
				"ws/env/bin/dbt | v1 1.11.1 pip | python by env in ws | never started",
			},
		},
		"the dbt extension's setting, given by an editor": {
			make: func(m machine) {
				m.pip("a", "dbt-core", "1.12.6", script)
				m.program("opt/dbt-2/dbt", native)
			},
			path: []string{"a/bin"},
			folders: func(m machine) []Folder {
				return []Folder{{Path: m.path("ws"), Program: Setting{"dbt.fusionPath", m.path("opt/dbt-2/dbt")}}}
			},
			want: []string{
				"a/bin/dbt | v1 1.12.6 pip | terminal by PATH",
				"opt/dbt-2/dbt | unknown  unclaimed | dbt-extension by dbt.fusionPath in ws",
			},
		},
		"the same dbt for the terminal and the extension": {
			make: func(m machine) { m.pip("a", "dbt", "2.0.8", native); m.link("link", "a/bin/dbt") },
			path: []string{"a/bin"},
			folders: func(m machine) []Folder {
				return []Folder{{Path: m.path("ws"), Program: Setting{"dbt.dbtPath", m.path("link")}}}
			},
			want: []string{"a/bin/dbt | v2 2.0.8 pip | terminal by PATH, dbt-extension by dbt.dbtPath in ws"},
		},
		"a setting that names the search path": {
			make: func(m machine) { m.pip("a", "dbt", "2.0.8", native) },
			folders: func(m machine) []Folder {
				return []Folder{{Path: m.path("ws"), Program: Setting{"dbt.dbtPath", "dbt"}}}
			},
		},
		"the settings of the folder's file are read where that is allowed, and what they name is never started": {
			make: func(m machine) {
				m.program("opt/dbt", native)
				m.pip("opt/py", "dbt-core", "1.12.6", script)
				m.write("ws/.vscode/settings.json", `{
					// of the team
					"dbt.fusionPath": "`+m.path("opt/dbt")+`", /* https://x */
					"python.defaultInterpreterPath": "${userHome}/../../opt/py/bin/python",
				}`, 0o644)
			},
			folders: func(m machine) []Folder {
				return []Folder{{Path: m.path("ws"), ReadSettings: true}, {Path: m.path("other")}}
			},
			want: []string{
				"opt/dbt | unknown  unclaimed | dbt-extension by dbt.fusionPath in ws | never started",
				"opt/py/bin/dbt | v1 1.12.6 pip | python by python.defaultInterpreterPath in ws | never started",
			},
		},
		"what an editor says because a file of the folder does is never started": {
			make: func(m machine) {
				m.program("opt/dbt", native)
				m.write("ws/.vscode/settings.json", `{"dbt.fusionPath": "`+m.path("opt/dbt")+`"}`, 0o644)
			},
			folders: func(m machine) []Folder {
				said := Setting{"dbt.fusionPath", m.path("opt/dbt")}
				return []Folder{{Path: m.path("ws"), Program: said, ReadSettings: true}, {Path: m.path("ws/shop"), Program: said, ReadSettings: true}}
			},
			want: []string{"opt/dbt | unknown  unclaimed | dbt-extension by dbt.fusionPath in ws, dbt-extension by dbt.fusionPath in ws/shop | never started"},
		},
		"nor what a file of a workspace in the folder says": {
			make: func(m machine) {
				m.program("opt/dbt", native)
				m.write("ws/team.code-workspace", `{"folders": [{"path": "."}], "settings": {"dbt.fusionPath": "`+m.path("opt/dbt")+`"}}`, 0o644)
			},
			folders: func(m machine) []Folder {
				return []Folder{
					{Path: m.path("ws"), ReadSettings: true},
					{Path: m.path("ws/shop"), Program: Setting{"dbt.fusionPath", m.path("opt/dbt")}, ReadSettings: true},
				}
			},
			want: []string{"opt/dbt | unknown  unclaimed | dbt-extension by dbt.fusionPath in ws, dbt-extension by dbt.fusionPath in ws/shop | never started"},
		},
		"settings at the top of the repository, with a byte order mark": {
			make: func(m machine) {
				m.program("ws/tools/dbt", native)
				m.write("ws/.git/HEAD", "ref: refs/heads/main\n", 0o644)
				m.write("ws/.vscode/settings.json", "\ufeff"+`{"dbt.fusionPath": "${workspaceFolder}/tools/dbt"}`, 0o644)
			},
			folders: func(m machine) []Folder { return []Folder{{Path: m.path("ws/shop"), ReadSettings: true}} },
			want:    []string{"ws/tools/dbt | unknown  unclaimed | dbt-extension by dbt.fusionPath in ws/shop | never started"},
		},
		"what the user's own file says as well may be started": {
			make: func(m machine) {
				m.program("opt/dbt", native)
				for _, file := range []string{"ws/.vscode/settings.json", "home/u/.config/Code/User/settings.json"} {
					m.write(file, `{"dbt.fusionPath": "`+m.path("opt/dbt")+`"}`, 0o644)
				}
			},
			folders: func(m machine) []Folder {
				return []Folder{{Path: m.path("ws"), Program: Setting{"dbt.fusionPath", m.path("opt/dbt")}, ReadSettings: true}}
			},
			want: []string{"opt/dbt | unknown  unclaimed | dbt-extension by dbt.fusionPath in ws"},
		},
		"they are not read otherwise": {
			make: func(m machine) {
				m.program("opt/dbt", native)
				m.write("ws/.vscode/settings.json", `{"dbt.fusionPath": "`+m.path("opt/dbt")+`"}`, 0o644)
			},
			folders: func(m machine) []Folder { return []Folder{{Path: m.path("ws")}} },
		},
		"what the search path finds as well may be started": {
			make: func(m machine) {
				m.program("opt/dbt", native)
				m.write("ws/.vscode/settings.json", `{"dbt.fusionPath": "`+m.path("opt/dbt")+`"}`, 0o644)
			},
			path:    []string{"opt"},
			folders: func(m machine) []Folder { return []Folder{{Path: m.path("ws"), ReadSettings: true}} },
			want:    []string{"opt/dbt | unknown  unclaimed | terminal by PATH, dbt-extension by dbt.fusionPath in ws"},
		},
		"an interpreter's folder, relative": {
			make: func(m machine) { m.pip("ws/py", "dbt", "2.0.8", native) },
			folders: func(m machine) []Folder {
				return []Folder{{Path: m.path("ws"), Interpreter: Setting{"python.defaultInterpreterPath", "./py"}}}
			},
			want: []string{"ws/py/bin/dbt | v2 2.0.8 pip | python by python.defaultInterpreterPath in ws | never started"},
		},
		"the extension's own copy": {
			make: func(m machine) {
				m.program("home/u/.local/bin/dbt", native)
				m.write("home/u/.vscode/extensions/dbtlabsinc.dbt-0.107.8-linux-x64/package.json", "{}", 0o644)
				m.write("home/u/.vscode/extensions/dbtlabsinc.dbt-0.99.1/package.json", "{}", 0o644)
			},
			want: []string{"home/u/.local/bin/dbt | unknown  standalone | dbt-extension by its own copy"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			c.make(m)
			var variables map[string]string
			if c.variables != nil {
				variables = c.variables(m)
			}
			var folders []Folder
			if c.folders != nil {
				folders = c.folders(m)
			}
			if diff := cmp.Diff(c.want, m.allUsed(m.search(variables, c.path, folders...))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUserSettingsNameAProgram(t *testing.T) {
	m := newMachine(t)
	m.program("opt/dbt", native)
	m.write("home/u/.config/Code/User/settings.json", `{"dbt.dbtPath": "`+m.path("opt/dbt")+`"}`, 0o644)
	found := m.search(nil, nil, Folder{Path: m.path("ws"), ReadSettings: true})
	want := []string{"opt/dbt | unknown  unclaimed | dbt-extension by dbt.dbtPath"}
	if diff := cmp.Diff(want, m.allUsed(found)); diff != "" {
		t.Error(diff)
	}
}

func TestASettingThatNamesNoProgramIsSaid(t *testing.T) {
	m := newMachine(t)
	found := m.search(nil, nil, Folder{Path: m.path("ws"), Program: Setting{"dbt.fusionPath", m.path("opt/gone")}})
	want := []Absent{{User{Extension, "dbt.fusionPath", m.path("ws")}, m.path("opt/gone")}}
	if diff := cmp.Diff(want, found.Absent); diff != "" {
		t.Error(diff)
	}
}

func TestSettingWithVariables(t *testing.T) {
	m := newMachine(t)
	env := lookup(map[string]string{"TOOLS": m.path("opt"), "ITSELF": "${env:ITSELF}/x"})
	for setting, want := range map[string]string{
		"${env:TOOLS}/dbt":                m.path("opt/dbt"),
		"${env:TOOLS}/${env:NONE}dbt":     m.path("opt/dbt"),
		"${env:TOOLS}/${env:ITSELF}":      m.path("opt/${env:ITSELF}/x"),
		"${env:TOOLS}/${env:TOOLS":        m.path("opt/${env:TOOLS"),
		"${workspaceFolder}/${env:NONE}x": m.path("ws/x"),
	} {
		if got := expand(setting, m.path("ws"), env); got != want {
			t.Errorf("%s is %q, not %q", setting, got, want)
		}
	}
}

func TestExtensionVersion(t *testing.T) {
	m := newMachine(t)
	for _, folder := range []string{".vscode/extensions/dbtlabsinc.dbt-0.99.1", ".cursor/extensions/dbtlabsinc.dbt-0.107.8-linux-x64", ".vscode/extensions/dbtlabsinc.dbt-other-1.0.0"} {
		m.write("home/u/"+folder+"/package.json", "{}", 0o644)
	}
	if found := m.search(nil, nil); found.Extension != "0.107.8" {
		t.Errorf("extension %q, want 0.107.8", found.Extension)
	}
}

// One project does not see what only another one's folder gives.
func TestInKeepsToAProject(t *testing.T) {
	m := newMachine(t)
	m.pip("bin-of-all", "dbt", "2.0.8", native)
	for _, project := range []string{"ws/a", "ws/b"} {
		m.pip(project+"/.venv", "dbt-core", "1.12.6", script)
		m.write(project+"/.venv/pyvenv.cfg", "", 0o644)
	}
	found := m.search(nil, []string{"bin-of-all/bin"}, Folder{Path: m.path("ws/a")}, Folder{Path: m.path("ws/b")})
	var got []string
	for _, in := range In(found.Installs, m.path("ws/a")) {
		got = append(got, m.used(in))
	}
	want := []string{
		"bin-of-all/bin/dbt | v2 2.0.8 pip | terminal by PATH",
		"ws/a/.venv/bin/dbt | v1 1.12.6 pip | python by .venv in ws/a | never started",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(found.Installs) != 3 || len(found.Installs[2].Users) != 1 {
		t.Errorf("the search itself: %v", m.allUsed(found))
	}
}

// A dbt beside the search path is updated by its path.
func TestUpdateOfADbtBesideTheSearchPath(t *testing.T) {
	m := newMachine(t)
	at := m.path("x y/bin")
	for name, c := range map[string]struct {
		in   Install
		want string
	}{
		"pip":        {Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelPip, Package: "dbt"}, "'" + at + "/python' -m pip install --upgrade dbt"},
		"dbt v1":     {Install{Kind: KindV1, Version: "1.12.6", Channel: ChannelPip}, "'" + at + `/python' -m pip install --upgrade "dbt-core<2"`},
		"uv":         {Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelUV, Package: "dbt"}, "uv pip install --python '" + m.path("x y") + "' --upgrade dbt"},
		"conda":      {Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelConda, Package: "dbt"}, "conda update --prefix '" + m.path("x y") + "' dbt"},
		"standalone": {Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelStandalone}, "'" + at + "/dbt' system update"},
		"pipx":       {Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelPipx, Package: "dbt"}, "pipx upgrade dbt"},
		"Homebrew":   {Install{Kind: KindV2, Version: "2.0.8", Channel: ChannelHomebrew, Package: "dbt"}, "brew upgrade dbt"},
		"no command": {Install{Kind: KindPlatformCLI, Channel: ChannelHomebrew}, ""},
	} {
		c.in.OffPath, c.in.Path = true, at+"/dbt"
		if got := updateCommand(c.in); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
