package engine

import (
	"regexp"
	"strings"
	"sync"
)

var installedLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^\s*- installed:\s*(\S+)`)
})

// Classify tells from the output of `dbt --version` which program printed it,
// and its version. The order of the tests is that of dbt's own version-banner
// crate (dbt-labs/dbt, 2026-09).
func Classify(versionOutput string) (Kind, string) {
	out := strings.TrimSpace(versionOutput)
	if strings.Contains(out, "Core:") {
		if m := installedLine().FindStringSubmatch(out); m != nil {
			return KindV1, normalized(m[1])
		}
		return KindV1, ""
	}
	if strings.HasPrefix(out, "dbt Cloud CLI") || strings.HasPrefix(out, "Cloud CLI") {
		return KindPlatformCLI, wordAfter(out, " - ")
	}
	line, _, _ := strings.Cut(out, "\n")
	words := strings.Fields(line)
	if len(words) > 2 && words[1] == "v2" { // one page of dbt's documentation prints "dbt v2 2.0.1"
		words = append(words[:1], words[2:]...)
	}
	if len(words) < 2 || !strings.Contains(words[0], "dbt") || !startsWithDigit(words[1]) {
		return KindUnknown, ""
	}
	if words[0] == "dbt-core" || words[0] == "dbt-oss" {
		return KindV2OSS, normalized(words[1])
	}
	return KindV2, normalized(words[1])
}

func wordAfter(s, separator string) string {
	_, rest, _ := strings.Cut(s, separator)
	if words := strings.Fields(rest); len(words) > 0 {
		return normalized(words[0])
	}
	return ""
}

func startsWithDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }
