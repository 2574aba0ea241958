package engine

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// metadataLimit bounds every file that is read to learn of an install.
const metadataLimit = 4 << 20

// distribution is an installed Python package (a *.dist-info folder).
type distribution struct {
	name      string // normalized: dbt-core
	version   string // in Python's spelling: 2.0.0a4
	installer string // what its INSTALLER file says: pip, uv, conda, …
	prefix    string // the environment's folder
}

// distributionOf returns the Python package that put a program into its
// environment. Several packages own a file called dbt; the one counts whose
// RECORD lists this file with this size, and among those the one that makes it
// as it is, a script or a compiled program.
func distributionOf(program string, size int64, script bool) (distribution, bool) {
	prefix := filepath.Dir(filepath.Dir(program))
	var best distribution
	rank := 0
	for _, site := range sitePackages(prefix) {
		for _, name := range []string{"dbt", "dbt_core", "dbt_oss"} {
			infos, _ := filepath.Glob(filepath.Join(globEscape(site), name+"-*.dist-info"))
			for _, info := range infos {
				r := ownership(info, program, size, script)
				if r <= rank {
					continue
				}
				rank = r
				best = distribution{
					name:      strings.ReplaceAll(name, "_", "-"),
					version:   strings.TrimSuffix(strings.TrimPrefix(filepath.Base(info), name+"-"), ".dist-info"),
					installer: strings.ToLower(strings.TrimSpace(string(readBounded(filepath.Join(info, "INSTALLER"))))),
					prefix:    prefix,
				}
			}
		}
	}
	return best, rank > 0
}

func sitePackages(prefix string) []string {
	p := globEscape(prefix)
	var sites []string
	for _, pattern := range []string{
		filepath.Join(p, "lib", "python*", "site-packages"),
		filepath.Join(p, "lib", "python*", "dist-packages"), // Debian
		filepath.Join(p, "Lib", "site-packages"),            // Windows
		filepath.Join(p, "site-packages"),                   // Windows, for one user
	} {
		found, _ := filepath.Glob(pattern)
		sites = append(sites, found...)
	}
	return sites
}

// ownership says how surely a package made a program: 0 not at all, 1 its
// folder has no list of files, 2 the list has the program, 3 the package also
// makes programs of this form.
func ownership(info, program string, size int64, script bool) int {
	makesScript := strings.Contains(string(readBounded(filepath.Join(info, "entry_points.txt"))), "dbt")
	record := readBounded(filepath.Join(info, "RECORD"))
	if len(record) == 0 {
		if makesScript == script {
			return 1
		}
		return 0
	}
	if !recorded(record, filepath.Dir(info), program, size) {
		return 0
	}
	if makesScript == script {
		return 3
	}
	return 2
}

// recorded reports whether a RECORD (path, hash, size) lists a program.
func recorded(record []byte, site, program string, size int64) bool {
	rows := csv.NewReader(strings.NewReader(string(record)))
	rows.FieldsPerRecord = -1
	rows.LazyQuotes = true
	for {
		row, err := rows.Read()
		if err != nil {
			return false
		}
		path := filepath.FromSlash(row[0])
		if filepath.Base(path) != filepath.Base(program) {
			continue
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(site, path)
		}
		if pathKey(path) != pathKey(program) {
			continue
		}
		if len(row) < 3 || row[2] == "" || row[2] == strconv.FormatInt(size, 10) {
			return true
		}
	}
}

// kindOfPackage tells the program from the Python package. The package dbt of
// version 1.0.0.x was the platform CLI; dbt-core is dbt v1 below 2, and the
// open-source build of v2 from there.
func kindOfPackage(name, version string) Kind {
	v, err := ParseVersion(version)
	if err != nil {
		return KindUnknown
	}
	two, _ := ParseVersion("2.0.0-0")
	switch v2 := v.Compare(two) >= 0; {
	case v2 && name == "dbt":
		return KindV2
	case v2:
		return KindV2OSS
	case name == "dbt" && strings.HasPrefix(version, "1.0.0."):
		return KindPlatformCLI
	}
	return KindV1
}

// keg is a Homebrew install: …/Cellar/<formula>/<version>/bin/dbt.
type keg struct {
	formula, version, tap string
}

var cellarPath = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(.*/Cellar/([^/]+)/([^/]+))/`)
})

func kegOf(resolved string) (keg, bool) {
	m := cellarPath().FindStringSubmatch(filepath.ToSlash(resolved))
	if m == nil {
		return keg{}, false
	}
	var receipt struct {
		Source struct {
			Tap string `json:"tap"`
		} `json:"source"`
	}
	// A receipt that is missing or broken leaves the tap unknown.
	_ = json.Unmarshal(readBounded(filepath.Join(filepath.FromSlash(m[1]), "INSTALL_RECEIPT.json")), &receipt)
	version, _, _ := strings.Cut(m[3], "_") // 2.0.8_1 is Homebrew's second build of 2.0.8
	return keg{m[2], version, receipt.Source.Tap}, true
}

// kind tells the program from the formula. The platform CLI comes from a tap of
// its own under the name dbt, and its versions begin with 0.
func (k keg) kind() Kind {
	if k.tap == "dbt-labs/dbt-cli" || strings.HasPrefix(k.version, "0.") {
		return KindPlatformCLI
	}
	if k.formula == "dbt" {
		return kindOfPackage("dbt", k.version)
	}
	return kindOfPackage("dbt-core", k.version)
}

// readBounded returns the beginning of a regular file, nil where there is none.
func readBounded(path string) []byte {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, metadataLimit))
	if err != nil {
		return nil
	}
	return content
}

var globMeta = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[*?\[\\]`)
})

// globEscape makes a path stand for itself in a pattern. Windows has no escape
// character, and none of these but "[" in a file's name.
func globEscape(path string) string {
	if filepath.Separator == '\\' {
		return strings.ReplaceAll(path, "[", "[[]")
	}
	return globMeta().ReplaceAllString(path, `\$0`)
}
