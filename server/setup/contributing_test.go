package setup

import (
	"path/filepath"
	"strings"
	"testing"
)

const cloudBlock = "name: shop\nprofile: shop\ndbt-cloud:\n  project-id: 1\n"

// TestContributing writes the section; the golden files are what people read.
func TestContributing(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"contributing-new.md":      {".env.example": "A=\n"},
		"contributing-platform.md": {"dbt_project.yml": cloudBlock, "Makefile": "dev:\n\tdbt system update\n", "scripts/dbt-env.sh": "#\n", "CONTRIBUTING.md": "# Contributing to shop\n\nBe kind.\n\n## Tests\n\n```sh\n# Keep your local dbt in step\n```"},
		"contributing-levels.md":   {"justfile": "dev:\n  dbt debug\n", "CONTRIBUTING.md": "Title\r\n=====\r\n\r\n# Tests #\r\nx\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := repository(t, files)
			before := files["CONTRIBUTING.md"]
			plan, err := Make(request(t, dir, standalone()), Contributing)
			if err != nil {
				t.Fatal(err)
			}
			apply(t, plan)
			after := read(t, filepath.Join(dir, "CONTRIBUTING.md"))
			golden(t, name, after)
			if before != "" {
				onlyInserted(t, before, after, plan)
			}
			twice(t, dir, Contributing, standalone())
			if read(t, filepath.Join(dir, "CONTRIBUTING.md")) != after {
				t.Error("the second time it changes")
			}
		})
	}
}

// TestContributingLeavesItAlone: a section that is there stays as it is, however
// its heading is written, and wherever the file is.
func TestContributingLeavesItAlone(t *testing.T) {
	for _, content := range []string{
		"## Keep your local dbt in step\n\nOur own words.\n", "# keep YOUR local dbt in step ##\n", "Keep your local dbt in step\n---------------------------\n", "a\n\n### Keep your local dbt in step\r\n",
	} {
		for _, name := range []string{"CONTRIBUTING.md", ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md"} {
			dir := repository(t, map[string]string{name: content})
			notes := strings.Join(twice(t, dir, Contributing, standalone()), "\n")
			if !strings.Contains(notes, name+" has the section") || read(t, filepath.Join(dir, name)) != content {
				t.Errorf("%q, %q: %s", name, content, notes)
			}
		}
	}
}

// TestContributingOfASubfolder says where dbt is started.
func TestContributingOfASubfolder(t *testing.T) {
	dir := repository(t, map[string]string{"shop/dbt_project.yml": "name: shop\nprofile: shop\n"})
	twice(t, dir, Contributing, standalone())
	if got := read(t, filepath.Join(dir, "CONTRIBUTING.md")); !strings.Contains(got, "so start it in `shop`.") {
		t.Error(got)
	}
}

// TestContributingOfAnotherDev: a target dev that does something else is not how
// a session starts.
func TestContributingOfAnotherDev(t *testing.T) {
	dir := repository(t, map[string]string{"Makefile": "dev:\n\tpython -m pip install dbt-core dbt-$(target)\n"})
	twice(t, dir, Contributing, standalone())
	if got := read(t, filepath.Join(dir, "CONTRIBUTING.md")); strings.Contains(got, "make dev") || !strings.Contains(got, "Update it at the start of") {
		t.Error(got)
	}
}
