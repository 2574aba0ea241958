package report

import (
	"sort"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/secret"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/yamlfile"
)

// mask returns a source line as it may be shown, and up to which byte of it the
// offsets of the file still hold. Environment files hold values everywhere:
// nothing behind the name is shown, and of a line without a name only what is
// known to be one. In YAML a literal in a secret field is masked.
func mask(file *workspace.File, span text.Span, line string, known func(name string) bool) (shown string, limit int) {
	switch {
	case workspace.IsEnvFile(file.Path):
		return maskEnv(file, span, line, known)
	case strings.HasSuffix(file.Path, ".yml"):
		return maskYAML(file, span, line)
	}
	return line, len(line)
}

// maskEnv shows a line up to its equal sign or colon. A line inside a value
// that spans several is not shown at all.
func maskEnv(file *workspace.File, span text.Span, line string, known func(name string) bool) (string, int) {
	entries := file.Dotenv().Entries
	if i := sort.Search(len(entries), func(i int) bool { return entries[i].Line().Start >= span.Start }); i > 0 && span.Start < entries[i-1].Value().End {
		return secret.Mask, 0
	}
	at := strings.IndexAny(line, "=:")
	switch {
	case at < 0:
		return maskWords(line, known)
	case strings.TrimSpace(line[at+1:]) == "" || strings.HasPrefix(strings.TrimSpace(line[at+1:]), "#"):
		return line, len(line)
	}
	return line[:at+1] + secret.Mask, at + 1 + len(secret.Mask)
}

// maskWords shows of a line without an equal sign the words in front that are no
// secret: names of variables, and what shells write before them.
func maskWords(line string, known func(name string) bool) (string, int) {
	const starts = " # // ; -- export set unset source EXPORT SET REM "
	at := 0
	for {
		word := strings.TrimLeft(line[at:], " \t")
		begin := len(line) - len(word)
		if end := strings.IndexAny(word, " \t"); end >= 0 {
			word = word[:end]
		}
		switch {
		case word == "":
			return line, len(line)
		case !known(word) && (at > 0 || !strings.Contains(starts, " "+word+" ")):
			return line[:begin] + secret.Mask, begin + len(secret.Mask)
		}
		at = begin + len(word)
	}
}

// maskYAML masks what stands in a secret field. The line itself is asked first,
// since the file may not be readable as YAML.
func maskYAML(file *workspace.File, span text.Span, line string) (string, int) {
	if at := secretValue(line); at >= 0 {
		return line[:at] + secret.Mask, at + len(secret.Mask)
	}
	inside := false
	file.YAML().Walk(func(path []string, node *yamlfile.Node) bool {
		inside = node.Span.Start < span.Start && span.Start < node.Span.End && len(path) > 0 && dbt.SecretField(path[len(path)-1])
		return !inside && node.Span.Start < span.End
	})
	if inside {
		return secret.Mask, 0
	}
	return line, len(line)
}

// secretValue returns where the value of a secret field begins in a line, -1
// without one. A call without a default names a variable and shows nothing.
func secretValue(line string) int {
	for at := 0; ; {
		colon := strings.IndexByte(line[at:], ':')
		if colon < 0 {
			return -1
		}
		colon += at
		key := line[:colon]
		key = strings.Trim(key[strings.LastIndexAny(key, " \t,{-")+1:], `"'`)
		value := strings.TrimSpace(line[colon+1:])
		if dbt.SecretField(key) || dbt.SecretField(lastWord(line[:colon])) {
			call := dbt.HasJinja(value) && !strings.Contains(value, ",")
			if value != "" && !call && !strings.HasPrefix(value, "#") {
				return colon + 1 + strings.Index(line[colon+1:], value)
			}
		}
		at = colon + 1
	}
}

// lastWord returns a key with the hyphens that belong to it: token-value.
func lastWord(s string) string {
	return strings.Trim(s[strings.LastIndexAny(s, " \t,{")+1:], `"'`)
}
