// Package docs holds the pages of the rules, so that they can be read without a
// network.
package docs

import "embed"

//go:generate go run ./generate

//go:embed rules/*.md
var pages embed.FS

// Rule returns the page of a rule in Markdown.
func Rule(code string) (string, bool) {
	page, err := pages.ReadFile("rules/" + code + ".md")
	return string(page), err == nil
}
