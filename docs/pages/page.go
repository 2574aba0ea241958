// Package pages reads the page of a rule: its sections and its two examples.
package pages

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Page is the page of one rule.
type Page struct {
	Code string
	Bad  Example // the rule speaks
	Good Example // it does not
}

// Example is a project as a page shows it.
type Example struct {
	Files   map[string]string // content by path; below the home folder with a leading "~/"
	Console []Run
}

// OnMachine reports whether the example needs more than the files of a project:
// files of the home folder, an installed dbt or a variable of the shell.
func (e Example) OnMachine() bool {
	for path := range e.Files {
		if strings.HasPrefix(path, "~/") {
			return true
		}
	}
	return len(e.Console) > 0
}

// Project returns the files of a whole project that shows the example: to its
// own come those that every project needs.
func (e Example) Project() map[string]string {
	files := map[string]string{
		"dbt_project.yml": "name: shop\nprofile: shop\n",
		"profiles.yml":    "shop:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n      schema: main\n",
	}
	maps.Copy(files, e.Files)
	return files
}

// Run is a command of a console and what it printed.
type Run struct{ Command, Output string }

// Sections are the headings of every page, in their order.
func Sections() []string {
	return []string{"What dbt does", "Example", "Fixed", "How to fix", "When to switch it off"}
}

// Parse reads a page. Under "Example" and "Fixed" a block belongs to the file
// that the line before it names; a block of a console stands for itself.
func Parse(page string) (*Page, error) {
	title, rest, _ := strings.Cut(page, "\n")
	p := &Page{Code: strings.TrimPrefix(title, "# ")}
	sections := strings.Split(rest, "\n## ")
	var headings []string
	for _, section := range sections[1:] {
		heading, body, _ := strings.Cut(section, "\n")
		headings = append(headings, heading)
		var err error
		switch heading {
		case "Example":
			p.Bad, err = example(body)
		case "Fixed":
			p.Good, err = example(body)
		}
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", p.Code, heading, err)
		}
	}
	if !slices.Equal(headings, Sections()) {
		return nil, fmt.Errorf("%s has the sections %q, not %q", p.Code, headings, Sections())
	}
	return p, nil
}

const fence = "```"

func example(body string) (Example, error) {
	e := Example{Files: map[string]string{}}
	file := ""
	lines := strings.Split(body, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		language, opens := strings.CutPrefix(line, fence)
		switch {
		case strings.HasPrefix(line, "`") && strings.HasSuffix(line, "`") && !opens:
			file = strings.Trim(line, "`")
			continue
		case !opens:
			continue
		}
		end := slices.Index(lines[i+1:], fence)
		if end < 0 {
			return e, fmt.Errorf("a block is not closed")
		}
		content := strings.Join(lines[i+1:i+1+end], "\n") + "\n"
		i += end + 1
		switch {
		case language == "console":
			e.Console = append(e.Console, runs(content)...)
			continue
		case file == "":
			return e, fmt.Errorf("a block belongs to no file")
		case language == "hex":
			raw, err := hex.DecodeString(strings.Join(strings.Fields(content), ""))
			if err != nil {
				return e, err
			}
			content = string(raw)
		}
		e.Files[file], file = content, ""
	}
	return e, nil
}

func runs(console string) []Run {
	var all []Run
	for line := range strings.Lines(console) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			all = append(all, Run{Command: strings.TrimSpace(command)})
		} else if len(all) > 0 {
			all[len(all)-1].Output += line
		}
	}
	return all
}
