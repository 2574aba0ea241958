package dbt

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// OptionsDate is the day of dbt's source that the lists of this file follow.
const OptionsDate = "2026-10"

// Option is one of dbt's own options that a variable sets.
type Option struct {
	Name     string   // TARGET for DBT_TARGET and DBT_ENGINE_TARGET
	Does     string   // what it does, as it follows "it "
	Commands []string // that look at it and refuse a wrong value; none: all of them
	takes    string
}

// options are the options that exist as DBT_X and as DBT_ENGINE_X
// (dbt-clap-core, 2026-10), a line each: the name, what its value must be
// (dbt v2 of July 2026, asked), and what it does.
const options = `
BETA_USE_QUERY_CACHE|true false|sets whether dbt reuses results of queries
BUILD_CACHE_CAS_URL||names the store of the build cache
BUILD_CACHE_MODE||chooses the mode of the build cache
BUILD_CACHE_NODES_URL||names the index of the build cache
CACHE_ALL_SCHEMAS|bool|sets whether dbt lists the relations of all schemas at the start
CACHE_SELECTED_ONLY|bool|sets whether dbt lists only the relations of the selected models at the start
COMPUTE|remote inline sidecar service|chooses where dbt runs SQL
DEBUG|bool|sets whether dbt prints more
DEFER|bool|sets whether dbt defers
DEFER_STATE|path|names the folder of the manifest to defer to
DISABLE_VERSION_CHECK|bool|sets whether dbt leaves out its look for updates
EVENT_TIME_END||ends the time range of microbatch models
EVENT_TIME_START||begins the time range of microbatch models
EXPORT_SAVED_QUERIES|bool|sets whether dbt exports saved queries
EXPORT_TO_OTLP|bool|sets whether dbt sends telemetry to an OTLP receiver
FAIL_FAST|bool|sets whether a run stops at its first failure
FAVOR_STATE|bool|sets whether dbt prefers the relations of the other environment when it defers
FS_INTERNAL_PACKAGES_INSTALL_PATH|path|moves the folder of dbt's own packages
FULL_REFRESH|bool@compile,run,build,seed|sets whether dbt builds incremental models anew
INDIRECT_SELECTION|~ eager cautious buildable empty|chooses which tests are selected with a model
INTERNAL_PACKAGE_MODE|embedded forcewrite readfromdisk|chooses where dbt's own packages come from
INTROSPECT|bool|sets whether dbt may query the warehouse while it compiles
INVOCATION_ID|uuid|gives the run its id
LOG_CACHE_EVENTS|bool|sets whether dbt logs what its cache of relations does
LOG_FILE_MAX_BYTES|number|limits the size of the log file
LOG_FORMAT|text json default otel|chooses the format of the log
LOG_FORMAT_FILE|text json default otel|chooses the format of the log file
LOG_LEVEL|~ off error warn info debug trace|chooses how much dbt logs
LOG_LEVEL_FILE|~ off error warn info debug trace|chooses how much dbt writes to its log file
LOG_PATH|path|moves the folder of the log
MACRO_DEBUGGING|bool|sets whether dbt keeps what helps to debug macros
MAXIMUM_SEED_SIZE_MIB|number|sets up to which size seeds are compared by content
NO_FAIL_FAST|bool|sets whether a run goes on after a failure
NO_FAVOR_STATE|bool|sets whether dbt prefers your own relations when it defers
NO_LOG_CACHE_EVENTS|bool|sets whether dbt leaves its cache of relations out of the log
NO_PARALLEL|bool|sets whether dbt works in one thread
OTEL_FILE_NAME|path|names the file of the telemetry
OTEL_PARQUET_FILE_NAME|path|names the Parquet file of the telemetry
PACKAGES_INSTALL_PATH|path|moves the folder of installed packages
PARENT_SPAN_ID|span|joins the run to a trace, and keeps dbt from printing its errors: it only counts them
PARTIAL_PARSE|bool|sets whether dbt parses only what has changed
PARTIAL_PARSE_FILE_DIFF|bool|sets whether dbt compares files to find what has changed
PARTIAL_PARSE_FILE_PATH|path|moves the file of the parsed state
POPULATE_CACHE|bool|sets whether dbt lists the relations of the warehouse at the start
PRINT|bool|sets whether dbt shows what print() in Jinja prints
PRINTER_WIDTH|number32|sets the width of the output
PROFILE|name|chooses the profile, over profile: in dbt_project.yml
PROFILES_DIR|path|chooses the folder of profiles.yml, and no other is searched
PROJECT_DIR|path|chooses the folder of the project
QUIET|bool|sets whether dbt hides all output but errors
SAMPLE|duration@run,build|builds models from a sample of the data
SEND_ANONYMOUS_USAGE_STATS|bool|sets whether dbt sends anonymous statistics of use
SHOW_ALL_DEPRECATIONS|bool|sets whether dbt shows every deprecation, not only the first of a kind
SKIP_SEMANTIC_MANIFEST_VALIDATION|bool|sets whether dbt leaves the semantic manifest unchecked
STATE|path|names the folder of a manifest to compare with and to defer to, in the place of dbt platform
STATIC_ANALYSIS|off strict baseline@compile,run,build,test,seed,show|chooses how SQL is analysed
STATIC_PARSER|bool|sets whether dbt v1 reads models without Jinja
STORE_FAILURES|bool|sets whether dbt stores the rows that fail a test
TARGET|name|chooses the target, over target: in profiles.yml
TARGET_PATH|path|moves the folder of what dbt writes
TASK_CACHE_URL||names the cache of tasks
TIME_MACHINE_MODE|off record replay|records or replays what adapters answer
TIME_MACHINE_ORDERING|strict semantic|sets how strictly a recording is replayed
TIME_MACHINE_PATH|path|names the folder of recordings
USE_COLORS|bool|sets whether the output has colours
USE_COLORS_FILE|bool|sets whether the log file has colours
USE_EXPERIMENTAL_PARSER|bool|sets whether dbt v1 tries a newer parser
USE_FAST_TEST_EDGES|bool|sets whether dbt orders tests in a faster way
VERSION_CHECK|bool|sets whether dbt checks require-dbt-version
WARN_ERROR|bool|sets whether every warning is an error
WARN_ERROR_OPTIONS|mapping|chooses which warnings are errors
WRITE_CATALOG|bool|sets whether dbt writes catalog.json
WRITE_JSON|bool|sets whether dbt writes manifest.json and its like
`

// otherOptions exist under one name only; the name is whole.
const otherOptions = `
DBT_ALLOW_EXPERIMENTAL_ADAPTERS||lets dbt use adapters that are experimental
DBT_CDN_URL||moves the address of dbt's releases
DBT_CLOUD_ACCOUNT_HOST||gives the host of dbt platform
DBT_CLOUD_ACCOUNT_ID||gives the account of dbt platform
DBT_CLOUD_ACCOUNT_IDENTIFIER||gives the account of dbt platform
DBT_CLOUD_DEFER_ENV_ID||chooses the environment of dbt platform to defer to
DBT_CLOUD_DEFER_JOB_ID||chooses the job of dbt platform to defer to
DBT_CLOUD_ENVIRONMENT_ID||gives the environment of dbt platform
DBT_CLOUD_JOB_ID||gives the job of dbt platform
DBT_CLOUD_PROJECT_CYCLES_ALLOWED||lets projects refer to each other in a circle
DBT_CLOUD_PROJECT_ID||links this folder to a project of dbt platform, over dbt_project.yml
DBT_CLOUD_PUBLICATIONS_DIR||names the folder of what other projects publish
DBT_CLOUD_STATE_ORG_ID||gives the organization of dbt State
DBT_CLOUD_TOKEN||is the token for dbt platform
DBT_DIRTY|bool|sets whether dbt parses only what has changed, for which it stops until a parse has run once with --partial-parse
DBT_ENGINE_MANAGE_STATE|bool|sets whether dbt State is on
DBT_EXCLUDE_RESOURCE_TYPES||leaves kinds of resources out
DBT_INDEX_DIR|path|moves the folder of the index
DBT_METADATA_DIR|path|moves the folder of the metadata
DBT_NATIVE_UPDATE||lets dbt update itself
DBT_OAUTH_SCOPES||sets the scopes of OAuth
DBT_PARTIAL_LOAD|bool|sets whether dbt loads only what it needs
DBT_REQUIRE_HUB_VERIFIED_DOWNLOADS||takes verified packages only
DBT_RESOURCE_TYPES||selects kinds of resources
DBT_USE_INDEX|bool|sets whether dbt writes its index
DBT_USE_V2_COMPATIBLE_PACKAGE_DOWNLOADS|bool|sets whether dbt prefers packages made for dbt v2
DBT_WRITE_LINEAGE|bool|sets whether dbt writes the lineage of columns
DBT_WRITE_METADATA|bool|sets whether dbt writes metadata in the place of JSON files
DBT_X_ALT_TARGET||chooses a second target
`

// Names that exist with DBT_ENGINE_ before them and in no other way
// (dbt-clap-core@2555fa2, 2026-10, and what July knew besides).
const (
	reservedKnown = `
BETA_PACKAGE_PARSING BETA_PARSING EXPERIMENTAL_LIST_UDFS EXPERIMENTAL_SNAPSHOT_COLUMNS MANAGE_STATE
NO_WARN_SEMANTIC_MANIFEST_VALIDATION RECORDER_FILE_PATH RECORDER_MODE RECORDER_ROW_LIMIT RECORDER_TYPES
STATE_API_URL STATE_AUTH_URL STATE_EMIT_REUSED_STATUS STATE_OAUTH_CLIENT_ID STATE_TOKEN_URL
`
	// reservedNewer are refused before 2.0.0.
	reservedNewer = `
AI_PROVIDER BATCH_TESTS EXCLUDE EXPERIMENTAL_LOCAL_UNIT_TESTS EXPERIMENTAL_MULTI_ADAPTER FEATURES GENERATE_INFO_SCHEMA
INFO_SCHEMA_DIR MANTLE_ARTIFACTS OVERRIDE_SELECTION_FROM_RECORDING OVERRIDE_SELECTION_FROM_RUN_RESULTS
REQUIRE_REF_SEARCHES_NODE_PACKAGE_BEFORE_ROOT SELECT SKIP_REDUNDANT_TESTS STATE_HOME USE_V2_PARSER
`
	reservedIgnored = `
ARTIFACT_STATE_PATH CLEAN_PROJECT_FILES_ONLY DEFER_TO_STATE DOWNLOAD_DIR EMPTY EXCLUDE_RESOURCE_TYPES FAVOR_STATE_MODE HOST
INCLUDE_SAVED_QUERY INVOCATION_ENV NO_PRINT PACKAGE_HUB_URL PP_FILE_DIFF_TEST PP_TEST RECORDED_FILE_PATH RESOURCE_TYPES
SHOW_RESOURCE_REPORT SQLPARSE TEST_STATE_MODIFIED UPLOAD_TO_ARTIFACTS_INGEST_API USE_EXPERIMENTAL_JOB_HEALTH_MONITOR
USE_EXPERIMENTAL_SKIP_NODES_SYNCHRONOUSLY USE_V2_PARSER VORTEX_EVENT_FORWARDING_ENABLED WRITE_SQL_QUERY_DATA
`
	// formerOptions follow DBT_ and set nothing, whatever people expect of them.
	formerOptions = "NO_DEFER THREADS DEFER_TO_STATE ARTIFACT_STATE_PATH FAVOR_STATE_MODE"
)

// optionLines are what stands behind the names in the two tables, by name. The
// map is made when it is first needed, not at every start of the program.
var optionLines = sync.OnceValue(func() map[string]string {
	lines := make(map[string]string, 128)
	for line := range strings.Lines(options[1:] + otherOptions[1:]) {
		name, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "|")
		lines[name] = rest
	}
	return lines
})

// OptionOf returns the option that a variable sets by its name.
func OptionOf(variable string) (Option, bool) {
	rest, ok := strings.CutPrefix(variable, "DBT_")
	if !ok {
		return Option{}, false
	}
	if o, ok := option(variable); ok {
		return o, true
	}
	return option(strings.TrimPrefix(rest, "ENGINE_"))
}

// Copied reports whether DBT_ENGINE_ and a name set the same option as DBT_ and
// the name.
func Copied(name string) bool {
	_, ok := optionLines()[name]
	return ok && !strings.HasPrefix(name, "DBT_")
}

// meantForDbt holds the variables that dbt, or an older dbt, takes for options.
var meantForDbt = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, name := range OptionNames() {
		names[name] = true
	}
	for _, name := range strings.Fields(formerOptions) {
		names["DBT_"+name] = true
	}
	return names
})

// NamesMeantForDbt gives the names for which MeantForDbt holds, but for the many
// that begin with DBT_ENGINE_.
func NamesMeantForDbt() iter.Seq[string] { return maps.Keys(meantForDbt()) }

// MeantForDbt reports whether a variable's name is one that dbt, or an older dbt,
// takes for an option of its own.
func MeantForDbt(variable string) bool {
	return strings.HasPrefix(variable, "DBT_ENGINE_") || meantForDbt()[variable]
}

// OptionNames returns the variables that set an option, under the shorter name
// where there are two.
func OptionNames() []string {
	var names []string
	for line := range strings.Lines(options[1:]) {
		name, _, _ := strings.Cut(line, "|")
		names = append(names, "DBT_"+name)
	}
	for line := range strings.Lines(otherOptions[1:]) {
		name, _, _ := strings.Cut(line, "|")
		names = append(names, name)
	}
	return names
}

// option returns the option that has a name in one of the tables.
func option(name string) (Option, bool) {
	line, ok := optionLines()[name]
	if !ok {
		return Option{}, false
	}
	takes, does, _ := strings.Cut(line, "|")
	o := Option{Name: name, Does: does}
	takes, commands, some := strings.Cut(takes, "@")
	if some {
		o.Commands = strings.Split(commands, ",")
	}
	o.takes = takes
	return o, true
}

// Expects says what the option takes, "" where it takes anything.
func (o Option) Expects() string {
	switch takes, _ := o.choices(); {
	case o.takes == "":
		return ""
	case takes != nil:
		return "one of " + strings.Join(takes, ", ")
	}
	switch o.takes {
	case "bool":
		return "true or false"
	case "number", "number32":
		return "a whole number"
	case "uuid":
		return "a UUID"
	case "span":
		return "16 hexadecimal digits"
	case "duration":
		return "a duration such as `3 days`"
	case "mapping":
		return "a mapping such as `{error: all}`"
	}
	return "a value"
}

// choices are the words that the option takes, as far as it takes words.
func (o Option) choices() (words []string, anyCase bool) {
	if !strings.Contains(o.takes, " ") {
		return nil, false
	}
	list, anyCase := strings.CutPrefix(o.takes, "~ ")
	return strings.Fields(list), anyCase
}

// Accepts reports whether dbt v2 takes a value for the option. The argument
// parser asks for these shapes, before dbt reads anything else.
func (o Option) Accepts(value string) bool {
	if words, anyCase := o.choices(); words != nil {
		return slices.ContainsFunc(words, func(word string) bool {
			return word == value || anyCase && strings.EqualFold(word, value)
		})
	}
	switch o.takes {
	case "bool":
		switch strings.ToLower(value) {
		case "1", "true", "t", "yes", "y", "on", "0", "false", "f", "no", "n", "off":
			return true
		}
		return false
	case "path", "name":
		return value != ""
	case "number":
		return isUnsigned(value, 64)
	case "number32":
		return isUnsigned(value, 32)
	case "uuid":
		return isUUID(value)
	case "span":
		_, err := strconv.ParseUint(strings.TrimPrefix(value, "0x"), 16, 64)
		return err == nil || isUnsigned(value, 64)
	case "duration":
		return value != "" && value[0] >= '0' && value[0] <= '9' && !strings.Contains(value, "-")
	case "mapping":
		return yamlfile.TypeOf(value) == yamlfile.Map
	}
	return true
}

func isUnsigned(s string, bits int) bool {
	_, err := strconv.ParseUint(strings.TrimPrefix(s, "+"), 10, bits)
	return err == nil
}

// isUUID also takes a number of up to 128 bits, as dbt does.
func isUUID(s string) bool {
	digits := strings.Trim(s, "0123456789")
	if s != "" && digits == "" {
		const most = "340282366920938463463374607431768211455"
		s = strings.TrimLeft(s, "0")
		return len(s) < len(most) || len(s) == len(most) && s <= most
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "{"), "}")
	hex := strings.ReplaceAll(s, "-", "")
	const size = 32
	return len(hex) == size && strings.Trim(strings.ToLower(hex), "0123456789abcdef") == "" && (len(s) == size || len(s) == size+4)
}

// Reserved is what dbt v2 makes of a name that begins with DBT_ENGINE_.
type Reserved int

// The ways a name is taken.
const (
	NotReserved     Reserved = iota // another prefix
	ReservedKnown                   // an option
	ReservedIgnored                 // a warning
	ReservedNewer                   // known since 2.0.0, refused before
	ReservedUnknown                 // every command that loads the project stops
)

// ReservedName judges a name; only capital letters are reserved.
func ReservedName(name string) Reserved {
	rest, ok := strings.CutPrefix(name, "DBT_ENGINE_")
	switch {
	case !ok:
		return NotReserved
	case Copied(rest), listed(reservedKnown, rest):
		return ReservedKnown
	case listed(reservedNewer, rest):
		return ReservedNewer
	case listed(reservedIgnored, rest):
		return ReservedIgnored
	}
	return ReservedUnknown
}

// ReservedNames returns all names with DBT_ENGINE_ that dbt v2 acts on.
func ReservedNames() []string {
	var names []string
	for line := range strings.Lines(options[1:]) {
		name, _, _ := strings.Cut(line, "|")
		names = append(names, "DBT_ENGINE_"+name)
	}
	for _, name := range strings.Fields(reservedKnown + reservedNewer) {
		names = append(names, "DBT_ENGINE_"+name)
	}
	return names
}

// listed reports whether a name is one of the words of a list. The lists are
// texts, since a map would be built at every start of the program.
func listed(list, name string) bool {
	return name != "" && !strings.ContainsAny(name, " \n") &&
		(strings.Contains(list, " "+name+" ") || strings.Contains(list, "\n"+name+" ") ||
			strings.Contains(list, " "+name+"\n") || strings.Contains(list, "\n"+name+"\n"))
}
