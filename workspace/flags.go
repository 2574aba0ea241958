package workspace

import (
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/jinja"
)

// parseFlags are the `flags` of Jinja while dbt parses, as far as they are the
// same whatever the environment (asked, July 2026). The others are not known; a
// name that is none of them is undefined.
func parseFlags() jinja.Value {
	known := map[string]jinja.Value{
		"WHICH": jinja.String("parse"), "FULL_REFRESH": jinja.Bool(false), "EMPTY": jinja.Bool(false),
	}
	var pairs []jinja.Value
	for name := range strings.FieldsSeq(flagNames) {
		value, ok := known[name]
		if !ok {
			value = jinja.Unknown()
		}
		pairs = append(pairs, jinja.String(name), value, jinja.String(strings.ToLower(name)), value)
	}
	return jinja.Map(pairs...)
}

// flagNames are the names of dbt's flags, of v1 and v2.
const flagNames = `CACHE_SELECTED_ONLY DEBUG DEFER DEFER_STATE EMPTY EVENT_TIME_END EVENT_TIME_START EXCLUDE FAIL_FAST FAVOR_STATE
FULL_REFRESH INDIRECT_SELECTION INTROSPECT INVOCATION_COMMAND LOG_CACHE_EVENTS LOG_FORMAT LOG_FORMAT_FILE LOG_LEVEL LOG_LEVEL_FILE
LOG_PATH MACRO_DEBUGGING NO_PRINT PARTIAL_PARSE POPULATE_CACHE PRINT PRINTER_WIDTH PROFILE PROFILES_DIR PROJECT_DIR QUIET
RESOURCE_TYPES SAMPLE SELECT SELECTOR SEND_ANONYMOUS_USAGE_STATS SHOW STATE STATIC STATIC_PARSER STORE_FAILURES TARGET TARGET_PATH
THREADS USE_COLORS USE_COLORS_FILE USE_EXPERIMENTAL_PARSER VARS VERSION_CHECK WARN_ERROR WARN_ERROR_OPTIONS WHICH WRITE_JSON`
