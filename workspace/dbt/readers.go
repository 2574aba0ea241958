package dbt

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// ValueSource says where the value of a field of a connection comes from.
type ValueSource string

// The sources of a field, as `status` prints them.
const (
	ValueLiteral    ValueSource = "literal"    // it stands in the file
	ValueVariable   ValueSource = "variable"   // env_var() gives it
	ValueDefault    ValueSource = "default"    // env_var() gives its default: no variable is set
	ValueExpression ValueSource = "expression" // other Jinja gives it
	ValueEngine     ValueSource = "dbt"        // it is not there, and dbt has a value of its own
)

// Field is one field of a connection, without its value.
type Field struct {
	Name      string    // below the top level with dots between the keys: settings.memory_limit
	Key       text.Span // empty for ValueEngine
	Value     text.Span // empty for ValueEngine
	Source    ValueSource
	Variables []FieldVariable // that its value asks for, each once
	Secret    bool            // what stands in it is a secret
	Absent    bool            // dbt takes it for absent: it is null, or renders to what YAML reads as null
	Template  bool            // a literal that somebody was to replace
}

// FieldVariable is a variable that a field asks for.
type FieldVariable struct {
	Name    string
	Set     bool // also to the empty text
	Default bool // the call has a default
}

// MissingField is a field that a connection lacks.
type MissingField struct {
	RequiredField
	Parse bool      // every command that loads the profile stops; else dbt cannot connect
	Given text.Span // the value that dbt takes for absent; empty where the key is not there
}

// SignIn is the way in which a connection signs in.
type SignIn struct {
	Name    string    // "" where it cannot be told, or where there are no ways to choose from
	Key     string    // the key that says so, "" where it follows from the fields that are there
	At      text.Span // its value
	Literal bool      // the name stands in the file, or is one that dbt knows: it is no value of a variable
}

// Connection returns the mapping of the chosen output that dbt uses, nil without
// one.
func (p *Profile) Connection() *yamlfile.Node {
	if len(p.Connections) == 0 {
		return nil
	}
	return defaultConnection(p.Connections)
}

// Fields returns the fields of the connection that dbt uses, in the order of
// the file, and behind them those that dbt fills in.
func (p *Profile) Fields(ctx *jinja.Context) []Field {
	r := fieldReader{context: ctx, seen: map[*yamlfile.Node]bool{}}
	for pair := range p.Connection().All() {
		r.below(pair.Key.Value, pair)
	}
	for _, names := range engineFields(p.Adapter) {
		if p.Connection() != nil && !slices.ContainsFunc(names, r.has) {
			r.fields = append(r.fields, Field{Name: names[0], Source: ValueEngine})
		}
	}
	return r.fields
}

type fieldReader struct {
	context *jinja.Context
	fields  []Field
	seen    map[*yamlfile.Node]bool // collections that were walked: aliases must not be walked again and again
}

func (r *fieldReader) has(name string) bool {
	return slices.ContainsFunc(r.fields, func(f Field) bool {
		return (f.Name == name || strings.HasPrefix(f.Name, name+".")) && !f.Absent
	})
}

// below reads the scalars of one pair, at any depth.
func (r *fieldReader) below(name string, pair yamlfile.Pair) {
	value := pair.Value.Resolved()
	switch {
	case value == nil || value.Kind == yamlfile.Scalar:
		r.fields = append(r.fields, r.field(name, pair.Key, value))
		return
	case r.seen[value]:
		return
	case len(value.Pairs)+len(value.Items) == 0 || isPlaceholderList(value):
		r.fields = append(r.fields, r.field(name, pair.Key, value))
		return
	}
	r.seen[value] = true
	for inner := range value.All() {
		key, _ := inner.Key.Text()
		r.below(name+"."+key, inner)
	}
	for i, item := range value.Items {
		r.below(name+"."+strconv.Itoa(i), yamlfile.Pair{Key: pair.Key, Value: item})
	}
}

func (r *fieldReader) field(name string, key, value *yamlfile.Node) Field {
	f := Field{Name: name, Key: spanOf(key), Value: spanOf(value), Source: ValueLiteral, Secret: secretPath(name)}
	if value == nil || value.Kind != yamlfile.Scalar || !HasJinja(value.Value) {
		f.Absent, f.Template = value.IsNull(), IsPlaceholder(value)
		return f
	}
	result := jinja.Parse(value.Value).Run(r.context)
	f.Absent = rendersToNull(result, r.context)
	f.Source = ValueExpression
	for _, use := range result.Uses {
		if use.Name == "" {
			continue
		}
		v := FieldVariable{Name: use.Name, Set: use.Outcome == jinja.Found, Default: use.Call != nil && use.Call.Default}
		i := slices.IndexFunc(f.Variables, func(other FieldVariable) bool { return other.Name == v.Name })
		if i < 0 {
			f.Variables = append(f.Variables, v)
		} else {
			f.Variables[i].Default = f.Variables[i].Default && v.Default
		}
		switch {
		case use.Outcome != jinja.Defaulted:
			f.Source = ValueVariable
		case f.Source == ValueExpression:
			f.Source = ValueDefault
		}
	}
	return f
}

// rendersToNull reports whether YAML reads a rendered value as null, which
// counts as absent.
func rendersToNull(result jinja.Result, ctx *jinja.Context) bool {
	if !result.Known {
		return false
	}
	value, ok := jinja.Reveal(result.Text, ctx.Env)
	return ok && yamlfile.TypeOf(value.Reveal()) == yamlfile.Null
}

// secretPath reports whether a field at a path of keys holds a secret.
func secretPath(name string) bool {
	keys := strings.Split(name, ".")
	return slices.ContainsFunc(keys, SecretField) || len(keys) > 1 && keys[0] == "secrets"
}

// engineFields are the fields that dbt fills in where they are not given, each
// with its other spellings (dbt-adapter-core, dbt-auth/src/<adapter>/mod.rs).
func engineFields(adapter string) [][]string {
	fields := [][]string{{"threads"}}
	switch adapter {
	case "duckdb", "fdcs":
		fields = append(fields, []string{"path"}, []string{"schema"})
	case "databricks":
		fields = append(fields, []string{"catalog", "database"})
	}
	return fields
}

// MissingFields returns the fields that the connection lacks: those that every
// command asks for, then those that only connecting needs.
func (p *Profile) MissingFields(ctx *jinja.Context) []MissingField {
	connection := p.Connection()
	if connection == nil {
		return nil
	}
	has := func(field string) bool {
		node := connection.Get(field)
		if node.IsNull() || node.Kind != yamlfile.Scalar || !HasJinja(node.Value) {
			return !node.IsNull()
		}
		return !rendersToNull(jinja.Parse(node.Value).Run(ctx), ctx)
	}
	text := func(field string) string {
		if value := Render(connection.Get(field), ctx); value.Known {
			return value.Text
		}
		return ""
	}
	var missing []MissingField
	add := func(field RequiredField, parse bool) {
		m := MissingField{RequiredField: field, Parse: parse}
		for _, name := range field.Names {
			if node := connection.Get(name); node != nil && m.Given.Empty() {
				m.Given = node.Span
			}
		}
		missing = append(missing, m)
	}
	for _, field := range RequiredFields(p.Adapter) {
		if !slices.ContainsFunc(field.Names, has) {
			add(field, true)
		}
	}
	for _, field := range ConnectFields(p.Adapter, has, text) {
		if !slices.ContainsFunc(missing, func(m MissingField) bool { return m.Message == field.Message }) {
			add(field, false)
		}
	}
	return missing
}

// signInKeys are the keys that choose how to sign in, by adapter, the one that
// counts first.
func signInKeys(adapter string) []string {
	switch adapter {
	case "snowflake":
		return []string{"method", "authenticator"}
	case "databricks":
		return []string{"auth_type"}
	case "fabric":
		return []string{"authentication", "auth"}
	case "spark":
		return []string{"auth", "method"}
	}
	return []string{"method"}
}

// knownSignIns are the ways to sign in that dbt names
// (dbt-auth/src/<adapter>/mod.rs, 2026-08).
const knownSignIns = ` keypair sso snowflake_oauth snowflake_oauth_jwt warehouse warehouse_mfa programmatic_access_token workload_identity
 externalbrowser oauth jwt username_password_mfa snowflake service-account service-account-json oauth-secrets external-oauth-wif token
 database iam browser_identity_center oauth_token_identity_center jwt_bearer username_password PLAIN NONE KERBEROS TOKEN http odbc session thrift
 ActiveDirectoryAccessToken ActiveDirectoryPassword ServicePrincipal `

// SignIn says how the connection signs in (facts of dbt-auth, 2026-08).
func (p *Profile) SignIn(ctx *jinja.Context) SignIn {
	connection := p.Connection()
	if connection == nil {
		return SignIn{}
	}
	for _, key := range signInKeys(p.Adapter) {
		node := connection.Get(key)
		value := Render(node, ctx)
		if !value.Present || value.Known && yamlfile.TypeOf(value.Text) == yamlfile.Null {
			continue
		}
		s := SignIn{Key: key, At: spanOf(node), Literal: value.Literal}
		if value.Known {
			s.Name = value.Text
			s.Literal = s.Literal || strings.Contains(strings.ReplaceAll(knownSignIns, "\n", " "), " "+value.Text+" ")
		}
		return s
	}
	return SignIn{Name: impliedSignIn(p.Adapter, func(field string) bool { return !connection.Get(field).IsNull() }), Literal: true}
}

// impliedSignIn is the way to sign in that follows from the fields that are
// there, "" where none does.
func impliedSignIn(adapter string, has func(string) bool) string {
	switch adapter {
	case "snowflake":
		switch {
		case has("private_key") || has("private_key_path"):
			return "keypair"
		case has("oauth_client_id") || has("oauth_client_secret"):
			return "snowflake_oauth"
		}
		return "password"
	case "databricks":
		return "token"
	case "redshift":
		return "database"
	case "fabric":
		return "ServicePrincipal"
	case "postgres", "exasol", "clickhouse":
		return "password"
	}
	return ""
}

// IsPlaceholder reports whether a literal is one that somebody was to replace:
// <account>, [account], {account}, your_account, changeme.
func IsPlaceholder(node *yamlfile.Node) bool {
	node = node.Resolved()
	switch {
	case node == nil:
		return false
	case node.Kind != yamlfile.Scalar:
		return isPlaceholderList(node)
	case node.Type() != yamlfile.String || HasJinja(node.Value):
		return false
	}
	return isPlaceholderText(node.Value)
}

// isPlaceholderList reports whether a value is a text in brackets as templates
// have it, which YAML takes for a list or a mapping: [account id], {account}.
func isPlaceholderList(node *yamlfile.Node) bool {
	if node.Style != yamlfile.Flow {
		return false
	}
	switch {
	case len(node.Items) == 1 && len(node.Pairs) == 0:
		return isWords(node.Items[0])
	case len(node.Pairs) == 1 && len(node.Items) == 0:
		return isWords(node.Pairs[0].Key) && node.Pairs[0].Value.IsNull()
	}
	return false
}

// isWords reports whether a node is several plain words, or one with a hyphen or
// an underscore: a list of one such text is hardly meant as one.
func isWords(node *yamlfile.Node) bool {
	node = node.Resolved()
	return node != nil && node.Kind == yamlfile.Scalar && node.Style == yamlfile.Plain && strings.ContainsAny(node.Value, " _-") &&
		!strings.ContainsAny(node.Value, "/:.")
}

func isPlaceholderText(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) > 2 && (s[0] == '<' && s[len(s)-1] == '>' || s[0] == '[' && s[len(s)-1] == ']' || s[0] == '{' && s[len(s)-1] == '}') {
		return true
	}
	for _, prefix := range []string{"your_", "your-", "your ", "<your", "insert_", "insert-", "enter_", "replace_", "replace-", "xxx"} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	switch s {
	case "changeme", "change_me", "change-me", "todo", "tbd", "placeholder", "...", "…":
		return true
	}
	return strings.Contains(s, "_your_") || strings.Contains(s, "-your-")
}
