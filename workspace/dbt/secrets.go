package dbt

import "slices"

// secretFields are the fields of profiles.yml and dbt_cloud.yml whose literal
// value is a secret (dbt-auth/src/<adapter>/mod.rs), sorted.
var secretFields = [...]string{
	"PWD", "access_key_id", "access_token", "api_key", "app_secret", "aws_secret_access_key", "aws_session_token",
	"azure_client_secret", "client-secret", "client_secret", "jwt_token", "keyfile_json", "motherduck_token",
	"oauth_client_secret", "pass", "password", "private_key", "private_key_passphrase", "refresh_token",
	"request_data", "secret", "secret_access_key", "token", "token-value",
}

// SecretField reports whether a field holds a secret.
func SecretField(name string) bool {
	_, found := slices.BinarySearch(secretFields[:], name)
	return found
}
