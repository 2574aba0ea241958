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

// The tables of these tests are those of what is known about dbt's versions,
// channels and tracks, row by row.

func TestVersionStrings(t *testing.T) {
	for name, c := range map[string]struct {
		spelled, want string // want is "" for what is no version
		prerelease    bool
		major         string
	}{
		"v2 before GA":                             {"2.0.0-preview.212", "2.0.0-preview.212", true, "2"},
		"v2 before GA, a fourth number":            {"2.0.0-preview.175.1", "2.0.0-preview.175.1", true, "2"},
		"v2 before GA, alpha":                      {"2.0.0-alpha.3", "2.0.0-alpha.3", true, "2"},
		"v2 before GA, beta":                       {"2.0.0-beta.3", "2.0.0-beta.3", true, "2"},
		"v2 before GA, dev":                        {"2.0.0-dev.9", "2.0.0-dev.9", true, "2"},
		"open-source v2 from PyPI, as it prints":   {"2.0.0-alpha.4", "2.0.0-alpha.4", true, "2"},
		"open-source v2 from PyPI, as pip has it":  {"2.0.0a4", "2.0.0-alpha.4", true, "2"},
		"v2 after GA":                              {"2.0.0", "2.0.0", false, "2"},
		"v2 after GA, a patch":                     {"2.0.8", "2.0.8", false, "2"},
		"Python packaging's release candidate":     {"2.0.0rc1", "2.0.0-rc.1", true, "2"},
		"v1":                                       {"1.12.6", "1.12.6", false, "1"},
		"what platform runs report on v1 tracks":   {"2025.8.14+a1b2c3d", "2025.8.14", false, "2025"},
		"platform CLI":                             {"0.40.18", "0.40.18", false, "0"},
		"the tag of a release list":                {"v2.0.9", "2.0.9", false, "2"},
		"a track name is no version":               {"fusion-stable", "", false, ""},
		"a track name is no version: latest":       {"latest", "", false, ""},
		"a track name is no version: of one minor": {"1.9.0-latest", "1.9.0-latest", true, "1"}, // SemVer takes it
	} {
		t.Run(name, func(t *testing.T) {
			v, err := ParseVersion(c.spelled)
			if (err == nil) != (c.want != "") {
				t.Fatalf("%v", err)
			}
			if err == nil && (v.String() != c.want || v.Prerelease() != c.prerelease || v.Major() != c.major) {
				t.Errorf("%s of major %s, pre-release %v", v, v.Major(), v.Prerelease())
			}
		})
	}
}

// Roll-backs, numberings that cannot be compared, and the newest release of
// every channel.
func TestStateByChannel(t *testing.T) {
	list := Releases{Channels: map[string]Release{
		"latest": {Version: "2.0.8"}, "dev": {Version: "2.1.0-dev.4"}, "canary": {Version: "2.1.0-preview.3"}, "stable": {Version: "2.0.7"},
		"extended": {Version: "2.0.3"},
	}}
	for name, c := range map[string]struct {
		follow, newest string
		kind           Kind
		have, want     string
	}{
		"the usual channel":                       {"", "2.0.8", KindV2, "2.0.7", Stale},
		"latest by name":                          {"latest", "2.0.8", KindV2, "2.0.8", Current},
		"latest went down: differs, not outdated": {"", "2.0.8", KindV2, "2.0.9", Newer},
		"canary": {"canary", "2.1.0-preview.3", KindV2, "2.0.8", Stale},
		"dev":    {"dev", "2.1.0-dev.4", KindV2, "2.1.0-dev.4", Current},
		"v2 Stable, as Terraform has it: behind latest":  {"fusion-stable", "2.0.7", KindV2, "2.0.8", Newer},
		"v2 Stable, as it was called":                    {"latest-fusion", "2.0.7", KindV2, "2.0.7", Current},
		"v2 Stable, as dbt platform shows it":            {"v2 Stable", "2.0.7", KindV2, "2.0.1", Stale},
		"extended is the list's own channel":             {"extended", "2.0.3", KindV2, "2.0.3", Current},
		"a track that the list does not have":            {"fusion-nightly", "", KindV2, "2.0.8", Unknown},
		"a track of dbt v1":                              {"compatible", "", KindV2, "2.0.8", Unknown},
		"no channel and no track":                        {"weekly", "", KindV2, "2.0.8", Unknown},
		"open-source pre-release beside another channel": {"canary", "2.1.0-preview.3", KindV2OSS, "2.0.0-alpha.4", Unknown},
		"open-source pre-release beside a release":       {"", "2.0.8", KindV2OSS, "2.0.0-alpha.4", Stale},
		"dbt v1 is not on the list":                      {"", "2.0.8", KindV1, "1.12.6", Unknown},
		"the platform CLI has its own numbering":         {"", "2.0.8", KindPlatformCLI, "0.40.18", Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			r := list
			r.Follow = c.follow
			if r.Newest() != c.newest {
				t.Errorf("newest %q, want %q", r.Newest(), c.newest)
			}
			if got := State(Install{Kind: c.kind, Version: c.have}, r); got != c.want {
				t.Errorf("%s %s is %s, want %s", c.kind, c.have, got, c.want)
			}
		})
	}
}

// What the banner of each dbt says, through a real program that prints it: the
// rows of the classification, and stand-ins of what cannot be installed here.
func TestBanners(t *testing.T) {
	for name, c := range map[string]struct{ output, want string }{
		"1 contains Core:":                        {"Core:\n  - installed: 1.12.0\n  - latest:    1.12.0 - Up to date!\n\nPlugins:\n  - duckdb: 1.11.1 - Up to date!", "v1 1.12.0"},
		"1 without the network":                   {"Core:\n  - installed: 1.11.16\n\n  The latest version of dbt-core could not be determined!\n  Make sure that the following URL is accessible:\n\nPlugins:\n  - duckdb: 1.11.1 - Could not determine latest version", "v1 1.11.16"},
		"1 outdated":                              {"Core:\n  - installed: 1.10.2\n  - latest:    1.12.6 - Update available!\n\n  Your version of dbt-core is out of date!", "v1 1.10.2"},
		"2 dbt Cloud CLI":                         {"dbt Cloud CLI - 0.40.18 (aa58f643af1725e279e559883b75cf9e26596d51 2026-06-18T20:34:06Z)", "platform-cli 0.40.18"},
		"2 as one page prints it":                 {"Cloud CLI - 0.38.22 (x 2025-01-01T00:00:00Z)", "platform-cli 0.38.22"},
		"3 full dbt before GA":                    {"dbt-fusion 2.0.0-preview.196", "v2 2.0.0-preview.196"},
		"3 full dbt, GA":                          {"dbt 2.0.1", "v2 2.0.1"},
		"3 GA, the newest":                        {"dbt 2.0.8", "v2 2.0.8"},
		"3 open-source build":                     {"dbt-oss 2.0.0-preview.200", "v2-oss 2.0.0-preview.200"},
		"3 open-source build, before":             {"dbt-core 2.0.0-preview.200", "v2-oss 2.0.0-preview.200"},
		"3 open-source build, of July":            {"dbt-core 2.0.0-alpha.4", "v2-oss 2.0.0-alpha.4"},
		"4 with a word between":                   {"dbt v2 2.0.1", "v2 2.0.1"},
		"5 anything else":                         {"Usage: dbt [OPTIONS]", "unknown "},
		"5 nothing":                               {"", "unknown "},
		"5 an update hint after the version line": {"dbt 2.0.1\nNew version available  2.0.8 (run `dbt system update`)", "v2 2.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := (&Prober{Env: probeEnv, Timeout: patience}).Probe(t.Context(), fake(t, "cat <<'END'\n"+c.output+"\nEND\n"))
			if string(got.Kind)+" "+got.Version != c.want {
				t.Errorf("%s %s, want %s", got.Kind, got.Version, c.want)
			}
		})
	}
}

// How an install is recognized, and what updates it: by its files, with the
// version that they or its own answer give.
func TestChannels(t *testing.T) {
	for name, c := range map[string]struct {
		make func(machine) string // returns the program's path
		kind Kind                 // as the program answers; "" where the files say it
		want string
	}{
		"standalone": {
			func(m machine) string { m.program("home/u/.local/bin/dbt", native); return "home/u/.local/bin/dbt" },
			KindV2, "standalone: dbt system update",
		},
		"standalone, open source: refused": {
			func(m machine) string { m.program("home/u/.local/bin/dbt", native); return "home/u/.local/bin/dbt" },
			KindV2OSS, "standalone: ",
		},
		"Homebrew": {
			func(m machine) string {
				m.program("opt/homebrew/Cellar/dbt/2.0.8/bin/dbt", native)
				m.link("opt/homebrew/bin/dbt", "opt/homebrew/Cellar/dbt/2.0.8/bin/dbt")
				return "opt/homebrew/bin/dbt"
			},
			"", "homebrew: brew upgrade dbt",
		},
		"Homebrew tap dbt-labs/dbt-cli: no engine update": {
			func(m machine) string {
				m.program("opt/homebrew/Cellar/dbt/0.40.18/bin/dbt", native)
				m.write("opt/homebrew/Cellar/dbt/0.40.18/INSTALL_RECEIPT.json", `{"source": {"tap": "dbt-labs/dbt-cli"}}`, 0o644)
				return "opt/homebrew/Cellar/dbt/0.40.18/bin/dbt"
			},
			"", "homebrew: ",
		},
		"pipx": {
			func(m machine) string {
				m.pip("home/u/.local/pipx/venvs/dbt", "dbt", "2.0.8", native)
				return "home/u/.local/pipx/venvs/dbt/bin/dbt"
			},
			"", "pipx: pipx upgrade dbt",
		},
		"pipx, pre-release": {
			func(m machine) string {
				m.pip("home/u/.local/pipx/venvs/dbt", "dbt", "2.1.0a1", native)
				return "home/u/.local/pipx/venvs/dbt/bin/dbt"
			},
			"", `pipx: pipx upgrade dbt --pip-args="--pre"`,
		},
		"uv tool": {
			func(m machine) string {
				m.pip("home/u/.local/share/uv/tools/dbt", "dbt", "2.0.8", native)
				return "home/u/.local/share/uv/tools/dbt/bin/dbt"
			},
			"", "uv-tool: uv tool upgrade dbt",
		},
		"uv tool, pre-release": {
			func(m machine) string {
				m.pip("home/u/.local/share/uv/tools/dbt", "dbt", "2.1.0b2", native)
				return "home/u/.local/share/uv/tools/dbt/bin/dbt"
			},
			"", "uv-tool: uv tool upgrade dbt --prerelease allow",
		},
		"rye":   {at("home/u/.rye/tools/dbt"), "", "rye: rye install dbt"},
		"asdf":  {at("home/u/.asdf/installs/python/3.12.1"), "", "asdf: pip install --upgrade dbt"},
		"pyenv": {at("home/u/.pyenv/versions/3.12.1"), "", "pyenv: pip install --upgrade dbt"},
		"mise": {
			func(m machine) string {
				m.program("home/u/.local/share/mise/shims/dbt", script)
				return "home/u/.local/share/mise/shims/dbt"
			},
			KindV2, "mise: pip install --upgrade dbt",
		},
		"virtual environment":              {locked(""), "", "pip: pip install --upgrade dbt"},
		"virtual environment, pre-release": {func(m machine) string { m.pip("v", "dbt", "2.1.0a1", native); return "v/bin/dbt" }, "", "pip: pip install --pre --upgrade dbt"},
		"any #! script":                    {func(m machine) string { m.program("opt/bin/dbt", script); return "opt/bin/dbt" }, KindV2, "pip: pip install --upgrade dbt"},
		"uv.lock":                          {locked("uv.lock"), "", "uv-project: uv sync --upgrade-package dbt"},
		"poetry.lock":                      {locked("poetry.lock"), "", "poetry: poetry update dbt"},
		"pdm.lock":                         {locked("pdm.lock"), "", "pdm: pdm update dbt"},
		"Pipfile.lock":                     {locked("Pipfile.lock"), "", "pipenv: pipenv update dbt"},
		"requirements.txt":                 {locked("requirements.txt"), "", "pip: pip install --upgrade dbt"},
		"setup.cfg":                        {locked("setup.cfg"), "", "pip: pip install --upgrade dbt"},
		"environment.yml: an environment of conda": {
			func(m machine) string {
				m.pip("shop/env", "dbt", "2.0.8", native)
				m.write("shop/env/conda-meta/history", "", 0o644)
				m.write("shop/env/lib/python3.12/site-packages/dbt-2.0.8.dist-info/INSTALLER", "conda\n", 0o644)
				m.write("shop/environment.yml", "", 0o644)
				return "shop/env/bin/dbt"
			},
			"", "conda: conda update dbt",
		},
		"unclaimed": {func(m machine) string { m.program("opt/dbt/dbt", native); return "opt/dbt/dbt" }, KindV2, "unclaimed: dbt system update"},
		"dbt v1 has no dbt system": {
			func(m machine) string { m.pip("v", "dbt-core", "1.12.6", script); return "v/bin/dbt" },
			"", `pip: pip install --upgrade "dbt-core<2"`,
		},
		"the old package dbt 1.0.0.40 was the platform CLI": {
			func(m machine) string { m.pip("v", "dbt", "1.0.0.40.18", native); return "v/bin/dbt" },
			"", "pip: ",
		},
		"package dbt-oss": {func(m machine) string { m.pip("v", "dbt-oss", "2.0.8", native); return "v/bin/dbt" }, "", "pip: pip install --upgrade dbt-oss"},
		"dbt-core without a pin brings v2": {
			func(m machine) string { m.pip("v", "dbt-core", "2.0.8", script); return "v/bin/dbt" },
			"", "pip: pip install --upgrade dbt-core",
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			in, ok := Inspect(m.path(c.make(m)), m.env(), nil)
			if !ok {
				t.Fatal("no program")
			}
			if c.kind != "" {
				in.Kind, in.Version = c.kind, "2.0.8"
				in.Update = updateCommand(in)
			}
			if got := fmt.Sprintf("%s: %s", in.Channel, in.Update); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func at(prefix string) func(machine) string {
	return func(m machine) string {
		m.pip(prefix, "dbt", "2.0.8", native)
		return prefix + "/bin/dbt"
	}
}

// locked is a virtual environment in a folder with a file that says who fills it.
func locked(file string) func(machine) string {
	return func(m machine) string {
		m.pip("shop/.venv", "dbt", "2.0.8", native)
		m.write("shop/.venv/pyvenv.cfg", "", 0o644)
		if file != "" {
			m.write("shop/"+file, "", 0o644)
		}
		return "shop/.venv/bin/dbt"
	}
}

func TestTracks(t *testing.T) {
	for spelled, want := range map[string]Track{
		"v2 Nightly":      {"v2 Nightly", true, "nightly"},
		"fusion-nightly":  {"v2 Nightly", true, "nightly"},
		"v2 Stable":       {"v2 Stable", true, "stable"},
		"fusion-stable":   {"v2 Stable", true, "stable"},
		"latest-fusion":   {"v2 Stable", true, "stable"},
		"Fusion Latest":   {"v2 Stable", true, "stable"},
		"v2 Extended":     {"v2 Extended", true, "extended"},
		"fusion-extended": {"v2 Extended", true, "extended"},
		"v2 Fallback":     {"v2 Fallback", true, "fallback"},
		"fusion-fallback": {"v2 Fallback", true, "fallback"},
		"v1 Latest":       {"v1 Latest", false, ""},
		"latest":          {"v1 Latest", false, ""},
		"versionless":     {"v1 Latest", false, ""},
		"v1 Compatible":   {"v1 Compatible", false, ""},
		"compatible":      {"v1 Compatible", false, ""},
		"v1 Extended":     {"v1 Extended", false, ""},
		"extended":        {"v1 Extended", false, ""},
		"v1 Fallback":     {"v1 Fallback", false, ""},
		"fallback":        {"v1 Fallback", false, ""},
		"1.9.0-latest":    {"1.9.0-latest", false, ""},
		"1.7.0-pre":       {"1.7.0-pre", false, ""},
	} {
		t.Run(spelled, func(t *testing.T) {
			if got, ok := ParseTrack(spelled); !ok || got != want {
				t.Errorf("%+v, %v", got, ok)
			}
		})
	}
	for _, spelled := range []string{"", "canary", "2.0.8", "weekly", "1.9-latest", "x-pre"} {
		if got, ok := ParseTrack(spelled); ok {
			t.Errorf("%q is %+v", spelled, got)
		}
	}
}

func TestKnownBad(t *testing.T) {
	const manifest = `{
	  "2.0.5": {"known_bad": true, "released": {"latest": {"timestamp": 1760000000, "released_by": "x", "reason": "y"}}},
	  "v2.0.0-preview.190": {"known_bad": true},
	  "2.0.6": {"known_bad": false}, "2.0.7": {}, "2.0.8": null, "2.0.9": "text",
	  "latest": {"known_bad": true}, "; rm -rf": {"known_bad": true}
	}`
	want := []string{"2.0.0-preview.190", "2.0.5"}
	if diff := cmp.Diff(want, parseKnownBad([]byte(manifest))); diff != "" {
		t.Error(diff)
	}
	for _, odd := range []string{"", "[]", "null", "{", `{"2.0.5": [true]}`, strings.Repeat(`{"a":`, 20_000)} {
		if got := parseKnownBad([]byte(odd)); len(got) > 0 {
			t.Errorf("%.20q gives %v", odd, got)
		}
	}
	r := Releases{}.WithKnownBad(want)
	for version, bad := range map[string]bool{"2.0.5": true, "v2.0.5": true, "2.0.0-preview.190": true, "2.0.50": false, "": false} {
		if r.IsKnownBad(version) != bad {
			t.Errorf("%q is known bad: %v", version, !bad)
		}
	}
}

// The marks may stand in the one list that is asked for, and are kept with it.
func TestKnownBadInTheList(t *testing.T) {
	s := serve(t, text(`{"latest": {"tag": "v2.0.9"}, "2.0.5": {"known_bad": true}}`))
	c, clock := client(t, s)
	for _, from := range []Source{FromNetwork, FromCache} {
		got, err := c.Latest(t.Context())
		if err != nil || got.From != from || !got.IsKnownBad("2.0.5") || got.IsKnownBad("2.0.9") {
			t.Errorf("%+v, %v", got, err)
		}
		clock.Time = clock.Add(1)
	}
	if s.count() != 1 {
		t.Errorf("%d requests", s.count())
	}
}

// The dbt extension's setting names a file of known-bad releases.
func TestKnownBadByASetting(t *testing.T) {
	m := newMachine(t)
	m.write("ws/.vscode/settings.json", `{"dbt.badReleasesManifestPath": "bad/releases.json"}`, 0o644)
	m.write("ws/bad/releases.json", `{"2.0.5": {"known_bad": true}}`, 0o644)
	if found := m.search(nil, nil, Folder{Path: m.path("ws"), ReadSettings: true}); !cmp.Equal(found.KnownBad, []string{"2.0.5"}) {
		t.Errorf("known bad: %v", found.KnownBad)
	}
	if found := m.search(nil, nil, Folder{Path: m.path("ws")}); found.KnownBad != nil {
		t.Errorf("of a folder that does not count: %v", found.KnownBad)
	}
}

// dbt v1 as pip installs it: its metadata says what it prints.
func TestTheRealV1(t *testing.T) {
	path := os.Getenv("DBT_V1")
	if path == "" {
		path = filepath.Join(repository(t), ".cache", "dbt-v1", "bin", "dbt")
	}
	in, ok := Inspect(path, probeEnv, nil)
	if !ok {
		t.Fatal("no dbt v1 to ask: `node scripts/install-engine.mjs v1` installs it")
	}
	if in.Kind != KindV1 || in.Version != "1.11.16" || in.Package != "dbt-core" || in.Channel != ChannelPip {
		t.Errorf("its metadata says %s %s of package %q by %s", in.Kind, in.Version, in.Package, in.Channel)
	}
	probed, err := (&Prober{Env: probeEnv, Timeout: patience}).Probe(t.Context(), in)
	if diff := cmp.Diff(in, probed); err != nil || diff != "" {
		t.Errorf("by metadata and probed, %v:\n%s", err, diff)
	}
}

// One file is started once, by whatever path it is reached.
func TestProbeStartsARealPathOnce(t *testing.T) {
	m := newMachine(t)
	count := m.path("count")
	m.program("a/dbt", "#!/bin/sh\necho x >> '"+count+"'\necho dbt 2.0.1\n")
	m.link("b/dbt", "a/dbt")
	m.link("c", "a")
	p := &Prober{Env: probeEnv, Timeout: patience}
	for _, path := range []string{"a/dbt", "b/dbt", "c/dbt"} {
		if got, err := p.Probe(t.Context(), inspectAt(t, m.path(path))); err != nil || got.Version != "2.0.1" {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
	if content, err := os.ReadFile(count); err != nil || string(content) != "x\n" {
		t.Errorf("started %d times, %v", strings.Count(string(content), "x"), err)
	}
}

// What nobody starts and whose files say what it is, is left alone.
func TestProbeAllLeavesAloneWhatNobodyStarts(t *testing.T) {
	in := fake(t, "exit 1")
	in.OffPath, in.Kind, in.Version = true, KindV1, "1.12.6"
	p := &Prober{Env: probeEnv, Timeout: patience}
	if got := p.ProbeAll(t.Context(), []Install{in}); got[0].Version != "1.12.6" || len(p.probes) > 0 {
		t.Errorf("%+v, %d probes", got[0], len(p.probes))
	}
	in.Users = []User{{Reader: Extension}}
	if p.ProbeAll(t.Context(), []Install{in}); len(p.probes) != 1 {
		t.Error("one that the extension starts was not asked")
	}
}

func TestRecall(t *testing.T) {
	in := fake(t, "echo dbt 2.0.1")
	p := &Prober{Env: probeEnv, Timeout: patience}
	if got := p.Recall([]Install{in}); got[0].Version != "" {
		t.Errorf("before an answer: %+v", got[0])
	}
	if _, err := p.Probe(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if got := p.Recall([]Install{in}); got[0].Version != "2.0.1" || got[0].Update != "pip install --upgrade dbt" {
		t.Errorf("after it: %+v", got[0])
	}
}
