package engine

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/mod/semver"
)

// Version is a version of dbt in the order of Semantic Versioning 2. The zero
// value is lower than every other.
type Version struct {
	canonical string // as x/mod/semver wants it, with "v", without build metadata
}

// spelling takes apart what dbt and Python packaging write: 2.0.8, v2.0.0-preview.175.1,
// 2.0.0rc1, 2.0.0a4, 1.9.0.post1, 2025.8.14+a1b2c3d.
var spelling = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[vV]?(\d+)(?:\.(\d+))?(?:\.(\d+))?((?:\.\d+)*)` +
		`(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)|[._-]?(a|b|c|rc|alpha|beta|pre|preview)[._-]?(\d*))?` +
		`(?:\.?post\d*)?(?:\.?dev(\d*))?` +
		`(?:\+[0-9A-Za-z.-]+)?$`)
})

var longNames = map[string]string{"a": "alpha", "b": "beta", "c": "rc", "pre": "rc"}

// ParseVersion reads a version in any spelling of dbt or of Python packaging.
// The name of a release track ("latest", "fusion-stable") is an error.
func ParseVersion(s string) (Version, error) {
	m := spelling().FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return Version{}, fmt.Errorf("%q is not a version", s)
	}
	canonical := "v" + number(m[1]) + "." + number(m[2]) + "." + number(m[3])
	var pre []string
	if m[5] != "" {
		pre = append(pre, strings.ToLower(m[5]))
	}
	if m[6] != "" {
		name := m[6]
		if long, ok := longNames[name]; ok {
			name = long
		}
		pre = append(pre, name, number(m[7]))
	}
	if strings.Contains(s, "dev") && m[5] == "" {
		pre = append(pre, "dev", number(m[8]))
	}
	if len(pre) > 0 {
		canonical += "-" + strings.Join(pre, ".")
	}
	if !semver.IsValid(canonical) {
		return Version{}, fmt.Errorf("%q is not a version", s)
	}
	return Version{canonical}, nil
}

func number(digits string) string {
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		return "0"
	}
	return digits
}

// Compare returns -1, 0 or 1 as v is lower than, equal to or higher than w.
// Build metadata does not count, and neither do parts after the third number.
func (v Version) Compare(w Version) int { return semver.Compare(v.canonical, w.canonical) }

// Major returns the first number, "" for the zero value.
func (v Version) Major() string { return strings.TrimPrefix(semver.Major(v.canonical), "v") }

// Prerelease reports whether v is an alpha, beta, dev, preview or rc.
func (v Version) Prerelease() bool { return semver.Prerelease(v.canonical) != "" }

// String returns the version as dbt v2 prints it: 2.0.0-alpha.4.
func (v Version) String() string { return strings.TrimPrefix(v.canonical, "v") }

// normalized returns a version as dbt v2 prints it, or s itself where it
// cannot be read.
func normalized(s string) string {
	if v, err := ParseVersion(s); err == nil {
		return v.String()
	}
	return s
}
