package workspace

// SameValue reports whether two calls stand in the same text that dbt renders as
// a whole: the same value of a YAML file, or the same SQL file.
func (c *Call) SameValue(other *Call) bool { return c.unit != nil && c.unit == other.unit }

// SecretsAllowed reports whether dbt gives a call a variable whose name begins
// with DBT_ENV_SECRET: in profiles.yml, in packages and in catalogs.yml.
func (c *Call) SecretsAllowed() bool { return c.unit != nil && c.unit.secrets && c.Scope != "project" }
