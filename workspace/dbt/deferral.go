package dbt

import (
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
)

// ReasonCode says why a command defers to dbt platform or not. The codes are
// those of `status --format json`.
type ReasonCode string

// The reasons, in the order in which they are looked at. All but the last two
// say why deferral is off.
const (
	ReasonNotV2         ReasonCode = "not-v2"    // dbt v1 has no deferral to dbt platform
	ReasonOSSBuild      ReasonCode = "oss-build" // the open-source build has no access to dbt platform
	ReasonFlag          ReasonCode = "flag"
	ReasonSetting       ReasonCode = "setting"
	ReasonLocalState    ReasonCode = "local-state"
	ReasonNoHome        ReasonCode = "no-home"
	ReasonNoCloudFile   ReasonCode = "no-cloud-file"
	ReasonCloudInvalid  ReasonCode = "cloud-file-invalid"
	ReasonNoProjectID   ReasonCode = "no-project-id"
	ReasonUnknown       ReasonCode = "unknown-project"
	ReasonMixed         ReasonCode = "mixed-project"
	ReasonIncomplete    ReasonCode = "incomplete-credentials"
	ReasonCacheStale    ReasonCode = "cache-stale"
	ReasonCacheOtherEnv ReasonCode = "cache-other-environment"
)

// Reason is one reason with its place.
type Reason struct {
	Code    ReasonCode
	Message string // what dbt does and why, one or two sentences
	At      Origin // where it stands; OriginNone when nowhere
}

// DeferralQuery is all that deferral follows from.
type DeferralQuery struct {
	Engine      engine.Kind // of the dbt that runs first; KindUnknown counts as the newest dbt v2
	NoDefer     Setting     // --no-defer where the command stands
	EditorDefer *bool       // dbt.flag.defer of the dbt extension; nil when not set
	EditorState string      // dbt.flag.state of the dbt extension
	State       Setting     // --state, DBT_STATE
	DeferState  Setting     // --defer-state, DBT_DEFER_STATE
	Cloud       *CloudFile
	Link        *Link
	ProjectPath string // dbt_project.yml
	ProjectAt   Origin // its `dbt-cloud:` block, or else its `name:`
	ProjectName string
	Cache       DeferralCache
}

// DeferralCache is what target/dbt_cloud_defer holds.
type DeferralCache struct {
	Path        string        // of the manifest; "" when there is none
	Age         time.Duration // since it was fetched
	Project     string        // metadata.project_name, "" when not known
	Environment string        // the environment it was made in, "" when not known
}

// CacheLifetime is how long dbt uses what it fetched from dbt platform.
const CacheLifetime = time.Hour

// Deferral says whether an ordinary command defers to dbt platform.
type Deferral struct {
	On      bool
	Reasons []Reason // the first that applies first
}

// ResolveDeferral decides as dbt v2 does. What only the network can tell is
// not claimed.
func ResolveDeferral(q DeferralQuery) Deferral { return Deferral{} }

// ManifestMetadata is the head of a manifest.json.
type ManifestMetadata struct {
	Project     string // metadata.project_name
	Environment string // the environment of dbt platform that made it, "" when it does not say
	Version     string // metadata.dbt_version
	Generated   time.Time
}

// ReadManifestMetadata reads the metadata of a manifest.json from its first
// bytes; the rest of the file is not needed.
func ReadManifestMetadata(start []byte) (ManifestMetadata, bool) { return ManifestMetadata{}, false }

// FetchTime reads the time that dbt notes beside what it fetched
// (manifest.info, <project>.info: Unix seconds).
func FetchTime(info []byte) (time.Time, bool) { return time.Time{}, false }
