package lsp

import (
	"maps"
	"slices"
)

// Methods returns the names of the messages that the server takes, sorted.
func Methods() []string {
	return slices.Sorted(maps.Keys(new(Server).methods()))
}
