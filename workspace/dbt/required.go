package dbt

// RequiredField says that dbt refuses a connection without a field. Any of the
// names satisfies it; Message is what dbt calls it.
type RequiredField struct {
	Names   []string
	Message string
	NotNull bool // it may be left out, and not be null
}

// RequiredFields returns the fields that every command which loads the profile
// asks for, in dbt's order (dbt-auth/src/<adapter>/mod.rs, July 2026). The host
// of databricks, fabric and exasol and the client_id of salesforce are not among
// them: without one dbt of July 2026 aborts, but only where it counts usage.
func RequiredFields(adapter string) []RequiredField {
	switch adapter {
	case "snowflake":
		return []RequiredField{one("database"), one("account"), one("schema")}
	case "bigquery":
		return []RequiredField{either("database", "project"), either("schema", "dataset")}
	case "databricks":
		return []RequiredField{one("schema")}
	case "redshift":
		return []RequiredField{either("dbname", "database"), one("host"), one("port"), one("schema")}
	case "postgres":
		return []RequiredField{either("dbname", "database"), one("host"), one("user"), one("port"), one("schema")}
	case "spark":
		return []RequiredField{one("method"), one("host"), one("schema")}
	case "trino", "datafusion", "fabric":
		return []RequiredField{one("database"), one("schema")}
	case "exasol":
		return []RequiredField{one("schema")}
	case "clickhouse":
		return []RequiredField{{Names: []string{"schema"}, Message: "schema", NotNull: true}}
	}
	return nil
}

func one(name string) RequiredField { return RequiredField{Names: []string{name}, Message: name} }

func either(a, b string) RequiredField {
	return RequiredField{Names: []string{a, b}, Message: a + " or " + b}
}
