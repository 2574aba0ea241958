// Package docs holds the pages of the rules, so that they can be read without a
// network.
package docs

import "embed"

//go:generate go run ./generate

//go:embed rules/*.md
var pages embed.FS

// address is where the pages of the rules are on the web.
const address = "https://github.com/dbt-hybrid/dbt-hybrid/blob/main/docs/rules/"

// Address returns where the page of a rule is on the web.
func Address(code string) string { return address + code + ".md" }

// Rule returns the page of a rule in Markdown.
func Rule(code string) (string, bool) {
	page, err := pages.ReadFile("rules/" + code + ".md")
	return string(page), err == nil
}
