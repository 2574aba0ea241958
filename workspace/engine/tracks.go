package engine

import "strings"

// Track is a release track of dbt platform: what an environment is set to, and
// no version.
type Track struct {
	Name    string // as dbt platform shows it: "v2 Stable"
	V2      bool   // of dbt v2; else of dbt v1
	Channel string // the key of the release list that goes with it, "" for none
}

// ParseTrack returns the track of a name, as dbt platform shows it or as its
// interfaces spell it, in old and in new spelling, and whether there is one.
// That v2 Stable is the key "stable" of the release list is not documented; the
// other keys are named alike.
func ParseTrack(name string) (Track, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	name = strings.ReplaceAll(strings.ReplaceAll(name, " ", "-"), "_", "-")
	switch name {
	case "fusion-nightly", "v2-nightly":
		return Track{"v2 Nightly", true, "nightly"}, true
	case "fusion-stable", "latest-fusion", "v2-stable", "fusion-latest":
		return Track{"v2 Stable", true, "stable"}, true
	case "fusion-extended", "v2-extended":
		return Track{"v2 Extended", true, "extended"}, true
	case "fusion-fallback", "v2-fallback":
		return Track{"v2 Fallback", true, "fallback"}, true
	case "latest", "versionless", "v1-latest":
		return Track{Name: "v1 Latest"}, true
	case "compatible", "v1-compatible":
		return Track{Name: "v1 Compatible"}, true
	case "extended", "v1-extended":
		return Track{Name: "v1 Extended"}, true
	case "fallback", "v1-fallback":
		return Track{Name: "v1 Fallback"}, true
	}
	return minorTrack(name)
}

// minorTrack reads the older names of one minor version: 1.9.0-latest, 1.7.0-pre.
func minorTrack(name string) (Track, bool) {
	version, ok := strings.CutSuffix(name, "-latest")
	if !ok {
		version, ok = strings.CutSuffix(name, "-pre")
	}
	v, err := ParseVersion(version)
	if !ok || err != nil || v.Prerelease() || strings.Count(version, ".") != 2 {
		return Track{}, false
	}
	return Track{Name: name, V2: v.Major() == "2"}, true
}
