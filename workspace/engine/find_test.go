//go:build unix

package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	native = "\x7fELF not really"
	script = "#!/bin/sh\nexit 9\n" // no test of this file may start it
)

// machine is a folder that stands for the root of a file system.
type machine struct {
	t    *testing.T
	root string
}

func newMachine(t *testing.T) machine {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return machine{t, root}
}

func (m machine) path(p string) string { return filepath.Join(m.root, filepath.FromSlash(p)) }

func (m machine) write(p, content string, mode os.FileMode) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(m.path(p)), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(m.path(p), []byte(content), mode); err != nil {
		m.t.Fatal(err)
	}
}

func (m machine) program(p, content string) { m.t.Helper(); m.write(p, content, 0o755) }

func (m machine) link(at, target string) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Dir(m.path(at)), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.Symlink(m.path(target), m.path(at)); err != nil {
		m.t.Fatal(err)
	}
}

// pip installs a program into an environment as pip does.
func (m machine) pip(prefix, pkg, version, content string) {
	m.t.Helper()
	m.program(prefix+"/bin/dbt", content)
	m.dist(prefix, pkg, version, fmt.Sprintf("../../../bin/dbt,sha256=x,%d\n", len(content)), strings.HasPrefix(content, "#!"))
}

func (m machine) dist(prefix, pkg, version, record string, entryPoint bool) {
	m.t.Helper()
	info := prefix + "/lib/python3.12/site-packages/" + strings.ReplaceAll(pkg, "-", "_") + "-" + version + ".dist-info/"
	m.write(info+"RECORD", record, 0o644)
	m.write(info+"INSTALLER", "pip\n", 0o644)
	if entryPoint {
		m.write(info+"entry_points.txt", "[console_scripts]\ndbt = dbt.cli.main:cli\n", 0o644)
	}
}

func (m machine) env(folders ...string) Lookup {
	var entries []string
	for _, f := range folders {
		entries = append(entries, m.path(f))
	}
	return lookup(map[string]string{"PATH": strings.Join(entries, string(filepath.ListSeparator)), "HOME": m.path("home/u")})
}

// summary is what the tests of one install compare.
func (m machine) summary(in Install) string {
	path := filepath.ToSlash(strings.TrimPrefix(in.Path, m.root+string(filepath.Separator)))
	return fmt.Sprintf("%s | %s %s | %s | %s", path, in.Kind, in.Version, in.Channel, in.Update)
}

func (m machine) found(env Lookup) []string {
	var all []string
	for _, in := range Find(env, nil) {
		all = append(all, m.summary(in))
	}
	return all
}

func TestFindReadsHowADbtWasInstalled(t *testing.T) {
	for name, c := range map[string]struct {
		make func(m machine)
		path []string
		want []string
	}{
		"wheel with the engine": {
			func(m machine) { m.pip("venv", "dbt-core", "2.0.0a4", native) },
			[]string{"venv/bin"},
			[]string{"venv/bin/dbt | v2-oss 2.0.0-alpha.4 | pip | pip install --pre --upgrade dbt-core"},
		},
		"package dbt is the full engine": {
			func(m machine) { m.pip("venv", "dbt", "2.0.8", native) },
			[]string{"venv/bin"},
			[]string{"venv/bin/dbt | v2 2.0.8 | pip | pip install --upgrade dbt"},
		},
		"package dbt-oss": {
			func(m machine) { m.pip("venv", "dbt-oss", "2.0.8", native) },
			[]string{"venv/bin"},
			[]string{"venv/bin/dbt | v2-oss 2.0.8 | pip | pip install --upgrade dbt-oss"},
		},
		"stub of a later wheel": {
			func(m machine) { m.pip("venv", "dbt-core", "2.0.3", script) },
			[]string{"venv/bin"},
			[]string{"venv/bin/dbt | v2-oss 2.0.3 | pip | pip install --upgrade dbt-core"},
		},
		"dbt v1 stays below 2": {
			func(m machine) { m.pip("venv", "dbt-core", "1.12.6", script) },
			[]string{"venv/bin"},
			[]string{`venv/bin/dbt | v1 1.12.6 | pip | pip install --upgrade "dbt-core<2"`},
		},
		"platform CLI from the old package": {
			func(m machine) { m.pip("venv", "dbt", "1.0.0.40.18", native) },
			[]string{"venv/bin"},
			[]string{"venv/bin/dbt | platform-cli 1.0.0 | pip | "},
		},
		"v2 installed over v1: the file tells": {
			func(m machine) {
				m.pip("venv", "dbt", "2.0.8", native)
				m.dist("venv", "dbt-core", "1.12.6", fmt.Sprintf("../../../bin/dbt,sha256=x,%d\n", len(script)), true)
			},
			[]string{"venv/bin"},
			[]string{"venv/bin/dbt | v2 2.0.8 | pip | pip install --upgrade dbt"},
		},
		"v1 installed over v2": {
			func(m machine) {
				m.pip("venv", "dbt-core", "1.12.6", script)
				m.dist("venv", "dbt", "2.0.8", fmt.Sprintf("../../../bin/dbt,sha256=x,%d\n", len(native)+5), false)
			},
			[]string{"venv/bin"},
			[]string{`venv/bin/dbt | v1 1.12.6 | pip | pip install --upgrade "dbt-core<2"`},
		},
		"metadata of another file": {
			func(m machine) {
				m.program("venv/bin/dbt", native)
				m.dist("venv", "dbt", "2.0.8", "../../../bin/dbt,sha256=x,1\n", false)
			},
			[]string{"venv/bin"},
			[]string{"venv/bin/dbt | unknown  | unclaimed | "},
		},
		"metadata without a list of files": {
			func(m machine) {
				m.program("usr/bin/dbt", script)
				m.dist("usr", "dbt-core", "1.11.16", "", true)
			},
			[]string{"usr/bin"},
			[]string{`usr/bin/dbt | v1 1.11.16 | pip | pip install --upgrade "dbt-core<2"`},
		},
		"for one user, with pip": {
			func(m machine) { m.pip("home/u/.local", "dbt", "2.0.8", native) },
			[]string{"home/u/.local/bin"},
			[]string{"home/u/.local/bin/dbt | v2 2.0.8 | pip | pip install --upgrade dbt"},
		},
		"installer of dbt": {
			func(m machine) { m.program("home/u/.local/bin/dbt", native) },
			[]string{"home/u/.local/bin"},
			[]string{"home/u/.local/bin/dbt | unknown  | standalone | "},
		},
		"installer of dbt over a pip of another size": {
			func(m machine) {
				m.program("home/u/.local/bin/dbt", native)
				m.dist("home/u/.local", "dbt", "2.0.1", "../../../bin/dbt,sha256=x,7\n", false)
			},
			[]string{"home/u/.local/bin"},
			[]string{"home/u/.local/bin/dbt | unknown  | standalone | "},
		},
		"uv tool": {
			func(m machine) {
				m.pip("home/u/.local/share/uv/tools/dbt-core", "dbt-core", "2.0.0a4", native)
				m.link("home/u/.local/bin/dbt", "home/u/.local/share/uv/tools/dbt-core/bin/dbt")
			},
			[]string{"home/u/.local/bin"},
			[]string{"home/u/.local/bin/dbt | v2-oss 2.0.0-alpha.4 | uv-tool | uv tool upgrade dbt-core --prerelease allow"},
		},
		"pipx": {
			func(m machine) {
				m.pip("home/u/.local/pipx/venvs/dbt", "dbt", "2.0.8", native)
				m.link("home/u/.local/bin/dbt", "home/u/.local/pipx/venvs/dbt/bin/dbt")
			},
			[]string{"home/u/.local/bin"},
			[]string{"home/u/.local/bin/dbt | v2 2.0.8 | pipx | pipx upgrade dbt"},
		},
		"pipx, a pre-release": {
			func(m machine) { m.pip("home/u/.local/share/pipx/venvs/dbt", "dbt", "2.1.0a1", native) },
			[]string{"home/u/.local/share/pipx/venvs/dbt/bin"},
			[]string{`home/u/.local/share/pipx/venvs/dbt/bin/dbt | v2 2.1.0-alpha.1 | pipx | pipx upgrade dbt --pip-args="--pre"`},
		},
		"Homebrew": {
			func(m machine) {
				m.program("opt/homebrew/Cellar/dbt/2.0.8_1/bin/dbt", native)
				m.link("opt/homebrew/bin/dbt", "opt/homebrew/Cellar/dbt/2.0.8_1/bin/dbt")
			},
			[]string{"opt/homebrew/bin"},
			[]string{"opt/homebrew/bin/dbt | v2 2.0.8 | homebrew | brew upgrade dbt"},
		},
		"Homebrew, open source": {
			func(m machine) { m.program("usr/local/Cellar/dbt-core/2.0.8/bin/dbt", native) },
			[]string{"usr/local/Cellar/dbt-core/2.0.8/bin"},
			[]string{"usr/local/Cellar/dbt-core/2.0.8/bin/dbt | v2-oss 2.0.8 | homebrew | brew upgrade dbt-core"},
		},
		"Homebrew, platform CLI by its tap": {
			func(m machine) {
				m.program("opt/homebrew/Cellar/dbt/9.1.0/bin/dbt", native)
				m.write("opt/homebrew/Cellar/dbt/9.1.0/INSTALL_RECEIPT.json", `{"source": {"tap": "dbt-labs/dbt-cli"}}`, 0o644)
			},
			[]string{"opt/homebrew/Cellar/dbt/9.1.0/bin"},
			[]string{"opt/homebrew/Cellar/dbt/9.1.0/bin/dbt | platform-cli 9.1.0 | homebrew | "},
		},
		"Homebrew, platform CLI by its version": {
			func(m machine) {
				m.program("opt/homebrew/Cellar/dbt/0.40.18/bin/dbt", native)
				m.write("opt/homebrew/Cellar/dbt/0.40.18/INSTALL_RECEIPT.json", `{`, 0o644)
			},
			[]string{"opt/homebrew/Cellar/dbt/0.40.18/bin"},
			[]string{"opt/homebrew/Cellar/dbt/0.40.18/bin/dbt | platform-cli 0.40.18 | homebrew | "},
		},
		"poetry's lock file above": {
			func(m machine) {
				m.pip("home/u/shop/.venv", "dbt", "2.0.8", native)
				m.write("home/u/shop/.venv/pyvenv.cfg", "", 0o644)
				m.write("home/u/shop/poetry.lock", "", 0o644)
			},
			[]string{"home/u/shop/.venv/bin"},
			[]string{"home/u/shop/.venv/bin/dbt | v2 2.0.8 | poetry | poetry update dbt"},
		},
		"uv's lock file above": {
			func(m machine) {
				m.pip("home/u/shop/.venv", "dbt-core", "2.0.0a4", native)
				m.write("home/u/shop/.venv/pyvenv.cfg", "", 0o644)
				m.write("home/u/shop/uv.lock", "", 0o644)
			},
			[]string{"home/u/shop/.venv/bin"},
			[]string{"home/u/shop/.venv/bin/dbt | v2-oss 2.0.0-alpha.4 | uv-project | uv sync --prerelease allow --upgrade-package dbt-core"},
		},
		"a lock file in the home folder is nobody's": {
			func(m machine) {
				m.pip("home/u/venv", "dbt", "2.0.8", native)
				m.write("home/u/venv/pyvenv.cfg", "", 0o644)
				m.write("home/u/uv.lock", "", 0o644)
			},
			[]string{"home/u/venv/bin"},
			[]string{"home/u/venv/bin/dbt | v2 2.0.8 | pip | pip install --upgrade dbt"},
		},
		"pyenv's shim": {
			func(m machine) { m.program("home/u/.pyenv/shims/dbt", script) },
			[]string{"home/u/.pyenv/shims"},
			[]string{"home/u/.pyenv/shims/dbt | unknown  | pyenv | "},
		},
		"any other program": {
			func(m machine) { m.program("opt/dbt/dbt", native) },
			[]string{"opt/dbt"},
			[]string{"opt/dbt/dbt | unknown  | unclaimed | "},
		},
		"order is kept, one real path is one install": {
			func(m machine) {
				m.pip("a", "dbt-core", "1.12.6", script)
				m.pip("b", "dbt", "2.0.8", native)
				m.link("c/dbt", "a/bin/dbt")
				m.link("d", "b/bin")
			},
			[]string{"c", "b/bin", "d", "a/bin", "b/bin", "missing"},
			[]string{
				`c/dbt | v1 1.12.6 | pip | pip install --upgrade "dbt-core<2"`,
				"b/bin/dbt | v2 2.0.8 | pip | pip install --upgrade dbt",
			},
		},
		"what is no program is passed over": {
			func(m machine) {
				m.write("plain/dbt", native, 0o644)
				m.write("folder/dbt/file", "", 0o644)
				m.link("broken/dbt", "nowhere")
				m.link("loop/dbt", "loop/dbt")
				m.program("other/dbtf", native)
			},
			[]string{"plain", "folder", "broken", "loop", "other"},
			nil,
		},
		"folders with characters of patterns": {
			func(m machine) { m.pip("my [x]*env", "dbt", "2.0.8", native) },
			[]string{"my [x]*env/bin"},
			[]string{"my [x]*env/bin/dbt | v2 2.0.8 | pip | pip install --upgrade dbt"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			c.make(m)
			if diff := cmp.Diff(c.want, m.found(m.env(c.path...))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFindNeverTakesARelativeEntry(t *testing.T) {
	m := newMachine(t)
	m.program("project/dbt", native)
	m.program("project/bin/dbt", native)
	t.Chdir(m.path("project"))
	sep := string(filepath.ListSeparator)
	for _, path := range []string{"", ".", sep, "bin", "./bin", "../project/bin", "~/bin"} {
		if found := Find(lookup(map[string]string{"PATH": path}), nil); len(found) > 0 {
			t.Errorf("PATH=%q found %s", path, found[0].Path)
		}
	}
	if found := Find(nil, nil); found != nil {
		t.Errorf("without an environment: %v", found)
	}
	if _, ok := Inspect("dbt", nil, nil); ok {
		t.Error("Inspect took a relative path")
	}
}

func TestFindMarksWhatIsExcluded(t *testing.T) {
	m := newMachine(t)
	m.pip("project/.venv", "dbt", "2.0.8", native)
	m.link("bin/dbt", "project/.venv/bin/dbt")
	m.pip("other", "dbt", "2.0.7", native)
	found := Find(m.env("bin", "other/bin"), func(real string) bool {
		return strings.HasPrefix(real, m.path("project")+string(filepath.Separator))
	})
	if len(found) != 2 || !found[0].Excluded || found[1].Excluded || found[0].Version != "2.0.8" {
		t.Errorf("found %+v", found)
	}
}
