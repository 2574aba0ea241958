package dbt

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// choose resolves the connection of one profiles.yml, with variables.
func choose(t *testing.T, profiles string, env map[string]string) (*Profile, *jinja.Context) {
	t.Helper()
	ctx := &jinja.Context{Secrets: true, Env: func(name string) (secret.Text, bool) {
		value, ok := env[name]
		return secret.New(value), ok
	}}
	p := ResolveProfile(ProfileQuery{
		WorkingDir: "/p", Project: yamlfile.Parse([]byte("profile: shop\n")), ProjectPath: "/p/dbt_project.yml", Context: ctx,
		Open: func(path string) *ProfilesFile {
			return &ProfilesFile{Path: path, Readable: true, YAML: yamlfile.Parse([]byte(profiles))}
		},
	})
	return p, ctx
}

// shop is a profiles.yml with one target whose fields are given.
func shop(fields string) string {
	return "shop:\n  target: dev\n  outputs:\n    dev:\n      " + strings.ReplaceAll(strings.TrimSpace(fields), "\n", "\n      ") + "\n"
}

func TestFields(t *testing.T) {
	for name, c := range map[string]struct {
		fields string
		env    map[string]string
		want   []string // name source variables and what else is known
	}{
		"sources": {
			"type: snowflake\naccount: \"{{ env_var('A') }}\"\nuser: \"{{ env_var('B', 'x') }}\"\nrole: \"{{ env_var('C', 'x') }}\"\nschema: \"{{ target.name }}\"\nthreads: 4",
			map[string]string{"A": "CANARY", "C": "CANARY"},
			[]string{"type literal", "account variable A", "user default B?=", "role variable C=", "schema expression", "threads literal"},
		},
		"several variables": {
			"type: snowflake\naccount: \"{{ env_var('A') }}-{{ env_var('B', 'b') }}{{ env_var('A', 'x') }}\"",
			map[string]string{"B": "x"}, []string{"type literal", "account variable A? B=", "threads dbt"},
		},
		"absent": {
			"type: snowflake\naccount: \"{{ env_var('A') }}\"\nuser:\nrole: \"{{ env_var('B', 'null') }}\"\npassword: \"{{ env_var('DBT_ENV_SECRET_P') }}\"\nschema: x",
			map[string]string{"A": "", "DBT_ENV_SECRET_P": "~"},
			[]string{"type literal", "account variable A absent", "user literal absent", "role default B?= absent", "password variable DBT_ENV_SECRET_P secret absent", "schema literal", "threads dbt"},
		},
		"nested": {
			"type: duckdb\nsettings: {memory_limit: 1GB, motherduck_token: x}\nsecrets:\n  - type: s3\n    key_id: \"{{ env_var('K') }}\"\nextensions: []",
			nil,
			[]string{"type literal", "settings.memory_limit literal", "settings.motherduck_token literal secret", "secrets.0.type literal secret", "secrets.0.key_id variable K? secret", "extensions literal", "threads dbt", "path dbt", "schema dbt"},
		},
		"templates": {
			"type: snowflake\naccount: <account>\nuser: [user name]\nrole: your_role\ndatabase: \"[database]\"\nschema: {schema-name}\nwarehouse: yours\npassword: changeme",
			nil,
			[]string{"type literal", "account literal template", "user literal template", "role literal template", "database literal template", "schema literal template", "warehouse literal", "password literal secret template", "threads dbt"},
		},
		"no list of one": {
			"type: bigquery\nscopes: [https://www.googleapis.com/auth/big-query]", nil, []string{"type literal", "scopes.0 literal", "threads dbt"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, ctx := choose(t, shop(c.fields), c.env)
			var got []string
			for _, f := range p.Fields(ctx) {
				got = append(got, shown(f))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func shown(f Field) string {
	words := []string{f.Name, string(f.Source)}
	for _, v := range f.Variables {
		word := v.Name
		if !v.Set {
			word += "?"
		}
		if v.Default {
			word += "="
		}
		words = append(words, word)
	}
	if f.Secret {
		words = append(words, "secret")
	}
	if f.Absent {
		words = append(words, "absent")
	}
	if f.Template {
		words = append(words, "template")
	}
	return strings.Join(words, " ")
}

// TestFieldsOfAliases: what aliases repeat is read once, however often they are
// nested.
func TestFieldsOfAliases(t *testing.T) {
	var b strings.Builder
	b.WriteString("type: duckdb\na0: &a0 {x: 1}\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&b, "a%d: &a%d {x: *a%d, y: *a%d}\n", i, i, i-1, i-1)
	}
	p, ctx := choose(t, shop(b.String()), nil)
	if n := len(p.Fields(ctx)); n > 200 {
		t.Errorf("%d fields", n)
	}
}

func TestMissingFields(t *testing.T) {
	for name, c := range map[string]struct {
		fields string
		env    map[string]string
		want   []string
	}{
		"snowflake, nothing":          {"type: snowflake", nil, []string{"database parse", "account parse", "schema parse", "user connect", "password connect"}},
		"an empty variable":           {"type: snowflake\ndatabase: d\naccount: \"{{ env_var('A') }}\"\nschema: s\nuser: u\npassword: p", map[string]string{"A": ""}, []string{"account parse given"}},
		"null":                        {"type: snowflake\ndatabase: d\naccount:\nschema: ~\nuser: u\npassword: p", nil, []string{"account parse", "schema parse given"}},
		"a method by a variable":      {"type: bigquery\nproject: p\ndataset: d\nmethod: \"{{ env_var('M') }}\"", map[string]string{"M": "service-account"}, []string{"keyfile connect"}},
		"an unknown variable":         {"type: bigquery\nproject: p\ndataset: d\nmethod: \"{{ env_var('M') }}\"", nil, nil},
		"either spelling":             {"type: redshift\ndatabase: d\nhost: h\nport: 1\nschema: s\nuser: u\npass: p", nil, nil},
		"the default of several ones": {"- {type: duckdb}\n- {type: snowflake, default: true, database: d, account: a, schema: s, user: u}", nil, []string{"password connect"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, ctx := choose(t, shop(c.fields), c.env)
			var got []string
			for _, m := range p.MissingFields(ctx) {
				word := m.Message + map[bool]string{true: " parse", false: " connect"}[m.Parse]
				if !m.Given.Empty() {
					word += " given"
				}
				got = append(got, word)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSignIn(t *testing.T) {
	for fields, want := range map[string]string{
		"type: snowflake\nmethod: keypair":                                 "keypair by method",
		"type: snowflake\nauthenticator: externalbrowser":                  "externalbrowser by authenticator",
		"type: snowflake\nprivate_key_path: x":                             "keypair by ",
		"type: snowflake":                                                  "password by ",
		"type: bigquery\nmethod: \"{{ env_var('KNOWN') }}\"":               "oauth by method",
		"type: bigquery\nmethod: \"{{ env_var('CANARY') }}\"":              "*** by method",
		"type: bigquery":                                                   " by ",
		"type: databricks":                                                 "token by ",
		"type: databricks\nauth_type: oauth":                               "oauth by auth_type",
		"type: redshift\nmethod: ":                                         "database by ",
		"type: duckdb":                                                     " by ",
		"type: snowflake\nmethod: \"{{ env_var('NOT_SET') }}\"":            "*** by method",
		"type: snowflake\nmethod: \"{{ env_var('NOT_SET', 'keypair') }}\"": "keypair by method",
	} {
		p, ctx := choose(t, shop(fields), map[string]string{"KNOWN": "oauth", "CANARY": "CANARY"})
		s := p.SignIn(ctx)
		if !s.Literal {
			s.Name = secret.Mask
		}
		if got := s.Name + " by " + s.Key; got != want {
			t.Errorf("%q: %q, want %q", fields, got, want)
		}
	}
}
