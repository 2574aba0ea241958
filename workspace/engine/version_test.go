package engine

import (
	"testing"

	"pgregory.net/rapid"
)

func TestParseVersionNormalizes(t *testing.T) {
	for spelled, want := range map[string]string{
		"2.0.8":                   "2.0.8",
		"v2.0.8":                  "2.0.8",
		" 2.0.8\n":                "2.0.8",
		"2.0":                     "2.0.0",
		"2":                       "2.0.0",
		"2.0.0-preview.212":       "2.0.0-preview.212",
		"v2.0.0-preview.175.1":    "2.0.0-preview.175.1",
		"2.0.0-alpha.4":           "2.0.0-alpha.4",
		"2.0.0a4":                 "2.0.0-alpha.4",
		"2.0.0b1":                 "2.0.0-beta.1",
		"2.0.0rc1":                "2.0.0-rc.1",
		"2.0.0-rc.1":              "2.0.0-rc.1",
		"2.0.0-rc1":               "2.0.0-rc1",
		"2.0.0.dev9":              "2.0.0-dev.9",
		"2.0.0-dev.9":             "2.0.0-dev.9",
		"2.0.0rc1.dev2":           "2.0.0-rc.1.dev.2",
		"2.0.0.post1":             "2.0.0",
		"2025.8.14+a1b2c3d":       "2025.8.14",
		"2025.08.04":              "2025.8.4",
		"2.0.0-preview.212+build": "2.0.0-preview.212",
		"1.12.6":                  "1.12.6",
		"0.40.18":                 "0.40.18",
		"1.0.0.40.18":             "1.0.0",
	} {
		got, err := ParseVersion(spelled)
		if err != nil || got.String() != want {
			t.Errorf("ParseVersion(%q) = %q, %v; want %q", spelled, got, err, want)
		}
	}
}

func TestParseVersionRefusesOtherTexts(t *testing.T) {
	for _, s := range []string{"", "latest", "fusion-stable", "compatible", "dbt 2.0.1", "2.x", "-1.0.0", "2.0.0-", "2..0", "2.0.0 ; rm", "2.0.0\n2.0.1", ">=2.0.0"} {
		if v, err := ParseVersion(s); err == nil {
			t.Errorf("ParseVersion(%q) = %q, want an error", s, v)
		}
	}
}

// The order of facts about dbt's releases, lowest first.
var ascending = []string{
	"0.40.18", "1.12.6",
	"2.0.0-alpha.1", "2.0.0-alpha.2", "2.0.0-beta.1", "2.0.0-dev.9",
	"2.0.0-preview.9", "2.0.0-preview.10", "2.0.0-preview.175", "2.0.0-preview.175.1", "2.0.0-preview.212",
	"2.0.0rc1", "2.0.0", "2.0.8", "2.0.10", "2.1.0", "2025.8.14+a1b2c3d",
}

func TestCompareFollowsTheReleases(t *testing.T) {
	for i, a := range ascending {
		for j, b := range ascending {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := parse(t, a).Compare(parse(t, b)); got != want {
				t.Errorf("%s compared with %s = %d, want %d", a, b, got, want)
			}
		}
	}
	if (Version{}).Compare(parse(t, "0.0.0-alpha.1")) != -1 {
		t.Error("the zero version is not the lowest")
	}
}

func TestAVersionReadsItsOwnText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`v?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3}){0,3}((a|b|rc)[0-9]{1,2}|-(alpha|preview)\.[1-9][0-9]{0,2}(\.[1-9])?)?(\.post1)?(\+[a-f0-9]{7})?`).Draw(t, "version")
		v, err := ParseVersion(s)
		if err != nil {
			t.Fatalf("ParseVersion(%q): %v", s, err)
		}
		again, err := ParseVersion(v.String())
		if err != nil || again.Compare(v) != 0 || again.String() != v.String() {
			t.Fatalf("%q → %q → %q, %v", s, v, again, err)
		}
	})
}

func FuzzParseVersion(f *testing.F) {
	for _, s := range ascending {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseVersion(s)
		if err != nil {
			return
		}
		if again, err := ParseVersion(v.String()); err != nil || again.Compare(v) != 0 {
			t.Errorf("%q → %q → %q, %v", s, v, again, err)
		}
	})
}

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		output, version string
		kind            Kind
	}{
		{"dbt-fusion 2.0.0-preview.196\n", "2.0.0-preview.196", KindV2},
		{"dbt 2.0.1\n", "2.0.1", KindV2},
		{"dbt 2.0.1\r\n", "2.0.1", KindV2},
		{"dbt v2 2.0.1", "2.0.1", KindV2},
		{"dbt-oss 2.0.0-preview.200", "2.0.0-preview.200", KindV2OSS},
		{"dbt-core 2.0.0-preview.200", "2.0.0-preview.200", KindV2OSS},
		{"dbt-core 2.0.0-alpha.4\n", "2.0.0-alpha.4", KindV2OSS},
		{"dbt Cloud CLI - 0.40.18 (aa58f643af1725e279e559883b75cf9e26596d51 2026-06-18T20:34:06Z)\n", "0.40.18", KindPlatformCLI},
		{"Cloud CLI - 0.40.18 (x)", "0.40.18", KindPlatformCLI},
		{"dbt Cloud CLI", "", KindPlatformCLI},
		{"Core:\n  - installed: 1.12.0\n  - latest:    1.12.0 - Up to date!\n\nPlugins:\n  - duckdb: 1.11.1 - Up to date!\n", "1.12.0", KindV1},
		{"Core:\n  - installed: 1.11.16\n\n  The latest version of dbt-core could not be determined!\n\nPlugins:\n  - duckdb: 1.11.1 - Could not determine latest version\n", "1.11.16", KindV1},
		{"Core:\n", "", KindV1},
		{"", "", KindUnknown},
		{"dbt", "", KindUnknown},
		{"dbt latest", "", KindUnknown},
		{"git version 2.40.0", "", KindUnknown},
		{"installed version: 0.19.0\n", "", KindUnknown},
		{"error: unexpected argument '--version' found", "", KindUnknown},
	} {
		if kind, version := Classify(c.output); kind != c.kind || version != c.version {
			t.Errorf("Classify(%q) = %s %q, want %s %q", c.output, kind, version, c.kind, c.version)
		}
	}
}

func TestState(t *testing.T) {
	latest := func(v string) Releases { return Releases{Channels: map[string]Release{"latest": {Version: v}}} }
	for _, c := range []struct {
		kind          Kind
		have, newest  string
		want, because string
	}{
		{KindV2, "2.0.8", "2.0.8", Current, ""},
		{KindV2, "2.0.7", "2.0.8", Stale, ""},
		{KindV2, "2.0.0-preview.212", "2.0.8", Stale, "previews came before"},
		{KindV2, "2.0.9", "2.0.8", Newer, "a release can be taken back"},
		{KindV2OSS, "2.0.0-alpha.4", "2.0.8", Stale, "older by any numbering"},
		{KindV2OSS, "2.0.0-alpha.4", "2.0.0-preview.212", Unknown, "two numberings"},
		{KindV2OSS, "2.0.8", "2.0.8", Current, ""},
		{KindV1, "1.12.6", "2.0.8", Unknown, "not on the list"},
		{KindPlatformCLI, "0.40.18", "2.0.8", Unknown, "own numbering"},
		{KindV2, "", "2.0.8", Unknown, "no version"},
		{KindV2, "2.0.8", "", Unknown, "no list"},
	} {
		if got := State(Install{Kind: c.kind, Version: c.have}, latest(c.newest)); got != c.want {
			t.Errorf("State(%s %s, newest %s) = %s, want %s (%s)", c.kind, c.have, c.newest, got, c.want, c.because)
		}
	}
}

func parse(t *testing.T, s string) Version {
	t.Helper()
	v, err := ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
