package dbt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/engine"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
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

// The codes of notes: what is no reason, though people take it for one.
const (
	NoteNoop    ReasonCode = "no-op"            // a setting that does nothing
	NoteNoState ReasonCode = "no-state"         // a local state that is not there
	NoteCache   ReasonCode = "cache-unreadable" // a kept manifest that nobody can read
)

// DeferNoop reports whether a variable seems to switch deferral off, and does not:
// DBT_DEFER=false, DBT_NO_DEFER. What is no boolean stops dbt.
func DeferNoop(name, value string) bool {
	switch strings.TrimPrefix(strings.TrimPrefix(name, "DBT_"), "ENGINE_") {
	case "DEFER":
		option, _ := OptionOf(name)
		return option.Accepts(value) && !Truthy(value) && !strings.EqualFold(value, "t") && !strings.EqualFold(value, "y")
	case "NO_DEFER", "DEFER_TO_STATE":
		return true
	}
	return false
}

// Reason is one reason with its place.
type Reason struct {
	Code    ReasonCode
	Message string // what dbt does and why, one or two sentences
	At      Origin // where it stands; OriginNone when nowhere
}

// ChosenOff reports whether somebody switched deferral off.
func (d Deferral) ChosenOff() bool {
	return slices.ContainsFunc(d.Reasons, func(r Reason) bool {
		return r.Code == ReasonFlag || r.Code == ReasonSetting || r.Code == ReasonLocalState
	})
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
	ProjectAt   Origin // dbt_project.yml: its `dbt-cloud:` block, or else its `name:`
	ProjectName string
	Cache       DeferralCache // of the command line
	Now         time.Time     // zero: nothing is said of the age of the cache
}

// DeferralCache is a manifest of dbt platform that dbt has kept. It keeps one for
// all environments, projects and accounts.
type DeferralCache struct {
	Path   string // of the manifest; "" where dbt keeps none
	Info   string // of the file beside it, that holds the time
	Editor bool   // it is the one of the dbt extension
	State  CacheState

	HasInfo     bool      // there is a file at Info
	Fetched     time.Time // zero when not known
	Project     string    // metadata.project_name, "" when not known
	Environment string    // the environment it was made in, "" when not known
	Version     string    // of the dbt that made it, "" when not known
	Generated   time.Time // zero when not known
}

// Files returns the files that make up the kept manifest, those that exist.
func (c *DeferralCache) Files() []string {
	var files []string
	if c.State != CacheAbsent && c.State != CacheNoFile {
		files = append(files, c.Path)
	}
	if c.HasInfo {
		files = append(files, c.Info)
	}
	return files
}

// CacheState is what lies at the place of a kept manifest.
type CacheState int

// The states of a kept manifest.
const (
	CacheAbsent     CacheState = iota
	CacheFine                  // its metadata says what it is of
	CacheSilent                // it can be read, and has no metadata that says so
	CacheUnreadable            // the system does not let it be read
	CacheNoFile                // a folder or the like
)

// Age is how long ago the manifest was fetched; ok is false when that is not known.
func (c *DeferralCache) Age(now time.Time) (age time.Duration, ok bool) {
	if c.Fetched.IsZero() {
		return 0, false
	}
	return max(now.Sub(c.Fetched), 0), true
}

// CacheLifetime is how long dbt uses what it fetched from dbt platform.
const CacheLifetime = time.Hour

// Deferral says whether an ordinary command defers to dbt platform.
type Deferral struct {
	On      bool
	Reasons []Reason // the first that applies first
}

// ResolveDeferral decides as dbt v2 does
// (dbt-main/src/compilation.rs@053ab96). What only the network can tell is not
// claimed: an expired token, an environment without a run.
func ResolveDeferral(q DeferralQuery) Deferral {
	reasons := slices.Concat(q.engine(), q.choices(), q.link())
	if len(reasons) > 0 {
		return Deferral{Reasons: reasons}
	}
	return Deferral{On: true, Reasons: CacheReasons(q.Cache, q.Link, q.ProjectName, q.Now)}
}

// engine gives the reasons that lie in the program.
func (q DeferralQuery) engine() []Reason {
	switch q.Engine {
	case engine.KindV2OSS:
		return []Reason{{ReasonOSSBuild, "The dbt found first is the open-source build, which cannot read from dbt platform.", q.ProjectAt}}
	case engine.KindV1:
		return []Reason{{ReasonNotV2, "The dbt found first is dbt v1, which does not defer to dbt platform.", q.ProjectAt}}
	}
	return nil
}

// choices gives the reasons that somebody chose.
func (q DeferralQuery) choices() []Reason {
	var reasons []Reason
	if q.NoDefer.Set {
		reasons = append(reasons, Reason{ReasonFlag, "--no-defer is given.", q.NoDefer.From})
	}
	if q.EditorDefer != nil && !*q.EditorDefer {
		reasons = append(reasons, Reason{ReasonSetting, "The setting dbt.flag.defer of the dbt extension is off.", editorSetting("dbt.flag.defer")})
	}
	for _, state := range []Setting{q.State, q.DeferState, {Value: q.EditorState, From: editorSetting("dbt.flag.state")}} {
		if state.Value != "" {
			reasons = append(reasons, Reason{ReasonLocalState, state.From.Name + " names a local state, which dbt uses instead of the manifest of dbt platform.", state.From})
			break
		}
	}
	return reasons
}

func editorSetting(name string) Origin { return Origin{Kind: OriginEditor, Name: name} }

// link gives the reasons that lie in the link to dbt platform.
func (q DeferralQuery) link() []Reason {
	l := q.Link
	if l.Linked {
		return nil
	}
	var reasons []Reason
	if !l.Credentials() {
		reasons = q.cloudFile()
	}
	switch {
	case !l.InProject.Known && !l.Credentials(), !l.ProjectID.Known:
		reasons = append(reasons, Reason{ReasonNoProjectID, q.noProjectID(), q.ProjectAt})
	case l.Mixed:
		reasons = append(reasons, Reason{ReasonMixed, ProjectIDVariable + " names another project than dbt_project.yml, so dbt uses nothing of dbt_cloud.yml.", l.ProjectID.From})
	case len(reasons) > 0:
	case l.Entry == nil:
		reasons = append(reasons, Reason{ReasonUnknown, "The project id of dbt_project.yml is not among the projects of ~/.dbt/dbt_cloud.yml.", l.InProject.From})
	}
	if len(reasons) == 0 {
		reasons = append(reasons, Reason{ReasonIncomplete, "The link to dbt platform lacks " + strings.Join(l.Missing(), ", ") + ".", q.incompleteAt()})
	}
	return reasons
}

func (q DeferralQuery) noProjectID() string {
	switch l := q.Link; {
	case l.InProject.From.Kind != OriginNone:
		return "The project-id of dbt_project.yml hangs on a variable that is not set."
	case l.ProjectID.Known:
		return ProjectIDVariable + " alone is not enough: dbt looks up the token by `dbt-cloud: project-id:` of dbt_project.yml, and there is none."
	}
	return "dbt_project.yml has no `dbt-cloud: project-id:`."
}

// cloudFile gives the reason that lies in ~/.dbt/dbt_cloud.yml.
func (q DeferralQuery) cloudFile() []Reason {
	c := q.Cloud
	switch {
	case c == nil || c.State == CloudNoHome:
		return []Reason{{ReasonNoHome, "There is no home folder, so dbt finds no ~/.dbt/dbt_cloud.yml.", q.ProjectAt}}
	case c.State == CloudAbsent:
		return []Reason{{ReasonNoCloudFile, "There is no ~/.dbt/dbt_cloud.yml, and the DBT_CLOUD_ variables do not replace it.", q.ProjectAt}}
	case c.State == CloudInvalid:
		reason := Reason{ReasonCloudInvalid, "dbt ignores ~/.dbt/dbt_cloud.yml, which it cannot read.", Origin{Kind: OriginFile, Path: c.Path}}
		if len(c.Problems) > 0 {
			reason.Message = "dbt ignores ~/.dbt/dbt_cloud.yml: " + c.Problems[0].Message + "."
			reason.At.Span = c.Problems[0].Span
		}
		return []Reason{reason}
	}
	return nil
}

func (q DeferralQuery) incompleteAt() Origin {
	if l := q.Link; l.Entry != nil && q.Cloud != nil {
		return Origin{Kind: OriginFile, Path: q.Cloud.Path, Span: text.At(l.Entry.Span.Start)}
	}
	return q.ProjectAt
}

// CacheReasons gives what may be wrong with a manifest that was fetched before.
// Without a time of day nothing is said of its age.
func CacheReasons(c DeferralCache, l *Link, project string, now time.Time) []Reason {
	if c.State != CacheFine && c.State != CacheSilent {
		return nil
	}
	var reasons []Reason
	at := Origin{Kind: OriginFile, Path: c.Path}
	if age, ok := c.Age(now); ok && !now.IsZero() && age > CacheLifetime {
		reasons = append(reasons, Reason{ReasonCacheStale, fmt.Sprintf("The manifest of dbt platform was fetched %s ago; dbt fetches it anew after an hour.", Ago(age)), at})
	}
	switch {
	case c.Project != "" && project != "" && c.Project != project:
		reasons = append(reasons, Reason{ReasonCacheOtherEnv, "The manifest that was fetched is of another project. Delete it, or dbt uses it until it is an hour old.", at})
	case c.Environment != "" && l.DeferEnv.Known && c.Environment != l.DeferEnv.Value.Reveal():
		reasons = append(reasons, Reason{ReasonCacheOtherEnv, "The manifest that was fetched is of another environment than defer-env-id names. Delete it, or dbt uses it until it is an hour old.", at})
	}
	return reasons
}

// Ago rounds an age to what a person says: "12 minutes", "5 hours".
func Ago(age time.Duration) string {
	switch minutes, hours := int(age.Minutes()), int(age.Hours()); {
	case minutes < 1:
		return "less than a minute"
	case minutes == 1:
		return "a minute"
	case minutes <= 60:
		return fmt.Sprintf("%d minutes", minutes)
	case hours < 2:
		return "over an hour"
	case hours < 48:
		return fmt.Sprintf("%d hours", hours)
	default:
		return fmt.Sprintf("%d days", hours/24)
	}
}

// ManifestMetadata is the head of a manifest.json.
type ManifestMetadata struct {
	Project     string // metadata.project_name
	Environment string // the environment of dbt platform that made it, "" when it does not say
	Version     string // metadata.dbt_version
	Generated   time.Time
}

// ReadManifestMetadata reads the metadata of a manifest.json from its first
// bytes; the rest of the file is not needed. It reports whether they were there.
func ReadManifestMetadata(start []byte) (ManifestMetadata, bool) {
	var raw struct {
		Project   string            `json:"project_name"`
		Version   string            `json:"dbt_version"`
		Generated string            `json:"generated_at"`
		Env       map[string]string `json:"env"`
	}
	decoder := json.NewDecoder(bytes.NewReader(start))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return ManifestMetadata{}, false
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return ManifestMetadata{}, false
		}
		if key != "metadata" {
			var skipped json.RawMessage
			if decoder.Decode(&skipped) != nil {
				return ManifestMetadata{}, false
			}
			continue
		}
		if decoder.Decode(&raw) != nil {
			return ManifestMetadata{}, false
		}
		generated, _ := time.Parse(time.RFC3339Nano, raw.Generated) // the zero time when it does not say
		return ManifestMetadata{raw.Project, raw.Env["DBT_CLOUD_ENVIRONMENT_ID"], raw.Version, generated}, true
	}
	return ManifestMetadata{}, false
}

// FetchTime reads the time that dbt notes beside what it fetched
// (manifest.info, <project>.info: Unix seconds).
func FetchTime(info []byte) (time.Time, bool) {
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(info)), 10, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0), true
}
