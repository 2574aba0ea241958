package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTableIsCurrent(t *testing.T) {
	want, err := generate("..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", table))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is stale; run go generate ./...", table)
	}
}

const sections = "package p\n\ntype Section int\n\nconst (\n\tFirst Section = iota\n\tSecond\n)\n"

func TestOrder(t *testing.T) {
	out, err := generate(sources(t, map[string]string{
		"sections.go": sections,
		"b.go":        "package p\n\nvar late = Rule{Code: \"late\", Section: Second, Rank: 20}\nvar early = Rule{Code: \"early\", Section: Second, Rank: 10}\n",
		"c.go":        "package p\n\nvar unranked = Rule{Code: \"b\", Section: First}\nvar alsoUnranked = Rule{Code: \"a\", Section: First}\n",
		"d.go":        "package p\n\nvar ranked = Rule{Code: \"z\", Section: First, Rank: 30}\nvar other = Other{Code: \"o\"}\n",
		"b_test.go":   "package p\n\nvar ofTest = Rule{Code: \"t\", Section: First}\n",
		table:         "this is replaced",
	}))
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(out), "[]*Rule{\n")
	if got, want := strings.Join(strings.Fields(list), " "), "&ranked, &alsoUnranked, &unranked, &early, &late, } }"; got != want {
		t.Errorf("the table is %q, not %q", got, want)
	}
}

func TestRefuses(t *testing.T) {
	for name, fields := range map[string]string{
		"no code":             `Section: First`,
		"no section":          `Code: "a"`,
		"an unknown section":  `Code: "a", Section: Third`,
		"a computed rank":     `Code: "a", Section: First, Rank: 1+1`,
		"a code that is none": `Code: 7, Section: First`,
		"fields by place":     `"a", First`,
	} {
		_, err := generate(sources(t, map[string]string{"sections.go": sections, "a.go": "package p\n\nvar a = Rule{" + fields + "}\n"}))
		if err == nil || !strings.HasPrefix(err.Error(), "a: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := generate(sources(t, map[string]string{"a.go": "package"})); err == nil {
		t.Error("a file that is not Go")
	}
}

func sources(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
