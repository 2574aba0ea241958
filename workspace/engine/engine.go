// Package engine knows the programs called dbt on this machine and the newest
// release of dbt v2: which they are, how they were installed, and how the two
// compare.
//
// Reading the file system, starting a program and asking the network are three
// separate steps (Find, Prober, Client), so that a caller chooses how far to go.
package engine

import (
	"errors"
	"time"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
)

// Kind says which program a dbt is.
type Kind string

// The kinds of dbt. The open-source build of dbt v2 numbers its pre-releases on
// its own and has no access to dbt platform.
const (
	KindV2          Kind = "v2"
	KindV2OSS       Kind = "v2-oss"
	KindV1          Kind = "v1"
	KindPlatformCLI Kind = "platform-cli"
	KindUnknown     Kind = "unknown"
)

// IsV2 reports whether k is a build of dbt v2.
func (k Kind) IsV2() bool { return k == KindV2 || k == KindV2OSS }

// Lookup gives the value of an environment variable, and whether it is set.
type Lookup = func(name string) (secret.Text, bool)

// Install is one dbt on this machine.
type Install struct {
	Path    string // as found: a folder of the search path and the file's name
	Real    string // Path with symbolic links resolved
	Kind    Kind
	Version string // normalized where it can be read ("2.0.0-alpha.4"), else as printed; "" when not known
	Package string // the name its package manager knows it by, "" when there is none
	Channel Channel
	Update  string // the command that updates it, "" when there is none
	Silent  string // why the program did not tell its version when it was started: "did not answer within 5s"
	Size    int64  // of the file at Real, in bytes
	ModTime time.Time

	// Excluded marks a program that must not be started: it lies in a folder
	// that the caller of Find excluded, or only a file of a folder names it.
	Excluded bool

	OffPath bool   // not on the search path: found at one of the places of Search
	Folder  string // the folder through which alone it was found; "" for a dbt of the machine
	Users   []User // who starts it; none for one that lies about
}

// ErrExcluded is the error of a probe of an excluded install.
var ErrExcluded = errors.New("dbt lies in a folder whose programs are not started")

// States of an install beside the newest release.
const (
	Current = "current"
	Stale   = "stale"
	Newer   = "newer"
	Unknown = "unknown"
)

// State compares an install with the newest release of dbt v2 on the channel
// that is followed. A release that was taken back makes the install Newer: it
// differs, it is not outdated. It is Unknown where the two cannot
// be compared: dbt v1 and the platform CLI are not on the release list, and a
// pre-release of the open-source build has its own numbering.
func State(first Install, latest Releases) string {
	if !first.Kind.IsV2() {
		return Unknown
	}
	have, err := ParseVersion(first.Version)
	if err != nil {
		return Unknown
	}
	newest, err := ParseVersion(latest.Newest())
	if err != nil {
		return Unknown
	}
	if first.Kind == KindV2OSS && have.Prerelease() && newest.Prerelease() {
		return Unknown
	}
	switch order := have.Compare(newest); {
	case order < 0:
		return Stale
	case order > 0:
		return Newer
	}
	return Current
}
