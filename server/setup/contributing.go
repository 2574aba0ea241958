package setup

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dbt-hybrid/dbt-hybrid/workspace/dbt"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/fspath"
)

// heading is the title of the section for contributors.
const heading = "Keep your local dbt in step"

// contributing adds the section, unless it is there.
func (m *maker) contributing() error {
	names := []string{"CONTRIBUTING.md", ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md"}
	file, err := m.firstFile(names...)
	if err != nil {
		return err
	}
	files, err := m.runnerFiles()
	if err != nil {
		return err
	}
	script, err := m.file(filepath.Join(m.home(), filepath.FromSlash(scriptFile)))
	if err != nil {
		return err
	}
	section := m.section(m.startCommand(files), script != nil)
	if file == nil {
		m.add(nil, filepath.Join(m.Top, names[0]), "# Contributing\n\n## "+section)
		return nil
	}
	doc := readHeadings(string(file.Content))
	switch {
	case doc.has(heading):
		m.note("%s has the section %q already, which is left alone.", m.rel(file.Path), heading)
		return nil
	case doc.open:
		return fmt.Errorf("the last block of code of %s is not closed; nothing is changed", m.rel(file.Path))
	}
	m.add(file, "", strings.Repeat("#", doc.level())+" "+section)
	return nil
}

// startCommand is how a session starts, "" where no file has a target for it.
// A target dev of a file that never updates or tests dbt is meant for something
// else.
func (m *maker) startCommand(files []runnerFile) string {
	for _, f := range files {
		content := string(f.Content)
		if !f.has(content, "dev") {
			continue
		}
		if !containsAny(content, "dbt debug", "dbt parse", "dbt system update", "upgrade dbt") {
			return ""
		}
		switch f.names[0] {
		case "justfile":
			return "just dev"
		case "Taskfile.yml":
			return "task dev"
		}
		return "make dev"
	}
	return ""
}

func containsAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}

// section is what contributors are told. The lines of a machine differ from those
// of another one only where the repository differs.
func (m *maker) section(start string, script bool) string {
	var out strings.Builder
	out.WriteString(heading + "\n\nThe engine of dbt platform moves on by itself, a local dbt stays as it was installed. ")
	if start != "" {
		fmt.Fprintf(&out, "At the start of a session run\n`%s`. The command", start)
	} else {
		out.WriteString("Update it at the start of\na session. The command")
	}
	out.WriteString(` depends on how dbt was installed; ` + "`dbt-hybrid status`" + ` names yours:

| installed by | command |
|---|---|
| dbt's installer | ` + "`dbt system update`" + ` |
| Homebrew | ` + "`brew upgrade dbt`" + ` |
| winget | ` + "`winget upgrade --id dbtLabs.dbt --exact`" + ` |
| pip, in the active environment | ` + "`pip install --upgrade dbt`" + ` |
| uv, pipx | ` + "`uv tool upgrade dbt`, `pipx upgrade dbt`" + ` |

`)
	out.WriteString(m.envParagraph(script))
	if m.Project.Platform {
		out.WriteString("\n" + platformParagraph)
	}
	return out.String()
}

// envParagraph says where variables come from.
func (m *maker) envParagraph(script bool) string {
	where := "this folder"
	if rel, _ := fspath.Rel(m.Top, m.home()); rel != "." {
		where = "`" + rel + "`"
	}
	text := "dbt reads `.env` of the folder in which it is started, so start it in " + where + ". Git must not hold that file.\n"
	switch {
	case script:
		text += "`sh " + scriptFile + "` fills it from the secrets manager.\n"
	case m.Project.Example.Exists():
		text += "Copy `" + m.rel(m.Project.Example.Path) + "` to `.env` and fill it in.\n"
	}
	return text
}

const platformParagraph = `To defer to production and to reach other projects, dbt needs ` + "`~/" + dbt.HomeFolder + "/" + dbt.CloudFileName + "`" + `, downloaded from dbt platform, and the
` + "`dbt-cloud: project-id`" + ` of ` + "`" + dbt.ProjectFileName + "`" + `. One without the other does nothing.
`

// headings are the titles of a Markdown text.
type headings struct {
	titles []string
	levels []int
	open   bool // the text ends within a block of code
}

func (h headings) has(title string) bool {
	for _, t := range h.titles {
		if strings.EqualFold(t, title) {
			return true
		}
	}
	return false
}

// level is that of a new section: 2, unless all sections are of the first.
func (h headings) level() int {
	if len(h.levels) < 2 {
		return 2
	}
	for _, level := range h.levels {
		if level != 1 {
			return 2
		}
	}
	return 1
}

// readHeadings finds the titles outside of blocks of code.
func readHeadings(content string) headings {
	var h headings
	fence, before := "", ""
	for line := range strings.Lines(content) {
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		if fence != "" {
			if strings.HasPrefix(trimmed, fence) && strings.Trim(trimmed, fence[:1]) == "" {
				fence = ""
			}
			continue
		}
		switch mark := strings.TrimLeft(trimmed, "#"); {
		case strings.HasPrefix(trimmed, "```"), strings.HasPrefix(trimmed, "~~~"):
			fence = trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, trimmed[:1]))]
		case len(mark) < len(trimmed) && len(trimmed)-len(mark) <= 6 && (mark == "" || mark[0] == ' ' || mark[0] == '\t'):
			h.titles = append(h.titles, strings.TrimSpace(strings.TrimRight(strings.TrimSpace(mark), "#")))
			h.levels = append(h.levels, len(trimmed)-len(mark))
		case before != "" && trimmed != "" && (strings.Trim(trimmed, "=") == "" || strings.Trim(trimmed, "-") == ""):
			h.titles = append(h.titles, before)
			h.levels = append(h.levels, map[byte]int{'=': 1, '-': 2}[trimmed[0]])
		}
		before = trimmed
	}
	h.open = fence != ""
	return h
}
