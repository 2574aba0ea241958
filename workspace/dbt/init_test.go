package dbt

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

func TestPlanInit(t *testing.T) {
	const profiles = `# top
other:
  target: dev # of another profile
  outputs:
    dev: {type: duckdb}

shop: # one
  target: prod
  outputs:
    # two
    dev:
      type: snowflake
      account: "{{ env_var('A') }}#{{ env_var('B', 'x # y') }}" # three
      user: <user>
      password: it#s
      role: [role name]
      schema: |
        # no comment
    prod: {type: snowflake, account: x}
    # four

third: {target: dev, outputs: {dev: {type: duckdb}}}
`
	i := plan("shop", profiles)
	if !i.Exists || i.Leftover != nil {
		t.Errorf("%+v", i)
	}
	lines := yamlfile.Parse([]byte(profiles)).Lines
	at := func(places []InitPlace) []string {
		var all []string
		for _, p := range places {
			all = append(all, p.Name+"@"+lines.Position(p.At.Start).String())
		}
		return all
	}
	for what, pair := range map[string][2][]string{
		"targets":   {at(i.Targets), {"dev@11:5", "prod@19:5"}},
		"calls":     {at(i.Calls), {"A@13:20", "B@13:39"}},
		"comments":  {at(i.Comments), {"@7:7", "@10:5", "@13:65", "@20:5"}},
		"templates": {at(i.Template), {"user@14:13", "role@16:13"}},
	} {
		if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
}

// plan plans for a project with a profile.
func plan(profile, profiles string) *Init {
	return PlanInit(yamlfile.Parse([]byte("name: p\nprofile: "+profile+"\n")), yamlfile.Parse([]byte(profiles)), "snowflake")
}

// TestPlanInitLeftover: dbt init takes a profile to end at the first line that
// is not indented.
func TestPlanInitLeftover(t *testing.T) {
	for name, c := range map[string]struct {
		profiles string
		want     string // the line that stays, "" for none
	}{
		"a comment":         {"shop:\n  target: dev\n# note\n  outputs: {dev: {type: duckdb}}\n", "# note"},
		"brackets":          {"shop: {target: dev, outputs: {dev: {type: duckdb\n}}}\n", "}}}"},
		"a list":            {"shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb}\n", ""},
		"comments behind":   {"shop:\n  target: dev\n\n# of the next\nx: {}\n", ""},
		"without an ending": {"shop:\n  target: dev", ""},
	} {
		i := plan("shop", c.profiles)
		got := ""
		if i.Leftover != nil {
			got = string(i.Leftover.Of([]byte(c.profiles)))
		}
		if !i.Exists || got != c.want {
			t.Errorf("%s: exists %v, %q stays, want %q", name, i.Exists, got, c.want)
		}
	}
}

func TestPlanInitWithoutProfile(t *testing.T) {
	for name, i := range map[string]*Init{
		"another":   plan("shop", "x: {outputs: {}}\n"),
		"no text":   plan("[1]", "shop: {outputs: {}}\n"),
		"half":      plan("shop", "shop: {outputs: \n"),
		"no file":   PlanInit(yamlfile.Parse([]byte("profile: shop\n")), nil, "duckdb"),
		"nothing":   PlanInit(yamlfile.Parse(nil), nil, ""),
		"rendered":  plan(`"{{ env_var('P') }}"`, "shop: {outputs: {}}\n"),
		"a list":    plan("shop", "- shop\n"),
		"no values": plan("shop", "shop:\n"),
	} {
		if want := name == "no values"; i.Exists != want || len(i.Targets)+len(i.Calls)+len(i.Template) > 0 || i.Jinja != (name == "rendered") {
			t.Errorf("%s: %+v", name, i)
		}
	}
}

func TestInitPath(t *testing.T) {
	root, home := filepath.FromSlash("/p"), filepath.FromSlash("/home/u")
	local, own := filepath.Join(root, "profiles.yml"), filepath.Join(home, ".dbt", "profiles.yml")
	dir := func(kind OriginKind, value string) Setting {
		return Setting{Value: value, Set: true, From: Origin{Kind: kind}}
	}
	for name, c := range map[string]struct {
		setting Setting
		there   bool
		home    string
		want    string
	}{
		"beside the project":      {Setting{}, true, home, local},
		"over DBT_PROFILES_DIR":   {dir(OriginShell, "x"), true, home, local},
		"DBT_PROFILES_DIR":        {dir(OriginShell, "x"), false, home, filepath.Join(root, "x", "profiles.yml")},
		"a flag counts for dbt's": {dir(OriginFlag, "x"), false, home, own},
		"home":                    {Setting{}, false, home, own},
		"no home":                 {Setting{}, false, "", ""},
	} {
		if got := InitPath(root, c.home, c.setting, func(string) bool { return c.there }); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func FuzzPlanInit(f *testing.F) {
	f.Add("shop:\n  outputs: &a\n    dev: {type: x, a: <b>} # c\n  x: *a\n")
	f.Add("shop: &s\n  outputs: {<<: *s}\n# x\n  y: \"{{ env_var('A') }}\"\n")
	f.Fuzz(func(t *testing.T, profiles string) {
		i := plan("shop", profiles)
		for _, places := range [][]InitPlace{i.Targets, i.Calls, i.Comments, i.Template} {
			for _, p := range places {
				if p.At.Start < 0 || p.At.End < p.At.Start || p.At.End > len(profiles) {
					t.Errorf("%v lies outside of %d bytes", p.At, len(profiles))
				}
			}
		}
	})
}
