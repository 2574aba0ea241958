package lsp

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCompletionOfManyNames(t *testing.T) {
	s := newSession(t, shop)
	var calls strings.Builder
	for i := range 3 * completionLimit {
		fmt.Fprintf(&calls, "{{ env_var('MANY_NAMES_%03d', '') }}\n", i)
	}
	s.write("models/many.sql", calls.String())
	s.start(all, nil)
	version := 0
	ask := func(file, content string) (incomplete bool, labels []string) {
		version++
		s.open(file, version, content)
		defer s.close(file)
		var list struct {
			IsIncomplete bool
			Items        []struct{ Label string }
		}
		s.Call("textDocument/completion", map[string]any{
			"textDocument": map[string]any{"uri": s.uri(file)},
			"position":     map[string]int{"line": 0, "character": len(content)},
		}, &list)
		for _, item := range list.Items {
			labels = append(labels, item.Label)
		}
		return list.IsIncomplete, labels
	}
	last := fmt.Sprintf("MANY_NAMES_%03d", 3*completionLimit-1)
	for _, test := range []struct {
		typed string
		least int
		last  bool
	}{
		{"", completionLimit, false},
		{"MANY_NAMES_", completionLimit, false},
		{last, 1, true},
		{last[:len(last)-1], 10, true},
		{strings.ToLower(last), 1, true},
		{"mn599", 1, true},
		{"nowhere", 0, false},
	} {
		for file, content := range map[string]string{"models/new.sql": "{{ env_var('" + test.typed, ".env": test.typed} {
			incomplete, labels := ask(file, content)
			if !incomplete || len(labels) < test.least || len(labels) > completionLimit || slices.Contains(labels, last) != test.last {
				t.Errorf("%s, %q typed: %d names, incomplete %v, %v", file, test.typed, len(labels), incomplete, labels[:min(len(labels), 5)])
			}
		}
	}
	s.Call("shutdown", nil, nil)
	s.drain()
}
