package jinja

type node interface{}
type expr interface{}

// Parse reads a template. It takes time linear in the length of src.
func Parse(src string) *Template { return &Template{Source: src} }
