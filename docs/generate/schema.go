package main

import (
	"encoding/json"
	"fmt"

	"github.com/dbt-hybrid/dbt-hybrid/diagnostics"
)

// schemaPath is where the schema of dbt-hybrid.yml is: the extension contributes
// it to editors.
const schemaPath = "extension/dbt-hybrid.schema.json"

// A property is one member of the schema, in the order in which editors offer it.
type property struct {
	name        string
	Type        string   `json:"type,omitempty"`
	Enum        []string `json:"enum,omitempty"`
	Default     string   `json:"default,omitempty"`
	Description string   `json:"description"`
	Items       any      `json:"items,omitempty"`
	Properties  *members `json:"properties,omitempty"`
	Additional  *bool    `json:"additionalProperties,omitempty"`
}

// members are properties as a JSON object that keeps their order.
type members []property

// MarshalJSON writes the properties as one object.
func (m members) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, p := range m {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := json.Marshal(p.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(p)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), value...)
	}
	return append(out, '}'), nil
}

// schema returns the JSON schema of dbt-hybrid.yml (draft 7, which editors know).
func schema() (string, error) {
	no := false
	var rules members
	for _, rule := range diagnostics.Rules() {
		rules = append(rules, property{
			name: rule.Code, Enum: []string{"error", "warning", "info", "hint", "off"}, Default: rule.Severity.String(),
			Description: rule.Title + ".",
		})
	}
	top := members{
		{name: "rules", Type: "object", Description: "The severity of rules, or off.", Properties: &rules, Additional: &no},
		{
			name: "ignore", Type: "array", Items: map[string]string{"type": "string"},
			Description: "Files in which nothing is to be found: patterns as in .gitignore, from the folder of this file.",
		},
		{name: "target", Type: "string", Description: "The target that dbt is run with, as its --target. Settings of editors and flags win."},
		{
			name: "workingDirectory", Type: "string",
			Description: "The folder that dbt is run in, if not the project's, from the folder of this file. Settings of editors and flags win.",
		},
	}
	out, err := json.MarshalIndent(struct {
		Schema     string  `json:"$schema"`
		ID         string  `json:"$id"`
		Title      string  `json:"title"`
		Comment    string  `json:"$comment"`
		Type       string  `json:"type"`
		Properties members `json:"properties"`
		Additional bool    `json:"additionalProperties"`
	}{
		"http://json-schema.org/draft-07/schema#",
		"https://raw.githubusercontent.com/dbt-hybrid/dbt-hybrid/main/" + schemaPath,
		"Configuration of dbt Hybrid", "Generated from the table of rules by `go generate ./...`", "object", top, false,
	}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("schema: %w", err)
	}
	return string(out) + "\n", nil
}
