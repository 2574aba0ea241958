package gitfiles_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/gitfiles"
	"pgregory.net/rapid"
)

// git runs git without the settings of the person at the machine.
func git(t testing.TB, folder, stdin string, args ...string) string {
	t.Helper()
	command := exec.Command("git", args...)
	command.Dir = folder
	command.Stdin = strings.NewReader(stdin)
	command.Env = append(os.Environ(), "HOME="+folder, "XDG_CONFIG_HOME="+folder, "GIT_CONFIG_NOSYSTEM=1")
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil && (args[0] != "check-ignore" || command.ProcessState.ExitCode() != 1) {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, problems.String())
	}
	return out.String()
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A ruling is one ignore file in a folder of its own, and paths below that.
type ruling struct {
	content string
	paths   []string
}

// sameAsGit holds every path against git, which is asked once for all.
func sameAsGit(t testing.TB, rulings []ruling) {
	t.Helper()
	root := t.TempDir()
	git(t, root, "", "init", "-q")
	var ask strings.Builder
	for n, r := range rulings {
		write(t, filepath.Join(root, fmt.Sprintf("in_%04d", n), ".gitignore"), r.content)
		for _, path := range r.paths {
			fmt.Fprintf(&ask, "in_%04d/%s\x00", n, path)
		}
	}
	want := map[string]bool{}
	for path := range strings.SplitSeq(git(t, root, ask.String(), "check-ignore", "--no-index", "--stdin", "-z"), "\x00") {
		want[path] = true
	}
	for n, r := range rulings {
		folder := fmt.Sprintf("in_%04d", n)
		patterns := gitfiles.Patterns([]byte(r.content), folder)
		for _, path := range r.paths {
			full := folder + "/" + path
			if got := gitfiles.IgnoredBelow(patterns, full, false); got != want[full] {
				t.Errorf("%q in a .gitignore of %q: ignored is %t, git says %t", path, r.content, got, want[full])
			}
		}
	}
}

func TestIgnoredAsGitHasIt(t *testing.T) {
	paths := []string{
		".env", "a/.env", ".env.local", "a/b/c/.env", "logs/x", "a/logs/x", "foo", "foo/bar", "a/foo/bar", "foo/x/bar", "foo/x/y/bar",
		"fooa/bar", "fooa/b/bar", "a b", "trail ", "trail", "#hash", "!bang", "x.bak", "d/x.bak", "]", "-", "^", "é", "\\", "a\\b", "a/b/c/d/e",
	}
	var rulings []ruling
	for _, content := range []string{
		".env", "/.env", ".env\r\n", ".env\n!.env\n", "*\n!.env\n", "*\n!*/\n!.env", "\ufeff.env", ".env*", "!.env", "a/", "a/*\n!a/b\n",
		"a/**", "**/.env", "**/foo", "foo/**/bar", "foo**/bar", "foo/**bar", "**", "/**", "a/**/", "**/", "logs/", "/logs", "a/logs/",
		"trail ", `trail\ `, `trail\ ` + " ", `trail\\ `, "#hash", `\#hash`, `\!bang`, "[]-]", "[!a]", "[^a]", "[a-", "[", `\`, `foo\`, `[\]]`,
		"[[:alpha:]]oo", "[[:nothing:]]", "[[:alpha]oo", "[[:alpha:", "*.bak", "d/*.bak", "*/x.bak", "fo?", "a?b", "a[/]b", "?", "é", "??", `\\`, `a\\b`,
		"/", "//", "!", "!/", "   ", "", "a//b", "/a/*/c", "a/*/c/", "*o*", "f*r", "a/***/d", "***", "foo/***", "\tx", "x\t", "[a-f]/", "[z-a]",
	} {
		rulings = append(rulings, ruling{content, paths})
	}
	sameAsGit(t, rulings)
}

func TestIgnoredAsGitHasItAtRandom(t *testing.T) {
	word := rapid.SampledFrom([]string{"a", "b", "ab", "abc", ".env", "*", "**", "***", "?", "[ab]", "[!a]", "[^b-c]", `\`, "/", "/", "/", "!", "#", " ", "[", "]", "[[:alnum:]]", "x y"})
	line := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(word, 1, 7).Draw(t, "words"), "")
	})
	part := rapid.SampledFrom([]string{"a", "b", "ab", "abc", ".env", "x y", "c", "ba", "[", "#", "!", "a ", "]"})
	path := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(part, 1, 4).Draw(t, "parts"), "/")
	})
	one := rapid.Custom(func(t *rapid.T) ruling {
		return ruling{
			strings.Join(rapid.SliceOfN(line, 1, 4).Draw(t, "lines"), rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end")),
			rapid.SliceOfNDistinct(path, 12, 12, func(s string) string { return s }).Draw(t, "paths"),
		}
	})
	var rulings []ruling
	for seed := range 400 {
		rulings = append(rulings, one.Example(seed))
	}
	sameAsGit(t, rulings)
}

func TestPatternsOfFoldersBelow(t *testing.T) {
	patterns := append(gitfiles.Patterns([]byte("*.bak\n"), ""), gitfiles.Patterns([]byte("!keep.bak\n/top\n"), "a/b")...)
	for path, want := range map[string]bool{
		"x.bak": true, "keep.bak": true, "a/b/keep.bak": false, "a/b/c/keep.bak": false, "a/b/top": true, "a/b/c/top": false, "top": false, "a/bb/top": false,
	} {
		if got := gitfiles.Ignored(patterns, path, false); got != want {
			t.Errorf("%s: ignored is %t, want %t", path, got, want)
		}
	}
}

// A pattern of many asterisks must not take ages.
func FuzzIgnored(f *testing.F) {
	f.Add([]byte("a*a*a*a*a*a*a*a*a*a*b\n"), strings.Repeat("a", 60))
	f.Add([]byte("**/a/**/a/**/a/**/a/**/b"), strings.Repeat("a/", 40))
	f.Add([]byte("[[:alpha:]-z]\n!x/"), "x/y")
	f.Fuzz(func(t *testing.T, content []byte, path string) {
		if len(content) > 200 || len(path) > 200 {
			return
		}
		patterns := gitfiles.Patterns(content, "")
		if gitfiles.Ignored(patterns, path, true) && !gitfiles.IgnoredBelow(patterns, path, true) {
			t.Errorf("%q is ignored, and not below itself", path)
		}
	})
}
