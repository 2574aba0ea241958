package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
	"github.com/dbt-hybrid/dbt-hybrid/docs"
	"github.com/dbt-hybrid/dbt-hybrid/server/fix"
	"github.com/dbt-hybrid/dbt-hybrid/workspace"
	"github.com/dbt-hybrid/dbt-hybrid/workspace/text"
)

// The numbers of the comments are sections of SARIF 2.1.0 (OASIS).

const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	// sourceRoot stands for the folder that addresses of files are relative to
	// (3.14.14). Where it is on a machine is nobody's business.
	sourceRoot = "%SRCROOT%"
	// fingerprint names how a result is told from others (3.27.17).
	fingerprint = "dbtHybrid/v1"
	homePage    = "https://github.com/dbt-hybrid/dbt-hybrid"
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool               `json:"tool"`
	Invocations []sarifInvocation       `json:"invocations"`
	Bases       map[string]sarifMessage `json:"originalUriBaseIds"`
	ColumnKind  string                  `json:"columnKind"`
	LineEnds    []string                `json:"newlineSequences"`
	Results     []sarifResult           `json:"results"`
}

type sarifInvocation struct {
	Successful bool `json:"executionSuccessful"`
}

// sarifMessage is an object that holds nothing but a description.
type sarifMessage struct {
	Description sarifText `json:"description"`
}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name            string      `json:"name"`
	Version         string      `json:"version"`
	SemanticVersion string      `json:"semanticVersion"`
	InformationURI  string      `json:"informationUri"`
	Rules           []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID       string         `json:"id"`
	Name     string         `json:"name"`
	Short    sarifText      `json:"shortDescription"`
	Help     sarifText      `json:"help"`
	HelpURI  string         `json:"helpUri"`
	Default  sarifDefault   `json:"defaultConfiguration"`
	Property map[string]any `json:"properties"`
}

type sarifDefault struct {
	Level string `json:"level"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Related      []sarifLocation   `json:"relatedLocations,omitempty"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Fixes        []sarifFix        `json:"fixes,omitempty"`
	Property     map[string]any    `json:"properties"`
}

type sarifLocation struct {
	ID       *int           `json:"id,omitempty"`
	Message  *sarifText     `json:"message,omitempty"`
	Physical *sarifPhysical `json:"physicalLocation"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI  string `json:"uri"`
	Base string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

type sarifFix struct {
	Description sarifText     `json:"description"`
	Changes     []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact     sarifArtifact      `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  sarifRegion `json:"deletedRegion"`
	Inserted *sarifText  `json:"insertedContent,omitempty"`
}

// SARIF writes findings in the format of the same name, version 2.1.0. version
// is that of this program. Paths are relative to the top of the repository,
// since that is where code scanning looks for them.
func SARIF(w io.Writer, c *Check, version string) error {
	writer := sarifWriter{root: c.top(), seen: map[string]int{}}
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: "dbt-hybrid", Version: version, SemanticVersion: version, InformationURI: homePage, Rules: sarifRules(),
		}},
		Invocations: []sarifInvocation{{Successful: true}},
		Bases:       map[string]sarifMessage{sourceRoot: {sarifText{Text: "The top of the repository."}}},
		ColumnKind:  "utf16CodeUnits",
		LineEnds:    []string{"\r\n", "\n", "\r"},
		Results:     []sarifResult{},
	}
	for _, f := range c.Findings() {
		run.Results = append(run.Results, writer.result(f))
	}
	return encode(w, sarifLog{sarifSchema, sarifVersion, []sarifRun{run}})
}

// top is the work tree that the current folder lies in, or else that folder.
func (c *Check) top() string {
	for _, p := range c.Projects {
		if root := p.Project.Git.Root; root != "" && !filepath.IsAbs(shorten(root, c.Cwd)) {
			return root
		}
	}
	return c.Cwd
}

func sarifRules() []sarifRule {
	var rules []sarifRule
	for _, rule := range diagnostics.Rules() {
		page, ok := docs.Rule(rule.Code)
		if !ok {
			page = rule.Title + ".\n"
		}
		page = absoluteLinks(page, docs.Address(rule.Code))
		rules = append(rules, sarifRule{
			ID: rule.Code, Name: pascal(rule.Code), Short: sarifText{Text: rule.Title + "."},
			Help: sarifText{Text: plainPage(page), Markdown: page}, HelpURI: docs.Address(rule.Code),
			Default:  sarifDefault{sarifLevel(rule.Severity)},
			Property: map[string]any{"tags": []string{"dbt"}, "problem.severity": codeScanning(rule.Severity)},
		})
	}
	return rules
}

// plainPage returns a page without the signs of Markdown.
func plainPage(page string) string {
	var out strings.Builder
	if err := Page(&out, page, "", Style{}); err != nil {
		return page
	}
	return out.String()
}

var link = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\]\(([^)\s]+)\)`) })

// absoluteLinks completes the links of a page that can be read apart from its
// folder.
func absoluteLinks(page, address string) string {
	base, err := url.Parse(address)
	if err != nil {
		return page
	}
	return link().ReplaceAllStringFunc(page, func(s string) string {
		to, err := base.Parse(s[2 : len(s)-1])
		if err != nil {
			return s
		}
		return "](" + to.String() + ")"
	})
}

// pascal writes a code as the name of a rule should be (3.49.7): EnvParse.
func pascal(code string) string {
	var out strings.Builder
	for word := range strings.SplitSeq(code, "-") {
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}

// sarifLevel is the level of a severity (3.27.10); a hint has none of its own.
func sarifLevel(s diagnostics.Severity) string {
	switch s {
	case diagnostics.Error:
		return "error"
	case diagnostics.Warning:
		return "warning"
	}
	return "note"
}

// codeScanning is the severity in the words of GitHub's code scanning.
func codeScanning(s diagnostics.Severity) string {
	if level := sarifLevel(s); level != "note" {
		return level
	}
	return "recommendation"
}

type sarifWriter struct {
	root string
	seen map[string]int // fingerprints, with how often they came
}

func (w *sarifWriter) result(f Located) sarifResult {
	out := sarifResult{
		RuleID: f.Rule.Code, RuleIndex: slices.Index(diagnostics.Rules(), f.Rule), Level: sarifLevel(f.Severity),
		Message:      sarifText{Text: f.Text()},
		Locations:    []sarifLocation{{Physical: w.physical(f.At)}},
		Fingerprints: map[string]string{fingerprint: w.fingerprint(f)},
		Property:     map[string]any{"project": w.artifact(f.Project.Root).URI, "severity": f.Severity.String()},
	}
	for i, r := range f.Related {
		out.Related = append(out.Related, sarifLocation{&i, &sarifText{Text: r.Message}, w.physical(r.At)})
	}
	fixes := f.Offers()
	for i := range fixes {
		if shareable(&fixes[i]) {
			out.Fixes = append(out.Fixes, w.fix(&fixes[i]))
		}
	}
	return out
}

// artifact returns the address of a file: relative below the root, else with
// the scheme file.
func (w *sarifWriter) artifact(path string) sarifArtifact {
	rel := shorten(w.root, path)
	switch {
	case !filepath.IsAbs(path) || !strings.HasPrefix(rel, "/") && rel != filepath.ToSlash(path):
		return sarifArtifact{(&url.URL{Path: rel}).String(), sourceRoot}
	case !strings.HasPrefix(rel, "/"): // a drive
		rel = "/" + rel
	}
	return sarifArtifact{(&url.URL{Scheme: "file", Path: rel}).String(), ""}
}

func (w *sarifWriter) physical(at workspace.Location) *sarifPhysical {
	return &sarifPhysical{w.artifact(at.File.Path), sarifSpan(at.File, at.Span)}
}

func sarifSpan(file *workspace.File, span text.Span) sarifRegion {
	startLine, startColumn := utf16(file, span.Start)
	endLine, endColumn := utf16(file, span.End)
	return sarifRegion{startLine, startColumn, endLine, endColumn}
}

// utf16 returns the line and the column in UTF-16 code units, from 1. A byte
// order mark does not count (3.30.2).
func utf16(file *workspace.File, offset int) (line, column int) {
	n, character := file.Lines().Encoded(offset, text.UTF16)
	if n == 0 && character > 0 && strings.HasPrefix(string(file.Content[:min(3, len(file.Content))]), "\uFEFF") {
		character--
	}
	return int(n) + 1, int(character) + 1
}

// fingerprint tells a result from others, and stays what it is when the lines
// above it change: it is made of the rule, the file, the line as it is shown,
// and the message without its numbers. Values are masked before.
func (w *sarifWriter) fingerprint(f Located) string {
	line, _ := f.source()
	sum := sha256.Sum256([]byte(strings.Join([]string{
		f.Rule.Code, shorten(w.root, f.At.File.Path), strings.TrimSpace(line), digits().ReplaceAllString(f.Text(), "#"),
	}, "\x00")))
	key := hex.EncodeToString(sum[:16])
	w.seen[key]++
	return fmt.Sprintf("%s:%d", key, w.seen[key])
}

var digits = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\d+`) })

func (w *sarifWriter) fix(offer *diagnostics.Fix) sarifFix {
	out := sarifFix{Description: sarifText{Text: offer.Title}}
	for _, group := range fix.ByFile(offer.Edits) {
		change := sarifChange{Artifact: w.artifact(group[0].File.Path)}
		for _, e := range group {
			replacement := sarifReplacement{Deleted: sarifSpan(e.File, e.Span)}
			if e.New != "" {
				replacement.Inserted = &sarifText{Text: e.New}
			}
			change.Replacements = append(change.Replacements, replacement)
		}
		out.Changes = append(out.Changes, change)
	}
	return out
}

// shareable reports whether a fix is nothing but edits, and none of them writes
// what may be the value of a variable: a report goes to places where a person's
// .env must not.
func shareable(offer *diagnostics.Fix) bool {
	if len(offer.Edits) == 0 || len(offer.Create)+len(offer.Delete) > 0 || offer.Cursor != nil {
		return false
	}
	for _, group := range fix.ByFile(offer.Edits) {
		file := group[0].File
		changes := make([]text.Edit, len(group))
		for i, e := range group {
			changes[i] = e.Edit
		}
		content, err := text.Apply(file.Content, changes)
		if err != nil {
			return false
		}
		lines := newSourceLines(workspace.NewFile(file.Path, content))
		shift := 0
		for _, e := range changes {
			if hasWord(e.New) && !lines.open(text.Span{Start: e.Start + shift, End: e.Start + shift + len(e.New)}) {
				return false
			}
			shift += len(e.New) - e.Len()
		}
	}
	return true
}

// hasWord reports whether a text holds more than punctuation.
func hasWord(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// open reports whether all lines that a span touches may be shown whole.
func (l *sourceLines) open(span text.Span) bool {
	for n, start := range l.starts {
		end := len(l.file.Content)
		if n+1 < len(l.starts) {
			end = l.starts[n+1]
		}
		if start >= span.End || end <= span.Start {
			continue
		}
		line := string(l.file.Content[start:end])
		if l.mask(n, line) != line {
			return false
		}
	}
	return true
}
