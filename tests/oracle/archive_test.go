package oracle

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"github.com/dbt-hybrid/dbt-hybrid/tests/oracle/dbttest"
)

// An archive holds a scenario, and in its comment what it is about:
//
//	project   the folder of the project, if it is not the root
//	cwd       the folder that dbt runs in
//	args      arguments of dbt, a line each
//	shell     NAME=value lines of the process environment
//	links     NAME=target lines of symbolic links
//	home/PATH a file below the home folder
//	root/PATH a file below the root
//
// A value, or a file whose name ends in .quoted, is a Go string literal where it
// holds more than plain lines.
func archive(s scenario) *txtar.Archive {
	a := &txtar.Archive{}
	add := func(name, content string) {
		if plain := strings.HasSuffix(content, "\n") || content == ""; !plain || !printable(content) || strings.Contains(content, "\n-- ") || strings.HasPrefix(content, "-- ") {
			name, content = name+".quoted", strconv.Quote(content)+"\n"
		}
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(content)})
	}
	one := func(name, value string) {
		if value != "" {
			add(name, value+"\n")
		}
	}
	one("project", s.project)
	one("cwd", s.Cwd)
	if args := strings.Join(s.Args, "\n"); args != "parse" {
		one("args", args)
	}
	one("shell", pairs(s.Env))
	one("links", pairs(s.Links))
	for _, name := range slices.Sorted(maps.Keys(s.Home)) {
		add("home/"+name, s.Home[name])
	}
	for _, name := range slices.Sorted(maps.Keys(s.Files)) {
		add("root/"+name, s.Files[name])
	}
	return a
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r == '\ufeff' || r < ' ' && r != '\n' && r != '\t' || r > '~' && r < 0xa1
	})
}

func pairs(m map[string]string) string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		value := m[name]
		if !printable(value) || strings.Contains(value, "\n") || strings.TrimSpace(value) != value || strings.HasPrefix(value, `"`) {
			value = strconv.Quote(value)
		}
		lines = append(lines, fmt.Sprintf("%s=%s", name, value))
	}
	return strings.Join(lines, "\n")
}

func unpairs(content string) map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(content) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		m[name] = unquoted(value)
	}
	return m
}

func unquoted(s string) string {
	if plain, err := strconv.Unquote(s); err == nil && strings.HasPrefix(s, `"`) {
		return plain
	}
	return s
}

func unarchive(name string, a *txtar.Archive) scenario {
	s := scenario{Scenario: dbttest.Scenario{Name: name, Files: map[string]string{}, Home: map[string]string{}, Env: map[string]string{}, Links: map[string]string{}, Args: []string{"parse"}}}
	for _, file := range a.Files {
		name, content := file.Name, string(file.Data)
		if plain, ok := strings.CutSuffix(name, ".quoted"); ok {
			name, content = plain, unquoted(strings.TrimSpace(content))
		}
		folder, rest, _ := strings.Cut(name, "/")
		switch {
		case folder == "home":
			s.Home[rest] = content
		case folder == "root":
			s.Files[rest] = content
		case name == "project":
			s.project = strings.TrimSpace(content)
		case name == "cwd":
			s.Cwd = strings.TrimSpace(content)
		case name == "args":
			s.Args = strings.Split(strings.TrimSpace(content), "\n")
		case name == "shell":
			s.Env = unpairs(content)
		case name == "links":
			s.Links = unpairs(content)
		}
	}
	return s
}
